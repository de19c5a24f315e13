#include "engine/txn/local_engine.h"

#include "engine/catalog/entry_format.h"
#include "engine/storage/row_format.h"
#include "engine/txn/commit_record.h"
#include "engine/txn/local_transaction.h"
#include "engine/txn/session_locks.h"

namespace omen::engine {
namespace {

Status damaged(const char* what) {
  return {StatusCode::Corruption, std::string("stored ") + what + " is damaged"};
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options) {
  OMEN_ASSIGN(std::unique_ptr<LocalEngine> engine, LocalEngine::open(options));
  return std::unique_ptr<Engine>(std::move(engine));
}

Result<std::unique_ptr<LocalEngine>> LocalEngine::open(const EngineOptions& options) {
  auto engine = std::unique_ptr<LocalEngine>(new LocalEngine());
  OMEN_ASSIGN(engine->directory_, DataDirectory::open(options.data_directory));
  StoreOptions store_options;
  store_options.directory = engine->directory_.path() / "store";
  store_options.block_cache_bytes = options.block_cache_bytes;
  store_options.memtable_bytes = options.memtable_bytes;
  store_options.background_threads = options.background_threads;
  OMEN_ASSIGN(std::unique_ptr<Store> store, Store::open(store_options));
  engine->core_ = std::make_unique<EngineCore>(std::move(store));
  OMEN_TRY(engine->recover());
  engine->vacuum_ = std::make_unique<Vacuum>(*engine->core_);
  engine->maintenance_ = std::make_unique<Maintenance>(*engine->core_, *engine->vacuum_);
  return engine;
}

LocalEngine::~LocalEngine() {
  if (core_ == nullptr) {
    return;
  }
  // A clean stop; failures cost time at the next start, not data.
  maintenance_.reset();
  static_cast<void>(core_->sequences.save());
  static_cast<void>(core_->store->sync());
}

Status LocalEngine::recover() {
  OMEN_TRY(core_->xids.load(*core_->store));
  OMEN_TRY(core_->row_ids.load(*core_->store));
  OMEN_TRY(core_->oids.load(*core_->store));
  OMEN_TRY(core_->storage_ids.load(*core_->store));
  OMEN_TRY(load_outcomes());
  OMEN_TRY(load_catalog());
  OMEN_TRY(load_row_counts());
  return open_vector_indexes();
}

// Between the horizon and the reservation, an xid without a commit record is aborted: either its
// transaction died with the process, or it was never used.
Status LocalEngine::load_outcomes() {
  Xid horizon = kFirstXid;
  Timestamp newest = kOldTimestamp;
  std::string value;
  OMEN_ASSIGN(const bool found, core_->store->get(Family::Meta, kHorizonKey, value));
  if (found) {
    if (value.size() != 16) {
      return damaged("horizon");
    }
    horizon = load_be64(value.data());
    newest = load_be64(value.data() + 8);
  }
  core_->commits.set_horizon(horizon);
  for (Xid xid = horizon; xid < core_->xids.next(); ++xid) {
    OMEN_TRY(core_->commits.begin(xid));
    core_->commits.set(xid, kAborted);
  }
  StoreIterator records = core_->store->range(Family::Commits);
  for (records.seek_to_first(); records.valid(); records.next()) {
    const std::optional<CommitRecord> record = decode_commit_record(records.value());
    if (records.key().size() != 8 || !record.has_value()) {
      return damaged("commit record");
    }
    newest = std::max(newest, record->timestamp);
    std::vector<Xid> xids = record->other_xids;
    xids.push_back(load_be64(records.key().data()));
    for (const Xid xid : xids) {
      if (xid >= core_->xids.next()) {
        return damaged("commit record");
      }
      if (xid >= horizon) {
        core_->commits.set(xid, record->timestamp);
      }
    }
  }
  OMEN_TRY(records.status());
  core_->snapshots.publish(newest);
  return {};
}

Status LocalEngine::load_catalog() {
  static const PhysicalType kTypes[] = {PhysicalType::Bytes};
  const RowLayout layout(kTypes);
  std::vector<CatalogChange> entries;
  StoreIterator rows = core_->store->range(Family::Rows, be64_key(kCatalogStorageId + 1));
  RowId done = 0;
  for (rows.seek(be64_key(kCatalogStorageId)); rows.valid(); rows.next()) {
    const RowId oid = row_of(rows.key());
    if (oid == done || core_->commits.get(xid_of(rows.key())) == kAborted) {
      continue;
    }
    done = oid;
    OMEN_ASSIGN(const RowView view, RowView::parse(layout, rows.value()));
    if (!view.is_tombstone()) {
      OMEN_ASSIGN(CatalogEntry entry, decode_entry(view.datum(0).bytes));
      entries.push_back(
          {static_cast<Oid>(oid), std::make_shared<const CatalogEntry>(std::move(entry))});
    }
  }
  OMEN_TRY(rows.status());
  if (done == 0) {
    return bootstrap();
  }
  core_->catalog.apply(entries);
  return {};
}

Status LocalEngine::load_row_counts() {
  const std::string end = prefix_end(kRowCountPrefix);
  StoreIterator counts = core_->store->range(Family::Meta, end);
  for (counts.seek(kRowCountPrefix); counts.valid(); counts.next()) {
    if (counts.key().size() != kRowCountPrefix.size() + 8 || counts.value().size() != 8) {
      return damaged("row count");
    }
    static_cast<void>(
        core_->row_counts.add(load_be64(counts.key().data() + kRowCountPrefix.size()),
                              {static_cast<std::int64_t>(load_be64(counts.value().data())), 0}));
  }
  return counts.status();
}

Status LocalEngine::open_vector_indexes() {
  core_->vectors.set_directory(directory_.path() / "vectors");
  const CatalogSnapshotPtr catalog = core_->catalog.get();
  for (const CatalogEntry* entry : catalog->entries()) {
    if (!std::holds_alternative<Table>(*entry)) {
      continue;
    }
    const TableAccessPtr access = catalog->access(entry_oid(*entry));
    for (const VectorAccess& vector : access->vectors) {
      OMEN_TRY(core_->vectors.open(*access, vector));
    }
  }
  core_->vectors.erase_strangers();
  return {};
}

Status LocalEngine::bootstrap() {
  static const PhysicalType kTypes[] = {PhysicalType::Bytes};
  const RowLayout layout(kTypes);
  const CatalogEntry initial[] = {
      Schema{kPublicSchemaOid, "public"},
      Role{kBootstrapRoleOid, "postgres", true, true, ""},
  };
  Batch batch(*core_->store, WriteKind::Data);
  std::vector<CatalogChange> changes;
  RowBuilder builder(layout);
  for (const CatalogEntry& entry : initial) {
    const std::string bytes = encode_entry(entry);
    Datum datum;
    datum.null = false;
    datum.bytes = bytes;
    builder.begin();
    builder.set(0, datum);
    batch.put(Family::Rows, row_key(kCatalogStorageId, entry_oid(entry), kBootstrapXid),
              builder.finish());
    changes.push_back({entry_oid(entry), std::make_shared<const CatalogEntry>(entry)});
  }
  OMEN_TRY(core_->store->write(batch));
  OMEN_TRY(core_->store->sync());
  core_->catalog.apply(changes);
  return {};
}

std::unique_ptr<Transaction> LocalEngine::begin(const TransactionOptions& options) {
  return std::make_unique<LocalTransaction>(*core_, options);
}

std::shared_ptr<SessionLocks> LocalEngine::make_session_locks(std::int32_t process_id) {
  return std::make_shared<LocalSessionLocks>(*core_, process_id);
}

std::vector<LockInfo> LocalEngine::locks() const {
  std::vector<LockInfo> locks = core_->locks.locks();
  for (const ActiveTransactions::Owned& owned : core_->active.all()) {
    locks.push_back({LockInfo::Kind::Transaction, owned.xid, TableLock::Exclusive,
                     owned.owner->process_id(), true});
  }
  for (const WaitGraph::TransactionWait& wait : core_->waits.transaction_waits()) {
    locks.push_back(
        {LockInfo::Kind::Transaction, wait.xid, TableLock::Share, wait.process_id, false});
  }
  return locks;
}

TableStatistics LocalEngine::table_statistics(Oid table_oid) const {
  TableStatistics statistics;
  const TableAccessPtr access = core_->catalog.get()->access(table_oid);
  if (access == nullptr) {
    return statistics;
  }
  const std::uint64_t storage_id = access->table->storage_id;
  const RowCountChange counts = core_->row_counts.get(storage_id);
  statistics.live_rows = static_cast<double>(counts.live);
  statistics.dead_rows = static_cast<double>(counts.dead);
  const auto first = be64_key(storage_id);
  const auto last = be64_key(storage_id + 1);
  statistics.size_bytes = core_->store->size_bytes(Family::Rows, first, last) +
                          core_->store->size_bytes(Family::Wide, first, last);
  return statistics;
}

IndexStatistics LocalEngine::index_statistics(Oid index_oid) const {
  IndexStatistics statistics;
  const CatalogSnapshotPtr catalog = core_->catalog.get();
  if (const Index* index = catalog->get<Index>(index_oid); index != nullptr) {
    const std::shared_ptr<const IndexUse> use = core_->index_uses.of(index->storage_id);
    statistics.scans = use->scans.load(std::memory_order_relaxed);
    statistics.rows_read = use->rows_read.load(std::memory_order_relaxed);
    const AttachedVectorIndexPtr attached = core_->vectors.find(index->storage_id);
    if (attached == nullptr) {
      statistics.size_bytes = core_->store->size_bytes(Family::Index, be64_key(index->storage_id),
                                                       be64_key(index->storage_id + 1));
      return statistics;
    }
    const std::shared_lock gate(attached->gate);
    if (attached->index != nullptr) {
      // Its checkpoints hold what it has in memory.
      const VectorIndexStatistics vectors = attached->index->statistics();
      statistics.size_bytes = vectors.memory_bytes + vectors.file_bytes;
    }
  }
  return statistics;
}

std::optional<VectorIndexReport> LocalEngine::vector_index_report(const Index& index) const {
  const AttachedVectorIndexPtr attached = core_->vectors.find(index.storage_id);
  if (attached == nullptr) {
    return std::nullopt;
  }
  VectorIndexReport report;
  std::shared_ptr<VectorIndex> vectors;
  {
    const std::shared_lock gate(attached->gate);
    report.ready = attached->ready;
    vectors = attached->index;
  }
  if (vectors == nullptr) {
    return report;
  }
  const VectorIndexStatistics statistics = vectors->statistics();
  report.phase = index_phase(vectors->progress().phase);
  report.entries = statistics.slots;
  report.nodes = statistics.nodes;
  report.tail = statistics.tail;
  report.coarse = statistics.coarse;
  report.tombstones = statistics.tombstones;
  report.free_slots = statistics.free_slots;
  report.unreachable = statistics.unreachable;
  report.block_bytes = statistics.bytes.blocks;
  report.slot_bytes = statistics.bytes.slots;
  report.upper_list_bytes = statistics.bytes.upper_lists;
  report.row_map_bytes = statistics.bytes.row_map;
  report.required_bytes = statistics.bytes.required();
  report.evictable_bytes = statistics.bytes.vector_file;
  for (std::size_t i = 0; i < statistics.calibration.size(); ++i) {
    if (statistics.calibration[i] > 0) {
      report.calibration.push_back({kCalibrationPools[i], statistics.calibration[i]});
    }
  }
  report.generation = statistics.generation;
  report.checkpoint_cursor = statistics.checkpoint_cursor;
  report.checkpoint_bytes = statistics.checkpoint_bytes;
  const std::uint64_t unsaved = attached->unsaved_bytes.load(std::memory_order_relaxed);
  report.unsaved_bytes =
      unsaved < kUnsaved ? unsaved : unsaved - kUnsaved + statistics.bytes.vector_file;
  return report;
}

Status LocalEngine::vacuum(Oid table_oid, CancelToken& cancel) {
  if (table_oid == 0) {
    return vacuum_->run(0, cancel);
  }
  const TableAccessPtr access = core_->catalog.get()->access(table_oid);
  if (access == nullptr) {
    return {StatusCode::NotFound, "table " + std::to_string(table_oid) + " does not exist"};
  }
  return vacuum_->run(access->table->storage_id, cancel);
}

Status LocalEngine::checkpoint() {
  OMEN_TRY(core_->sequences.save());
  OMEN_TRY(core_->store->flush());
  return core_->vectors.checkpoint_all();
}

}  // namespace omen::engine
