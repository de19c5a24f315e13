#include "engine/base/assert.h"
#include "engine/catalog/entry_format.h"
#include "engine/storage/row_format.h"
#include "engine/txn/local_transaction.h"
#include "engine/txn/session_locks.h"
#include "engine/txn/version_reader.h"

namespace omen::engine {
namespace {

std::uint64_t storage_of(const CatalogEntry& entry) {
  return std::visit(
      []<typename T>(const T& value) -> std::uint64_t {
        if constexpr (requires { value.storage_id; }) {
          return value.storage_id;
        } else {
          return 0;
        }
      },
      entry);
}

bool needs_storage(const CatalogEntry& entry) {
  return storage_of(entry) == 0 &&
         (std::holds_alternative<Table>(entry) || std::holds_alternative<Index>(entry) ||
          std::holds_alternative<Sequence>(entry));
}

void set_storage(CatalogEntry& entry, std::uint64_t storage_id) {
  std::visit(
      [storage_id](auto& value) {
        if constexpr (requires { value.storage_id; }) {
          value.storage_id = storage_id;
        }
      },
      entry);
}

const RowLayout& catalog_layout() {
  static const PhysicalType kTypes[] = {PhysicalType::Bytes};
  static const RowLayout layout(kTypes);
  return layout;
}

std::string_view entry_name(const CatalogEntry& entry) {
  return std::visit([](const auto& value) -> std::string_view { return value.name; }, entry);
}

std::string_view kind_name(const CatalogEntry& entry) {
  static constexpr std::string_view kNames[] = {"schema",   "relation",  "relation",
                                                "relation", "extension", "role"};
  return kNames[entry.index()];
}

}  // namespace

CatalogSnapshotPtr LocalTransaction::catalog_snapshot() {
  CatalogSnapshotPtr newest = core_.catalog.get();
  if (catalog_changes_.empty()) {
    return newest;
  }
  if (overlay_ == nullptr || overlay_base_ != newest) {
    // A version of its own: plans made on the overlay must not serve others, nor the reverse.
    overlay_ = std::make_shared<const CatalogSnapshot>(
        newest.get(), catalog_changes_,
        (std::uint64_t{1} << 63) | (state_->xid.load() << 20) |
            (core_.overlay_versions.fetch_add(1) & 0xfffff));
    overlay_base_ = std::move(newest);
  }
  return overlay_;
}

Status LocalTransaction::lock_tag(LockTag tag, TableLock mode, const CancelToken& cancel) {
  return core_.locks.lock(state_, locks_, std::move(tag), mode, wait_limit(cancel));
}

Status LocalTransaction::lock_table(Oid table_oid, TableLock mode, CancelToken& cancel) {
  return lock_tag({LockTag::Kind::Table, table_oid, {}}, mode, cancel);
}

bool LocalTransaction::try_lock_table(Oid table_oid, TableLock mode) {
  return core_.locks.try_lock(state_, locks_, {LockTag::Kind::Table, table_oid, {}}, mode);
}

Result<bool> LocalTransaction::lock_advisory(const AdvisoryRequest& request, CancelToken& cancel) {
  if (options_.session_locks == nullptr) {
    return Status(StatusCode::InvalidArgument, "advisory locks need a session");
  }
  if (request.is_of_session) {
    return static_cast<LocalSessionLocks&>(*options_.session_locks)
        .lock(request, wait_limit(cancel));
  }
  const LockTag tag = advisory_tag(request.key);
  const TableLock mode = advisory_mode(request.is_shared);
  if (!request.may_wait) {
    return core_.locks.try_lock(state_, locks_, tag, mode);
  }
  OMEN_TRY(lock_tag(tag, mode, cancel));
  return true;
}

Result<Oid> LocalTransaction::allocate_oid() {
  OMEN_ASSIGN(const std::uint64_t oid, core_.oids.allocate(*core_.store));
  if (oid > UINT32_MAX) {
    return Status(StatusCode::LimitExceeded, "out of object identifiers");
  }
  return static_cast<Oid>(oid);
}

Result<std::uint64_t> LocalTransaction::create_storage(Xid xid, Batch& batch) {
  OMEN_ASSIGN(const std::uint64_t storage_id, core_.storage_ids.allocate(*core_.store));
  const auto key = garbage_key({xid, GarbageKind::StorageCreated, storage_id, 0});
  batch.put(Family::Garbage, key, {});
  obsolete_at_commit_.push_back({xid, std::string(key)});
  return storage_id;
}

void LocalTransaction::drop_storage(Xid xid, std::uint64_t storage_id, Batch& batch) {
  batch.put(Family::Garbage, garbage_key({xid, GarbageKind::StorageDropped, storage_id, 0}), {});
}

Status LocalTransaction::put(CatalogEntry entry, CancelToken& cancel) {
  OMEN_TRY(check_writable());
  OMEN_TRY(lock_tag({LockTag::Kind::Object, entry_oid(entry), {}}, TableLock::Exclusive, cancel));
  OMEN_TRY(lock_tag({LockTag::Kind::Name, 0, entry_name_key(entry)}, TableLock::Exclusive, cancel));
  const CatalogSnapshotPtr catalog = catalog_snapshot();
  const CatalogEntry* same_name = catalog->same_name(entry);
  if (same_name != nullptr && entry_oid(*same_name) != entry_oid(entry)) {
    return {StatusCode::AlreadyExists, std::string(kind_name(entry)) + " \"" +
                                           std::string(entry_name(entry)) + "\" already exists"};
  }
  const CatalogEntry* replaced = catalog->find(entry_oid(entry));
  Batch batch(*core_.store, WriteKind::Data);
  OMEN_ASSIGN(const Xid xid, write_xid(0, 0));
  if (needs_storage(entry)) {
    OMEN_ASSIGN(const std::uint64_t storage_id, create_storage(xid, batch));
    set_storage(entry, storage_id);
  }
  if (Index* index = std::get_if<Index>(&entry); index != nullptr && replaced == nullptr) {
    index->created_xid = xid;
  }
  if (replaced != nullptr && storage_of(*replaced) != 0 &&
      storage_of(*replaced) != storage_of(entry)) {
    drop_storage(xid, storage_of(*replaced), batch);
  }
  RowBuilder builder(catalog_layout());
  const std::string bytes = encode_entry(entry);
  Datum datum;
  datum.null = false;
  datum.bytes = bytes;
  builder.begin();
  builder.set(0, datum);
  const Oid oid = entry_oid(entry);
  OMEN_TRY(write_entry(oid, builder.finish(), batch, xid));
  catalog_changes_.push_back({oid, std::make_shared<const CatalogEntry>(std::move(entry))});
  overlay_.reset();
  return attach_new_vector_index(oid);
}

Status LocalTransaction::attach_new_vector_index(Oid oid) {
  const CatalogSnapshotPtr catalog = catalog_snapshot();
  const Index* index = catalog->get<Index>(oid);
  if (index == nullptr || index->method != IndexMethod::Hnsw ||
      core_.vectors.find(index->storage_id) != nullptr) {
    return {};
  }
  const TableAccessPtr access = catalog->access(index->table_oid);
  if (access == nullptr) {
    return {StatusCode::NotFound, "table " + std::to_string(index->table_oid) + " does not exist"};
  }
  OMEN_ASSIGN(const AttachedVectorIndexPtr attached,
              core_.vectors.create(*access, *access->vector(oid)));
  new_vector_indexes_.push_back({current_xid_, attached->storage_id});
  return {};
}

Status LocalTransaction::drop(Oid oid, CancelToken& cancel) {
  OMEN_TRY(check_writable());
  OMEN_TRY(lock_tag({LockTag::Kind::Object, oid, {}}, TableLock::Exclusive, cancel));
  const CatalogSnapshotPtr catalog = catalog_snapshot();
  const CatalogEntry* entry = catalog->find(oid);
  if (entry == nullptr) {
    return {StatusCode::NotFound, "object " + std::to_string(oid) + " does not exist"};
  }
  OMEN_TRY(
      lock_tag({LockTag::Kind::Name, 0, entry_name_key(*entry)}, TableLock::Exclusive, cancel));
  Batch batch(*core_.store, WriteKind::Data);
  OMEN_ASSIGN(const Xid xid, write_xid(0, 0));
  if (storage_of(*entry) != 0) {
    drop_storage(xid, storage_of(*entry), batch);
  }
  OMEN_TRY(write_entry(oid, kTombstone, batch, xid));
  catalog_changes_.push_back({oid, nullptr});
  overlay_.reset();
  return {};
}

Status LocalTransaction::write_entry(Oid oid, std::string_view version, Batch& batch, Xid xid) {
  // The object lock excludes other writers; R1 still asks for a growing xid.
  VersionReader reader(*core_.store);
  reader.first(kCatalogStorageId, oid);
  const bool exists = reader.valid();
  OMEN_TRY(reader.status());
  if (exists) {
    OMEN_ASSIGN(xid, write_xid(reader.version().xid, 0));
  }
  batch.put(Family::Rows, row_key(kCatalogStorageId, oid, xid), version);
  batch.put(Family::Garbage, garbage_key({xid, GarbageKind::Superseded, kCatalogStorageId, oid}),
            {});
  return core_.store->write(batch);
}

Status LocalTransaction::truncate(Oid table_oid, CancelToken& cancel) {
  OMEN_TRY(lock_table(table_oid, TableLock::AccessExclusive, cancel));
  const TableAccessPtr access = catalog_snapshot()->access(table_oid);
  if (access == nullptr) {
    return {StatusCode::NotFound, "table " + std::to_string(table_oid) + " does not exist"};
  }
  if (is_judged()) {
    note_write(SerialSlots::of_table(access->table->storage_id));
  }
  Table table = *access->table;
  table.storage_id = 0;
  OMEN_TRY(put(std::move(table), cancel));
  for (const EntryPtr& entry : access->index_entries) {
    Index index = std::get<Index>(*entry);
    index.storage_id = 0;
    OMEN_TRY(put(std::move(index), cancel));
  }
  return {};
}

}  // namespace omen::engine
