#pragma once

#include <set>
#include <utility>

#include "engine/base/thread_annotations.h"
#include "engine/storage/keys.h"
#include "engine/txn/engine_core.h"

namespace omen::engine {

/// Removes what no snapshot sees any more. Work is proportional to garbage: it follows the records
/// that writers left, never scans tables.
///
/// - A superseded row loses its versions older than the newest one that every snapshot sees, and
///   all aborted versions. R11: a wide value goes with the last version that refers to it, in the
///   same batch; a tombstone with or after all older versions. R10: an index entry goes when no
///   version that stays has its key.
/// - Rows in ranges announced by aborted transactions likewise.
/// - Storages dropped by old commits, or made by aborted transactions, are erased (R13).
///
/// R3: an xid's outcome leaves the commit table only once the xid's garbage is gone and so is every
/// snapshot older than that; the new horizon is stored in the batch that drops the commit records.
///
/// **Threads:** any; one pass runs at a time.
class Vacuum {
 public:
  explicit Vacuum(EngineCore& core) : core_(core) {}

  /// One pass. `storage_id` 0: everything, and the horizon moves on; else rows of that storage.
  Status run(std::uint64_t storage_id, const CancelToken& cancel) OMEN_EXCLUDES(mutex_);
  /// Counts the dead rows that writers with xids below `end` left; once, before the first pass.
  Status count_dead_rows(Xid end, const CancelToken& cancel) OMEN_EXCLUDES(mutex_);
  /// Another pass has something to do even if nothing was written since.
  [[nodiscard]] bool is_unfinished() OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return unfinished_;
  }

 private:
  /// What a pass knows from its start on: later garbage waits for the next.
  struct Pass {
    Timestamp oldest = 0;  ///< every snapshot is at or above
    std::uint64_t storage_id = 0;
    Xid unfinished = 0;  ///< lowest xid whose garbage had to stay
    /// Rows vacuumed in this pass: whatever else committed before its start superseded on them is
    /// gone as well. Emptied when it grows large.
    std::set<std::pair<std::uint64_t, RowId>> done;
  };

  Status consume(Pass& pass, const GarbageRecord& record, std::string_view value,
                 const CancelToken& cancel) OMEN_REQUIRES(mutex_);
  Status consume_range(const Pass& pass, const TableAccess* access, const GarbageRecord& record,
                       std::uint64_t count, const CancelToken& cancel);
  Status forget(const GarbageRecord& record);
  /// All garbage that there may be: what lies below the horizon is gone (R3).
  [[nodiscard]] StoreIterator garbage(Xid end) const;
  Status erase_storage(const GarbageRecord& record);
  Status advance_horizon(const Pass& pass, const CancelToken& cancel) OMEN_REQUIRES(mutex_);
  Status store_horizon(Xid horizon);

  EngineCore& core_;
  Mutex mutex_;
  bool unfinished_ OMEN_GUARDED_BY(mutex_) = false;
  Xid next_horizon_ OMEN_GUARDED_BY(mutex_) = 0;          ///< clean below, waiting for
  std::uint64_t next_epoch_ OMEN_GUARDED_BY(mutex_) = 0;  ///< the end of this epoch
};

/// Stored under "horizon" in the meta family: horizon be64, newest commit timestamp be64.
constexpr std::string_view kHorizonKey = "horizon";

}  // namespace omen::engine
