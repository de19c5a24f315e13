#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/thread_annotations.h"
#include "engine/storage/store.h"
#include "engine/txn/commit_table.h"
#include "engine/txn/serial_order.h"
#include "engine/txn/snapshot_registry.h"
#include "engine/txn/statistics.h"

namespace omen::engine {

/// What a transaction hands over to be committed.
struct CommitRequest {
  std::vector<Xid> xids;  ///< live ones, ascending; none only with `candidate`
  /// Of a serializable transaction: judged in the order of commits.
  std::optional<SerialOrder::Candidate> candidate;
  std::vector<Oid> changed_oids;
  std::vector<std::string> obsolete_garbage;           ///< garbage keys that go with the commit
  std::map<std::uint64_t, RowCountChange> row_counts;  ///< by storage
  std::function<void()> publish;  ///< runs once durable, before the timestamp is published
  bool sync = true;
};

/// Commits in order, in groups: whoever finds nobody at work writes and syncs the records of all
/// who wait.
///
/// R12: durable, all xids marked, published; the caller then releases its locks and acknowledges.
/// R6: a failure to write or sync a commit record ends the process, its outcome being unknown.
/// Records enter the log in commit order (architecture, section 7, rule 6).
///
/// **Threads:** any.
class CommitQueue {
 public:
  CommitQueue(Store& store, CommitTable& table, SnapshotRegistry& snapshots, RowCounts& row_counts)
      : store_(store), table_(table), snapshots_(snapshots), row_counts_(row_counts) {}

  /// Returns when the request is published. False if it is refused: then nothing was done.
  [[nodiscard]] bool commit(CommitRequest& request) OMEN_EXCLUDES(mutex_);
  /// See SerialOrder::last_pivot().
  [[nodiscard]] Timestamp last_pivot() const { return serial_order_.last_pivot(); }

 private:
  struct Waiter {
    CommitRequest* request;
    bool done = false;
    bool leads = false;  ///< it is his turn to commit all who wait
    bool refused = false;
    std::condition_variable_any changed;
  };
  /// Those with something to write whom the serial order admits; the others are done.
  std::vector<Waiter*> judge(const std::vector<Waiter*>& group);
  void commit_group(const std::vector<Waiter*>& group);
  void put_row_counts(const std::vector<Waiter*>& group, Batch& batch);

  Store& store_;
  CommitTable& table_;
  SnapshotRegistry& snapshots_;
  RowCounts& row_counts_;
  SerialOrder serial_order_;  ///< of who leads
  Mutex mutex_;
  bool busy_ OMEN_GUARDED_BY(mutex_) = false;
  std::vector<Waiter*> waiting_ OMEN_GUARDED_BY(mutex_);
};

}  // namespace omen::engine
