#include <utility>

#include "engine/base/assert.h"
#include "engine/index/index_keys.h"
#include "engine/txn/local_statement.h"
#include "engine/txn/local_transaction.h"

namespace omen::engine {
namespace {

constexpr std::size_t kBatchBytesMax = std::size_t{1} << 20;
constexpr std::size_t kRowsPerCancelCheck = 1024;

/// Writes entries for every version that some snapshot may see, so that older snapshots may use the
/// index as well. A version has an entry if its key differs from that of the version below it
/// (R10).
class BtreeFill {
 public:
  BtreeFill(EngineCore& core, const TableAccess& access, const BtreeAccess& btree,
            IndexBuilds::Build& progress, const CancelToken& cancel)
      : core_(core),
        access_(access),
        btree_(btree),
        progress_(progress),
        cancel_(cancel),
        batch_(*core.store, WriteKind::Data) {}

  Status run() {
    const std::uint64_t storage_id = access_.table->storage_id;
    StoreIterator rows = core_.store->range(Family::Rows, be64_key(storage_id + 1), false);
    RowId row_id = 0;
    std::size_t count = 0;
    std::uint64_t row_count = 0;
    for (rows.seek(be64_key(storage_id)); rows.valid(); rows.next()) {
      if (++count % kRowsPerCancelCheck == 0) {
        OMEN_TRY(cancel_.check());
        progress_.add(std::exchange(row_count, 0));
      }
      const Xid xid = xid_of(rows.key());
      if (row_of(rows.key()) != row_id) {
        ++row_count;
        OMEN_TRY(flush_entry(row_id));
        row_id = row_of(rows.key());
      }
      if (core_.commits.get(xid) == kAborted || is_tombstone(rows.value())) {
        continue;
      }
      OMEN_ASSIGN(const RowView view, RowView::parse(access_.layout, rows.value()));
      key_.clear();
      OMEN_ASSIGN(const bool has_null,
                  append_index_key(key_, *core_.store, btree_, access_, row_id, view));
      static_cast<void>(has_null);
      if (key_ != pending_key_) {
        OMEN_TRY(flush_entry(row_id));
        pending_key_ = key_;
      }
      pending_xid_ = xid;
    }
    OMEN_TRY(rows.status());
    OMEN_TRY(flush_entry(row_id));
    return write();
  }

 private:
  Status flush_entry(RowId row_id) {
    if (pending_key_.empty()) {
      return {};
    }
    append_entry_suffix(pending_key_, row_id, pending_xid_);
    batch_.put(Family::Index, pending_key_, {});
    pending_key_.clear();
    if (batch_.size_bytes() >= kBatchBytesMax) {
      OMEN_TRY(write());
      batch_.clear();
    }
    return {};
  }

  Status write() {
    for (int refusals = 0;; ++refusals) {
      OMEN_TRY(core_.store->wait_for_room(cancel_, refusals));
      OMEN_ASSIGN(const bool written, core_.store->try_write(batch_));
      if (written) {
        return {};
      }
    }
  }

  EngineCore& core_;
  const TableAccess& access_;
  const BtreeAccess& btree_;
  IndexBuilds::Build& progress_;
  const CancelToken& cancel_;
  Batch batch_;
  std::string key_;
  std::string pending_key_;  ///< of the newer versions seen of this row, the oldest being
  Xid pending_xid_ = 0;      ///< this one
};

}  // namespace

Status fill_btree(EngineCore& core, const TableAccess& access, const BtreeAccess& btree,
                  IndexBuilds::Build& progress, const CancelToken& cancel) {
  progress.begin(IndexPhase::Loading);
  return BtreeFill(core, access, btree, progress, cancel).run();
}

// Entries of equal keys are neighbours: rows are looked up only where two rows share a key.
Result<std::optional<UniqueConflict>> LocalStatement::find_duplicate(const TableAccess& access,
                                                                     const BtreeAccess& btree) {
  StoreIterator entries =
      core_.store->range(Family::Index, be64_key(btree.index->storage_id + 1), false);
  std::string run_key;
  RowId run_row_id = 0;       // the row of the run's last entry
  bool run_checked = false;   // that row was looked up
  bool run_has_live = false;  // one of the rows looked up has the key
  std::size_t count = 0;
  for (entries.seek(be64_key(btree.index->storage_id)); entries.valid(); entries.next()) {
    if (++count % kRowsPerCancelCheck == 0) {
      OMEN_TRY(cancel_.check());
    }
    const EntryName entry = parse_entry(entries.key());
    if (entry.index_key != run_key) {
      run_key = entry.index_key;
      run_row_id = entry.row_id;
      run_checked = false;
      run_has_live = false;
      continue;
    }
    if (entry.row_id == run_row_id) {
      continue;
    }
    if (!run_checked) {
      OMEN_ASSIGN(const Xid first, live_with_key(access, btree, run_row_id, run_key));
      run_has_live = first != 0;
      run_checked = true;
    }
    run_row_id = entry.row_id;
    OMEN_ASSIGN(const Xid xid, live_with_key(access, btree, entry.row_id, run_key));
    if (xid != 0 && run_has_live) {
      return std::optional(UniqueConflict{btree.index->oid, entry.row_id, xid, false, true});
    }
    run_has_live = run_has_live || xid != 0;
  }
  OMEN_TRY(entries.status());
  return std::optional<UniqueConflict>();
}

Result<Xid> LocalStatement::live_with_key(const TableAccess& access, const BtreeAccess& btree,
                                          RowId row_id, std::string_view index_key) {
  OMEN_ASSIGN(const std::optional<Version> version, newest_live(access.table->storage_id, row_id));
  if (!version.has_value()) {
    return Xid{0};
  }
  OMEN_ASSIGN(const RowView view, RowView::parse(access.layout, version->bytes));
  std::string key;
  OMEN_ASSIGN(const bool has_null,
              append_index_key(key, *core_.store, btree, access, row_id, view));
  return has_null || key != index_key ? Xid{0} : version->xid;
}

Result<std::optional<Version>> LocalStatement::newest_live(std::uint64_t storage_id, RowId row_id) {
  for (newest_.first(storage_id, row_id); newest_.valid(); newest_.next()) {
    const Version version = newest_.version();
    if (core_.commits.get(version.xid) != kAborted) {
      return is_tombstone(version.bytes) ? std::optional<Version>() : std::optional(version);
    }
  }
  OMEN_TRY(newest_.status());
  return std::optional<Version>();
}

Status LocalTransaction::create_index(Index index, CancelToken& cancel,
                                      std::optional<UniqueConflict>& conflict) {
  conflict.reset();
  const Oid index_oid = index.oid;
  const Oid table_oid = index.table_oid;
  OMEN_TRY(lock_table(table_oid, TableLock::Share, cancel));
  OMEN_TRY(put(std::move(index), cancel));
  // Registered, so that vacuum leaves alone what the statement reads.
  OMEN_ASSIGN(const std::unique_ptr<Statement> base, begin_statement(cancel));
  auto& statement = static_cast<LocalStatement&>(*base);
  OMEN_ASSIGN(const TableAccessPtr access, statement.access(table_oid));
  const RowCountChange rows = core_.row_counts.get(access->table->storage_id);
  IndexBuilds::Build progress(core_.index_builds, *catalog_snapshot()->get<Index>(index_oid),
                              static_cast<std::uint64_t>(rows.live));
  if (const VectorAccess* vector = access->vector(index_oid); vector != nullptr) {
    const AttachedVectorIndexPtr attached = core_.vectors.find(vector->index->storage_id);
    OMEN_ASSERT(attached != nullptr, "put attaches a new vector index");
    return core_.vectors.build(attached, *access, *vector, progress, cancel);
  }
  const BtreeAccess* btree = access->btree(index_oid);
  OMEN_ASSERT(btree != nullptr, "an index just put is in the catalog");
  OMEN_TRY(fill_btree(core_, *access, *btree, progress, cancel));
  if (btree->index->unique) {
    progress.begin(IndexPhase::Checking);
    OMEN_ASSIGN(conflict, statement.find_duplicate(*access, *btree));
  }
  return {};
}

}  // namespace omen::engine
