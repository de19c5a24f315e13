#include <algorithm>

#include "engine/index/index_keys.h"
#include "engine/txn/local_statement.h"
#include "engine/txn/row_write.h"

namespace omen::engine {

Status LocalStatement::wait_for_blockers() {
  const std::vector<Blocker> blockers = std::move(blockers_);
  blockers_.clear();
  if (blockers.empty()) {
    return {};  // who stood in the way has ended
  }
  return core_.waits.wait(*transaction_.state(), blockers, transaction_.wait_limit(cancel_));
}

Result<WriteOutcome> LocalStatement::update(const Table& table, RowId row_id, Xid seen_xid,
                                            const std::vector<int>& columns,
                                            const ColumnBatch& values, std::size_t row) {
  OMEN_ASSIGN(const TableAccessPtr access, this->access(table.oid));
  RowWrite write;
  write.kind = RowWrite::Kind::Update;
  write.columns = &columns;
  write.values = &values;
  write.row = row;
  return write_row(*access, row_id, seen_xid, write);
}

Result<WriteOutcome> LocalStatement::remove(const Table& table, RowId row_id, Xid seen_xid) {
  OMEN_ASSIGN(const TableAccessPtr access, this->access(table.oid));
  RowWrite write;
  write.kind = RowWrite::Kind::Remove;
  return write_row(*access, row_id, seen_xid, write);
}

Result<WriteOutcome> LocalStatement::lock_row(const Table& table, RowId row_id, Xid seen_xid,
                                              bool exclusive) {
  OMEN_ASSIGN(const TableAccessPtr access, this->access(table.oid));
  RowWrite write;
  write.kind = exclusive ? RowWrite::Kind::LockExclusive : RowWrite::Kind::LockShared;
  return write_row(*access, row_id, seen_xid, write);
}

Result<WriteOutcome> LocalStatement::write_row(const TableAccess& access, RowId row_id,
                                               Xid seen_xid, const RowWrite& write) {
  OMEN_TRY(transaction_.check_writable());
  const RowName name{access.table->storage_id, row_id};
  RowLocks::Stripe& stripe = core_.row_locks.stripe(name);
  while (true) {
    OMEN_TRY(cancel_.check());
    OMEN_TRY(core_.store->wait_for_room(cancel_, refusals_));
    blockers_.clear();
    {
      // R2: newest version, lock check, decision and Put under the row's latch.
      const MutexLock latch(stripe.latch);
      OMEN_ASSIGN(Decision decision, decide(name, seen_xid));
      if (decision.kind == Decision::Kind::Proceed) {
        stripe.blockers(name, write.kind != RowWrite::Kind::LockShared, *transaction_.state(),
                        blockers_);
        if (blockers_.empty() && write.is_lock()) {
          const bool exclusive = write.kind == RowWrite::Kind::LockExclusive;
          if (stripe.add(name, transaction_.state(), exclusive)) {
            transaction_.add_row_lock({name, exclusive});
          }
          return WriteOutcome();
        }
        if (blockers_.empty()) {
          OMEN_ASSIGN(std::optional<WriteOutcome> outcome,
                      put_version(access, row_id, decision, write));
          if (outcome.has_value()) {
            return *std::move(outcome);
          }
        }
      } else if (decision.kind == Decision::Kind::Answer) {
        return decision.answer;
      }
    }
    OMEN_TRY(wait_for_blockers());
  }
}

Result<LocalStatement::Decision> LocalStatement::decide(const RowName& row, Xid seen_xid) {
  Decision decision;
  OMEN_TRY(newest_.refresh());
  newest_.first(row.storage_id, row.row_id);
  Timestamp state = kAborted;
  for (; newest_.valid(); newest_.next()) {
    const Xid xid = newest_.version().xid;
    decision.topmost_xid = std::max(decision.topmost_xid, xid);
    state = core_.commits.get(xid);
    if (state != kAborted) {
      break;
    }
  }
  OMEN_TRY(newest_.status());
  decision.kind = Decision::Kind::Answer;
  if (state == kAborted) {
    decision.answer.result = WriteResult::Deleted;
    return decision;
  }
  const Version newest = newest_.version();
  const bool deleted = is_tombstone(newest.bytes);
  if (state == kInProgress && view_.is_own(newest.xid)) {
    if (newest.xid >= view_.own_limit()) {
      decision.answer.result = WriteResult::ModifiedByStatement;
      return decision;
    }
  } else if (state == kInProgress) {
    // The newest version's xid in progress is the row's lock.
    const std::optional<Blocker> owner = core_.active.find(newest.xid);
    if (owner.has_value() && core_.commits.get(newest.xid) == kInProgress) {
      blockers_.push_back(*owner);
    }
    decision.kind = Decision::Kind::Wait;
    return decision;
  } else if (state > view_.timestamp() &&
             transaction_.options().isolation == IsolationLevel::RepeatableRead) {
    return Status(StatusCode::SerializationFailure,
                  deleted ? "could not serialize access due to concurrent delete"
                          : "could not serialize access due to concurrent update");
  }
  if (deleted) {
    decision.answer.result = WriteResult::Deleted;
  } else if (newest.xid != seen_xid) {
    decision.answer.result = WriteResult::Changed;
    decision.answer.newest_xid = newest.xid;
  } else {
    decision.kind = Decision::Kind::Proceed;
    decision.version = newest.bytes;
    decision.version_xid = newest.xid;
  }
  return decision;
}

Result<std::optional<WriteOutcome>> LocalStatement::put_version(const TableAccess& access,
                                                                RowId row_id,
                                                                const Decision& decision,
                                                                const RowWrite& write) {
  WriteOutcome outcome;
  const std::uint64_t storage_id = access.table->storage_id;
  std::vector<std::string> new_keys;
  std::vector<std::uint32_t> stripes;
  OMEN_ASSIGN(const RowView old, RowView::parse(access.layout, decision.version));
  std::vector<const BtreeAccess*> checked;
  if (write.kind == RowWrite::Kind::Update) {
    for (const BtreeAccess& btree : access.btrees) {
      OMEN_ASSIGN(const std::optional<ChangedKey> changed,
                  changed_key(*core_.store, access, btree, row_id, old, write));
      if (!changed.has_value()) {
        continue;
      }
      new_keys.push_back(changed->key);
      const bool check = btree.index->unique && !changed->has_null;
      checked.push_back(check ? &btree : nullptr);
      if (check) {
        stripes.push_back(KeyLatches::stripe_of(changed->key));
      }
    }
  }
  const KeyLatches::Guard guard(core_.key_latches, stripes);
  if (!stripes.empty()) {
    for (auto& [oid, iterator] : unique_iterators_) {
      OMEN_TRY(iterator.refresh());
    }
  }
  for (std::size_t i = 0; i < new_keys.size(); ++i) {
    if (checked[i] == nullptr) {
      continue;
    }
    OMEN_ASSIGN(outcome.conflict, probe_unique(access, *checked[i], new_keys[i], row_id));
    if (outcome.conflict.has_value()) {
      outcome.result = WriteResult::UniqueViolation;
      return std::optional(outcome);
    }
    if (!blockers_.empty()) {
      return std::optional<WriteOutcome>();
    }
  }
  OMEN_ASSIGN(const Xid xid, transaction_.write_xid(decision.topmost_xid, view_.own_limit()));
  Batch batch(*core_.store, WriteKind::Data);
  std::vector<VectorAppend> vectors;
  if (write.kind == RowWrite::Kind::Remove) {
    batch.put(Family::Rows, row_key(storage_id, row_id, xid), kTombstone);
  } else {
    RowBuilder builder(access.layout);
    build_updated_row(access, row_id, xid, old, write, builder, batch);
    OMEN_TRY(
        append_updated_vectors(core_.vectors, access, row_id, xid, old, write, batch, vectors));
    batch.put(Family::Rows, row_key(storage_id, row_id, xid), builder.finish());
  }
  for (std::string& key : new_keys) {
    append_entry_suffix(key, row_id, xid);
    batch.put(Family::Index, key, {});
  }
  batch.put(Family::Garbage, garbage_key({xid, GarbageKind::Superseded, storage_id, row_id}), {});
  OMEN_ASSIGN(const bool written, core_.vectors.try_write(batch, vectors));
  if (!written) {
    ++refusals_;
    return std::optional<WriteOutcome>();
  }
  refusals_ = 0;
  transaction_.count_rows(xid, storage_id, {write.kind == RowWrite::Kind::Remove ? -1 : 0, 1});
  return std::optional(outcome);
}

}  // namespace omen::engine
