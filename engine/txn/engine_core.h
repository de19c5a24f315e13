#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "engine/base/thread_annotations.h"
#include "engine/catalog/catalog_snapshot.h"
#include "engine/storage/store.h"
#include "engine/txn/active_transactions.h"
#include "engine/txn/commit_queue.h"
#include "engine/txn/commit_table.h"
#include "engine/txn/exported_snapshots.h"
#include "engine/txn/id_allocator.h"
#include "engine/txn/index_builds.h"
#include "engine/txn/lock_table.h"
#include "engine/txn/row_locks.h"
#include "engine/txn/sequence_table.h"
#include "engine/txn/serial_writers.h"
#include "engine/txn/snapshot_registry.h"
#include "engine/txn/statistics.h"
#include "engine/txn/vector_registry.h"
#include "engine/txn/wait_graph.h"

namespace omen::engine {

/// Rows of the catalog's own storage are catalog entries (catalog/entry_format.h), by oid.
constexpr std::uint64_t kCatalogStorageId = 1;
constexpr std::uint64_t kFirstStorageId = 16;
/// What the engine itself wrote at creation bears this xid, committed for everybody.
constexpr Xid kBootstrapXid = 1;
constexpr Xid kFirstXid = 2;

/// The newest committed catalog. **Threads:** any.
class PublishedCatalog {
 public:
  [[nodiscard]] CatalogSnapshotPtr get() const OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return current_;
  }
  void apply(std::span<const CatalogChange> changes) OMEN_EXCLUDES(mutex_) {
    const CatalogSnapshotPtr base = get();
    const std::uint64_t version = base == nullptr ? 1 : base->version() + 1;
    auto next = std::make_shared<const CatalogSnapshot>(base.get(), changes, version);
    const MutexLock lock(mutex_);
    current_ = std::move(next);
  }

 private:
  mutable Mutex mutex_;
  CatalogSnapshotPtr current_ OMEN_GUARDED_BY(mutex_);
};

/// What all transactions of one engine share. Every member is thread-safe.
struct EngineCore {
  explicit EngineCore(std::unique_ptr<Store> opened) : store(std::move(opened)) {}

  std::unique_ptr<Store> store;
  CommitTable commits;
  SnapshotRegistry snapshots;
  ExportedSnapshots exported{snapshots};
  std::atomic<std::uint64_t> exported_count{0};
  WaitGraph waits;
  LockTable locks{waits};
  RowLocks row_locks;
  SerialWriters serial_writers;
  KeyLatches key_latches;
  IdAllocator xids{"next_xid", kFirstXid, 65536};
  IdAllocator row_ids{"next_row_id", 1, 1 << 20};
  IdAllocator oids{"next_oid", kFirstUserOid, 64};
  IdAllocator storage_ids{"next_storage_id", kFirstStorageId, 64};
  ActiveTransactions active{*store, xids, commits};
  RowCounts row_counts;
  IndexUses index_uses;
  IndexBuilds index_builds;
  CommitQueue commit_queue{*store, commits, snapshots, row_counts};
  PublishedCatalog catalog;
  VectorRegistry vectors{*store, commits, active};
  SequenceTable sequences{*store};
  std::atomic<std::uint64_t> overlay_versions{0};
};

}  // namespace omen::engine
