#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/api/transaction.h"
#include "engine/base/thread_annotations.h"
#include "engine/base/types.h"
#include "engine/txn/wait_graph.h"

namespace omen::engine {

/// Names a row for latching and locking.
struct RowName {
  std::uint64_t storage_id = 0;
  RowId row_id = 0;
  friend bool operator==(const RowName&, const RowName&) = default;
};

struct RowNameHash {
  std::size_t operator()(const RowName& row) const {
    std::uint64_t hash = row.storage_id * 0x9e3779b97f4a7c15ULL ^ row.row_id;
    hash *= 0xff51afd7ed558ccdULL;
    return hash ^ (hash >> 32);
  }
};

/// A row lock a transaction holds, to be released at its end.
struct HeldRowLock {
  RowName row;
  RowLockStrength strength = RowLockStrength::Update;
};

/// PostgreSQL's table 13.3.
constexpr bool row_locks_conflict(RowLockStrength a, RowLockStrength b) {
  using enum RowLockStrength;
  const RowLockStrength weaker = a < b ? a : b;
  const RowLockStrength stronger = a < b ? b : a;
  return weaker == KeyShare ? stronger == Update : stronger >= NoKeyUpdate;
}

/// Latches over rows by stripe, and with each the explicit locks (SELECT FOR UPDATE / SHARE) of its
/// rows. R2: read-newest, lock check, decision and Put happen under the row's latch; nobody waits
/// under one.
class RowLocks {
 public:
  struct Holder {
    TransactionStatePtr owner;
    RowLockStrength strength = RowLockStrength::Update;
  };
  class Stripe {
   public:
    Mutex latch;

    /// Adds whoever but `self` holds a lock on the row that conflicts with the wanted one.
    void blockers(const RowName& row, RowLockStrength wanted, const TransactionState& self,
                  std::vector<Blocker>& out) const OMEN_REQUIRES(latch) {
      const auto found = locks_.find(row);
      if (found == locks_.end()) {
        return;
      }
      for (const Holder& holder : found->second) {
        if (holder.owner.get() != &self && row_locks_conflict(holder.strength, wanted)) {
          out.push_back({holder.owner, holder.owner->generation()});
        }
      }
    }
    /// True if the lock is new to its owner.
    bool add(const RowName& row, const TransactionStatePtr& owner, RowLockStrength strength)
        OMEN_REQUIRES(latch) {
      std::vector<Holder>& holders = locks_[row];
      for (const Holder& holder : holders) {
        if (holder.owner == owner && holder.strength >= strength) {
          return false;
        }
      }
      holders.push_back({owner, strength});
      return true;
    }
    /// Whether `self` holds a lock of any strength.
    [[nodiscard]] bool holds(const RowName& row, const TransactionState& self) const
        OMEN_REQUIRES(latch) {
      const auto found = locks_.find(row);
      return found != locks_.end() &&
             std::any_of(found->second.begin(), found->second.end(),
                         [&](const Holder& holder) { return holder.owner.get() == &self; });
    }
    void remove(const HeldRowLock& lock, const TransactionState& owner) OMEN_REQUIRES(latch) {
      const auto found = locks_.find(lock.row);
      if (found == locks_.end()) {
        return;
      }
      std::vector<Holder>& holders = found->second;
      for (auto holder = holders.begin(); holder != holders.end(); ++holder) {
        if (holder->owner.get() == &owner && holder->strength == lock.strength) {
          holders.erase(holder);
          break;
        }
      }
      if (holders.empty()) {
        locks_.erase(found);
      }
    }

   private:
    std::unordered_map<RowName, std::vector<Holder>, RowNameHash> locks_ OMEN_GUARDED_BY(latch);
  };

  Stripe& stripe(const RowName& row) { return stripes_[RowNameHash()(row) % kStripeCount]; }

 private:
  static constexpr std::size_t kStripeCount = 1024;
  std::array<Stripe, kStripeCount> stripes_;
};

/// Latches over unique keys by stripe: held from the check until the Put (R10). Several are taken
/// in ascending order of stripe, after the row latch if any.
class KeyLatches {
 public:
  static constexpr std::size_t kStripeCount = 1024;
  static std::uint32_t stripe_of(std::string_view index_key) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>()(index_key) % kStripeCount);
  }

  /// Holds the latches of some stripes for a scope; the list is sorted and made unique.
  class Guard {
   public:
    Guard(KeyLatches& latches, std::vector<std::uint32_t>& stripes) OMEN_NO_THREAD_ANALYSIS;
    ~Guard() OMEN_NO_THREAD_ANALYSIS;
    Guard(const Guard&) = delete;

   private:
    KeyLatches& latches_;
    const std::vector<std::uint32_t>& stripes_;
  };

 private:
  std::array<Mutex, kStripeCount> latches_;
};

}  // namespace omen::engine
