#include "engine/txn/vacuum.h"

#include <algorithm>

#include "engine/txn/commit_record.h"
#include "engine/txn/row_vacuum.h"

namespace omen::engine {
namespace {

constexpr std::size_t kRecordsPerCancelCheck = 64;
constexpr std::size_t kDoneRowsMax = 65536;

}  // namespace

Status Vacuum::run(std::uint64_t storage_id, const CancelToken& cancel) {
  const MutexLock lock(mutex_);
  Pass pass;
  pass.storage_id = storage_id;
  // All that is unfinished now stays; read before the garbage, so that none of it is missed.
  pass.unfinished = core_.active.oldest();
  pass.oldest = core_.snapshots.oldest();
  StoreIterator records = garbage(core_.xids.next());
  std::size_t count = 0;
  for (; records.valid(); records.next()) {
    if (++count % kRecordsPerCancelCheck == 0) {
      OMEN_TRY(cancel.check());
      OMEN_TRY(core_.store->wait_for_room(cancel));
    }
    OMEN_TRY(consume(pass, parse_garbage_key(records.key()), records.value(), cancel));
  }
  OMEN_TRY(records.status());
  if (storage_id != 0) {
    return {};
  }
  OMEN_TRY(advance_horizon(pass, cancel));
  unfinished_ = next_horizon_ != 0 || core_.commits.horizon() < core_.active.oldest();
  return {};
}

Status Vacuum::count_dead_rows(Xid end, const CancelToken& cancel) {
  const MutexLock lock(mutex_);
  StoreIterator records = garbage(end);
  std::size_t count = 0;
  for (; records.valid(); records.next()) {
    if (++count % kRecordsPerCancelCheck == 0) {
      OMEN_TRY(cancel.check());
    }
    const GarbageRecord record = parse_garbage_key(records.key());
    if (record.kind == GarbageKind::Superseded && record.storage_id != kCatalogStorageId &&
        core_.commits.get(record.xid) != kAborted) {
      static_cast<void>(core_.row_counts.add(record.storage_id, {0, 1}));
    }
  }
  return records.status();
}

// Not from the family's start: the removed records of former passes lie there until compacted.
StoreIterator Vacuum::garbage(Xid end) const {
  StoreIterator records = core_.store->range(Family::Garbage, be64_key(end), false);
  records.seek(be64_key(core_.commits.horizon()));
  return records;
}

Status Vacuum::consume(Pass& pass, const GarbageRecord& record, std::string_view value,
                       const CancelToken& cancel) {
  const Timestamp state = core_.commits.get(record.xid);
  if (pass.storage_id != 0 && record.storage_id != pass.storage_id) {
    return {};
  }
  if (state == kInProgress || (state != kAborted && state > pass.oldest)) {
    pass.unfinished = std::min(pass.unfinished, record.xid);
    return {};
  }
  const bool aborted = state == kAborted;
  switch (record.kind) {
    case GarbageKind::StorageCreated:
      return aborted ? erase_storage(record) : forget(record);
    case GarbageKind::StorageDropped:
      return aborted ? forget(record) : erase_storage(record);
    case GarbageKind::InsertedRange:
      if (!aborted) {
        return forget(record);
      }
      break;
    case GarbageKind::Superseded:
      break;
  }
  // The newest catalog for each record: tables are altered and dropped while a pass runs.
  const TableAccessPtr access = core_.catalog.get()->access_by_storage(record.storage_id);
  if (access == nullptr && record.storage_id != kCatalogStorageId) {
    // Storage of an unfinished transaction, or already dropped. What is dropped is erased as a
    // whole once its own record comes up, which needs every unfinished xid below that to end first.
    pass.unfinished = std::min(pass.unfinished, record.xid);
    return {};
  }
  if (record.kind == GarbageKind::InsertedRange) {
    if (value.size() != 8) {
      return {StatusCode::Corruption, "stored garbage record is damaged"};
    }
    return consume_range(pass, access.get(), record, load_be64(value.data()), cancel);
  }
  if (pass.done.size() >= kDoneRowsMax) {
    pass.done.clear();
  }
  // A row that is written often has many records; one look at its versions serves them all. An
  // aborted version may have come after that look.
  if (!pass.done.emplace(record.storage_id, record.row_id).second && !aborted) {
    return forget(record);
  }
  Batch batch(*core_.store, WriteKind::Vacuum);
  batch.remove(Family::Garbage, garbage_key(record));
  return RowVacuum(core_, access.get(), record.storage_id, pass.oldest).run(record.row_id, batch);
}

Status Vacuum::consume_range(const Pass& pass, const TableAccess* access,
                             const GarbageRecord& record, std::uint64_t count,
                             const CancelToken& cancel) {
  RowVacuum vacuum(core_, access, record.storage_id, pass.oldest);
  Batch batch(*core_.store, WriteKind::Vacuum);
  StoreIterator rows = core_.store->range(
      Family::Rows, row_key(record.storage_id, record.row_id + count, kXidMax), false);
  RowId done = 0;
  std::size_t seen = 0;
  for (rows.seek(row_key(record.storage_id, record.row_id, kXidMax)); rows.valid(); rows.next()) {
    const RowId row_id = row_of(rows.key());
    if (row_id == done) {
      continue;
    }
    done = row_id;
    if (++seen % kRecordsPerCancelCheck == 0) {
      OMEN_TRY(cancel.check());
    }
    OMEN_TRY(vacuum.run(row_id, batch));
  }
  OMEN_TRY(rows.status());
  return forget(record);
}

Status Vacuum::forget(const GarbageRecord& record) {
  Batch batch(*core_.store, WriteKind::Vacuum);
  batch.remove(Family::Garbage, garbage_key(record));
  return core_.store->write(batch);
}

Status Vacuum::erase_storage(const GarbageRecord& record) {
  Batch batch(*core_.store, WriteKind::Vacuum);
  const auto first = be64_key(record.storage_id);
  const auto last = be64_key(record.storage_id + 1);
  for (const Family family : {Family::Rows, Family::Wide, Family::Index, Family::Changes}) {
    batch.remove_range(family, first, last);
  }
  batch.remove(Family::Sequences, first);
  batch.remove(Family::Meta, row_count_key(record.storage_id));
  // Garbage of the storage has nothing left to point at.
  StoreIterator records = garbage(kXidMax);
  for (; records.valid(); records.next()) {
    const GarbageRecord other = parse_garbage_key(records.key());
    if (other.storage_id == record.storage_id &&
        (other.kind == GarbageKind::Superseded || other.kind == GarbageKind::InsertedRange)) {
      batch.remove(Family::Garbage, records.key());
    }
  }
  OMEN_TRY(records.status());
  batch.remove(Family::Garbage, garbage_key(record));
  OMEN_TRY(core_.store->write(batch));
  core_.vectors.erase(record.storage_id);
  core_.sequences.erase(record.storage_id);
  core_.row_counts.erase(record.storage_id);
  core_.index_uses.erase(record.storage_id);
  return {};
}

Status Vacuum::advance_horizon(const Pass& pass, const CancelToken& cancel) {
  if (next_horizon_ != 0 && core_.snapshots.is_over(next_epoch_)) {
    OMEN_TRY(store_horizon(next_horizon_));
    next_horizon_ = 0;
  }
  if (next_horizon_ != 0) {
    return {};
  }
  Xid clean = core_.commits.horizon();
  for (; clean < pass.unfinished; ++clean) {
    const Timestamp state = core_.commits.get(clean);
    if (state == kInProgress || (state != kAborted && state > pass.oldest)) {
      break;
    }
    if (clean % 4096 == 0) {
      OMEN_TRY(cancel.check());
    }
  }
  if (clean > core_.commits.horizon()) {
    next_horizon_ = clean;
    next_epoch_ = core_.snapshots.end_epoch();
    if (core_.snapshots.is_over(next_epoch_)) {
      OMEN_TRY(store_horizon(next_horizon_));
      next_horizon_ = 0;
    }
  }
  return {};
}

Status Vacuum::store_horizon(Xid horizon) {
  std::string value;
  append_be64(value, horizon);
  append_be64(value, core_.snapshots.published());
  Batch batch(*core_.store, WriteKind::Vacuum);
  batch.put(Family::Meta, kHorizonKey, value);
  // A commit record is stored under its lowest xid; one that also names xids above the horizon
  // stays.
  StoreIterator records = core_.store->range(Family::Commits, be64_key(horizon));
  for (records.seek_to_first(); records.valid(); records.next()) {
    const std::optional<CommitRecord> record = decode_commit_record(records.value());
    if (!record.has_value()) {
      return {StatusCode::Corruption, "stored commit record is damaged"};
    }
    if (record->other_xids.empty() || record->other_xids.back() < horizon) {
      batch.remove(Family::Commits, records.key());
    }
  }
  OMEN_TRY(records.status());
  OMEN_TRY(core_.store->write(batch));
  // Durable before memory forgets: a crash must not bring back a horizon below a trimmed record.
  OMEN_TRY(core_.store->sync());
  core_.commits.set_horizon(horizon);
  return {};
}

}  // namespace omen::engine
