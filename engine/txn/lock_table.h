#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/api/engine.h"
#include "engine/base/thread_annotations.h"
#include "engine/txn/wait_graph.h"

namespace omen::engine {

/// What is locked: a table (or another catalog object) by oid, a name of the catalog, what clients
/// mean by a key of theirs, or the first place among those who wait for a row.
struct LockTag {
  enum class Kind : std::uint8_t { Table, Object, Name, Advisory, AdvisoryPair, Row };
  Kind kind = Kind::Table;
  std::uint64_t oid = 0;
  std::string name;
  RowId row_id = 0;
  friend bool operator==(const LockTag&, const LockTag&) = default;
};

struct LockTagHash {
  std::size_t operator()(const LockTag& tag) const;
};

/// The locks a transaction holds, in the order taken. Belongs to its transaction's thread.
class HeldLocks {
 public:
  [[nodiscard]] std::size_t count() const { return locks_.size(); }

 private:
  friend class LockTable;
  struct Held {
    LockTag tag;
    TableLock mode;
  };
  [[nodiscard]] bool holds(const LockTag& tag, TableLock mode) const;
  std::vector<Held> locks_;
};

/// Heavyweight locks in PostgreSQL's eight modes, granted in order of arrival.
///
/// **Threads:** any.
/// **Invariants:**
/// 1. No two transactions hold conflicting modes of one tag (a session and its transaction count as
///    one).
/// 2. A request waits for earlier conflicting requests too, unless its transaction already holds a
///    lock on the tag (an upgrade may not wait for those who wait for it).
class LockTable {
 public:
  explicit LockTable(WaitGraph& waits) : waits_(waits) {}

  Status lock(const TransactionStatePtr& owner, HeldLocks& held, LockTag tag, TableLock mode,
              const WaitLimit& limit) OMEN_EXCLUDES(mutex_);
  /// False if the lock is not free.
  bool try_lock(const TransactionStatePtr& owner, HeldLocks& held, LockTag tag, TableLock mode)
      OMEN_EXCLUDES(mutex_);
  void release_one(const TransactionStatePtr& owner, HeldLocks& held, const LockTag& tag,
                   TableLock mode) OMEN_EXCLUDES(mutex_);
  /// Releases all but the first `keep_count` of the held locks.
  void release(const TransactionStatePtr& owner, HeldLocks& held, std::size_t keep_count)
      OMEN_EXCLUDES(mutex_);
  /// For views: tables, rows and advisory keys.
  [[nodiscard]] std::vector<LockInfo> locks() OMEN_EXCLUDES(mutex_);

 private:
  struct Request {
    TransactionStatePtr owner;
    TableLock mode;
    bool granted;
  };
  using Queue = std::list<Request>;

  /// Enters a request at the end of its tag's queue, granted if nothing stands in the way.
  Queue::iterator enter(const TransactionStatePtr& owner, const LockTag& tag, TableLock mode)
      OMEN_REQUIRES(mutex_);
  void leave(const LockTag& tag, Queue::iterator request) OMEN_REQUIRES(mutex_);
  void drop_granted(const TransactionStatePtr& owner, const LockTag& tag, TableLock mode)
      OMEN_REQUIRES(mutex_);

  Status wait(const TransactionStatePtr& owner, const LockTag& tag, Queue::iterator request,
              const WaitLimit& limit) OMEN_EXCLUDES(mutex_);
  std::vector<Blocker> blockers_of(const Queue& queue, const Request& request) const
      OMEN_REQUIRES(mutex_);

  WaitGraph& waits_;
  Mutex mutex_;
  std::unordered_map<LockTag, Queue, LockTagHash> queues_ OMEN_GUARDED_BY(mutex_);
};

}  // namespace omen::engine
