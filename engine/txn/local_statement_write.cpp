#include <algorithm>

#include "engine/index/index_keys.h"
#include "engine/txn/local_statement.h"
#include "engine/txn/row_turn.h"
#include "engine/txn/row_write.h"

namespace omen::engine {
namespace {

LockTag row_tag(const TableAccess& access, RowId row_id) {
  return {LockTag::Kind::Row, access.table->oid, {}, row_id};
}

}  // namespace

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
                                              const RowLockRequest& request) {
  OMEN_ASSIGN(const TableAccessPtr access, this->access(table.oid));
  RowWrite write;
  write.kind = RowWrite::Kind::Lock;
  write.lock = request;
  return write_row(*access, row_id, seen_xid, write);
}

Result<WriteOutcome> LocalStatement::write_row(const TableAccess& access, RowId row_id,
                                               Xid seen_xid, RowWrite& write) {
  if (turn_.has_value() && !turn_->is_for(row_tag(access, row_id))) {
    turn_.reset();
  }
  Result<WriteOutcome> outcome = wait_and_write(access, row_id, seen_xid, write);
  if (!outcome.ok() || outcome.value().result != WriteResult::Changed) {
    turn_.reset();
  }
  return outcome;
}

Result<WriteOutcome> LocalStatement::wait_and_write(const TableAccess& access, RowId row_id,
                                                    Xid seen_xid, RowWrite& write) {
  OMEN_TRY(transaction_.check_writable());
  const RowName name{access.table->storage_id, row_id};
  const bool is_lock = write.kind == RowWrite::Kind::Lock;
  RowLocks::Stripe& stripe = core_.row_locks.stripe(name);
  while (true) {
    OMEN_TRY(cancel_.check());
    OMEN_TRY(core_.store->wait_for_room(cancel_, refusals_));
    blockers_.clear();
    bool is_holder = false;
    {
      // R2: newest version, lock check, decision and Put under the row's latch.
      const MutexLock latch(stripe.latch);
      OMEN_ASSIGN(Decision decision, decide(access, name, seen_xid, write));
      if (decision.kind == Decision::Kind::Answer) {
        return decision.answer;
      }
      if (decision.kind == Decision::Kind::Proceed) {
        OMEN_ASSIGN(std::optional<WriteOutcome> outcome,
                    carry_out(access, name, decision, write, stripe));
        if (outcome.has_value()) {
          return *std::move(outcome);
        }
      }
      is_holder = stripe.holds(name, *transaction_.state());
    }
    if (is_lock && !write.lock.may_wait && !blockers_.empty()) {
      WriteOutcome outcome;
      outcome.result = WriteResult::Locked;
      return outcome;
    }
    // Who holds a lock on the row already does not queue behind those who wait for it.
    if (!blockers_.empty() && !turn_.has_value() && !is_holder) {
      blockers_.clear();
      turn_.emplace(core_, transaction_.state(), row_tag(access, row_id));
      OMEN_TRY(turn_->take(is_lock ? write.lock.strength : RowLockStrength::NoKeyUpdate,
                           transaction_.wait_limit(cancel_)));
      continue;
    }
    write.has_waited = write.has_waited || !blockers_.empty();
    OMEN_TRY(wait_for_blockers());
  }
}

Result<std::optional<WriteOutcome>> LocalStatement::carry_out(const TableAccess& access,
                                                              const RowName& row,
                                                              const Decision& decision,
                                                              const RowWrite& write,
                                                              RowLocks::Stripe& stripe) {
  if (write.kind != RowWrite::Kind::Lock) {
    return put_version(access, row, decision, write, stripe);
  }
  stripe.blockers(row, write.lock.strength, *transaction_.state(), blockers_);
  if (!blockers_.empty()) {
    return std::optional<WriteOutcome>();
  }
  if (stripe.add(row, transaction_.state(), write.lock.strength)) {
    transaction_.add_row_lock({row, write.lock.strength});
  }
  return std::optional(WriteOutcome());
}

Result<std::optional<WriteOutcome>> LocalStatement::put_version(const TableAccess& access,
                                                                const RowName& row,
                                                                const Decision& decision,
                                                                const RowWrite& write,
                                                                const RowLocks::Stripe& stripe) {
  WriteOutcome outcome;
  const auto [storage_id, row_id] = row;
  std::vector<std::string> new_keys;
  std::vector<std::uint32_t> stripes;
  OMEN_ASSIGN(const RowView old, RowView::parse(access.layout, decision.version));
  std::vector<const BtreeAccess*> checked;
  bool key_goes = write.kind == RowWrite::Kind::Remove;
  if (write.kind == RowWrite::Kind::Update) {
    for (const BtreeAccess& btree : access.btrees) {
      OMEN_ASSIGN(const std::optional<ChangedKey> changed,
                  changed_key(*core_.store, access, btree, row_id, old, write));
      if (!changed.has_value()) {
        continue;
      }
      new_keys.push_back(changed->key);
      key_goes = key_goes || btree.index->unique;
      const bool check = btree.index->unique && !changed->has_null;
      checked.push_back(check ? &btree : nullptr);
      if (check) {
        stripes.push_back(KeyLatches::stripe_of(changed->key));
      }
    }
  }
  stripe.blockers(row, key_goes ? RowLockStrength::Update : RowLockStrength::NoKeyUpdate,
                  *transaction_.state(), blockers_);
  if (!blockers_.empty()) {
    return std::optional<WriteOutcome>();
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
  if (transaction_.is_judged()) {
    OMEN_TRY(note_write_of(access, row_id, old));
    for (const std::string& key : new_keys) {
      transaction_.note_write(SerialSlots::of_key(key));
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

Status LocalStatement::note_write_of(const TableAccess& access, RowId row_id, const RowView& old) {
  transaction_.note_write(SerialSlots::of_table(access.table->storage_id));
  for (const BtreeAccess& btree : access.btrees) {
    std::string key;
    OMEN_ASSIGN(const bool has_null,
                append_index_key(key, *core_.store, btree, access, row_id, old));
    static_cast<void>(has_null);
    transaction_.note_write(SerialSlots::of_key(key));
  }
  return {};
}

}  // namespace omen::engine
