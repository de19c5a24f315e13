#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/txn/commit_table.h"

namespace omen::engine {

/// What serializable transactions read or write, told apart by hash: tables, and keys of ordered
/// indexes. Things that share a slot count as one, which can only refuse more than need be.
struct SerialSlots {
  static constexpr std::size_t kCount = std::size_t{1} << 16;
  static std::uint32_t of_table(std::uint64_t storage_id);
  /// `index_key` begins with the index's storage id.
  static std::uint32_t of_key(std::string_view index_key);
};

/// A set of slots, of bounded size whatever the transaction does. Not thread-safe.
class SlotSet {
 public:
  void add(std::uint32_t slot);
  [[nodiscard]] const std::vector<std::uint32_t>& slots() const { return slots_; }

 private:
  std::vector<bool> present_;
  std::vector<std::uint32_t> slots_;
};

/// Decides which serializable transactions may commit, so that those that do are equivalent to some
/// serial order (Cahill, Roehm, Fekete, "Serializable isolation for snapshot databases", 2008).
///
/// Each of them reads from one snapshot, so a cycle among the committed needs two successive
/// read-write conflicts T1 -> T2 -> T3 between concurrent transactions (T1 read what T2 replaced,
/// T2 what T3 replaced) with T3 the first of the three to commit. That is looked for at every
/// commit:
/// 1. as T2: something written here was read by a concurrent T1 that has committed, and something
///    read here was replaced by a concurrent T3 that has;
/// 2. as T1: something read here was replaced by a concurrent T2 that had a conflict with a T3
///    committed before it.
/// A conflict with a transaction that has not committed is seen by that one, later. Concurrent
/// means committed after the own snapshot; slots keep the latest commit of each kind, so it
/// suffices to compare that.
///
/// Only serializable transactions take part, as in PostgreSQL: no promise is made about others.
///
/// **Threads:** one at a time, in the order of commits: the commit queue's leader.
class SerialOrder {
 public:
  struct Candidate {
    const SlotSet* reads;
    const SlotSet* writes;
    Timestamp snapshot;
  };
  /// Whether the transaction may commit as `commit`, or, if it wrote nothing, before that.
  bool admit(const Candidate& candidate, Timestamp commit);
  /// Last commit of a writer in conflict with one committed before it. From any thread.
  [[nodiscard]] Timestamp last_pivot() const { return last_pivot_.load(std::memory_order_acquire); }

 private:
  struct Slot {
    Timestamp read = 0;              ///< last commit of a reader,
    Timestamp written = 0;           ///< of a writer,
    Timestamp written_by_pivot = 0;  ///< of a writer in conflict with one committed before it
  };
  std::atomic<Timestamp> last_pivot_{0};
  std::vector<Slot> slots_;  ///< empty until the first serializable transaction commits
};

}  // namespace omen::engine
