#include "engine/txn/local_transaction.h"

#include <algorithm>

#include "engine/base/assert.h"
#include "engine/txn/local_statement.h"
#include "engine/txn/session_locks.h"

namespace omen::engine {
namespace {

constexpr std::uint64_t kRowIdRangeMax = 65536;

std::string hex8(std::uint64_t number) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text(8, '0');
  for (std::size_t i = text.size(); i-- > 0; number >>= 4) {
    text[i] = kDigits[number & 15];
  }
  return text;
}

TransactionStatePtr make_state(const TransactionOptions& options) {
  const auto* session = static_cast<const LocalSessionLocks*>(options.session_locks.get());
  return std::make_shared<TransactionState>(session == nullptr ? nullptr : session->state());
}

}  // namespace

LocalTransaction::LocalTransaction(EngineCore& core, const TransactionOptions& options)
    : core_(core), options_(options), state_(make_state(options)) {}

LocalTransaction::~LocalTransaction() {
  if (open_) {
    rollback();
  }
}

Status LocalTransaction::set_isolation(IsolationLevel level) {
  if (had_statement_) {
    return {StatusCode::InvalidArgument,
            "SET TRANSACTION ISOLATION LEVEL must be called before any query"};
  }
  options_.isolation = level;
  return {};
}

Status LocalTransaction::check_writable() const {
  // A serializable reader's snapshot was taken on the word that it will not write.
  const bool has_readers_snapshot = options_.isolation == IsolationLevel::Serializable &&
                                    ticket_.has_value() && !is_serial_writer_;
  if (options_.read_only || has_readers_snapshot) {
    return {StatusCode::ReadOnly, "cannot write in a read-only transaction"};
  }
  return {};
}

Result<std::unique_ptr<Statement>> LocalTransaction::begin_statement(CancelToken& cancel) {
  OMEN_ASSERT(open_, "a statement of a finished transaction");
  had_statement_ = true;
  current_xid_ = 0;  // R1: its writes shall not predate it
  SnapshotRegistry::Ticket ticket;
  if (keeps_snapshot(options_.isolation)) {
    if (!ticket_.has_value()) {
      OMEN_TRY(take_snapshot(cancel));
    }
    ticket = *ticket_;
  } else {
    ticket = core_.snapshots.acquire();
  }
  statement_ticket_ = ticket;
  return std::unique_ptr<Statement>(std::make_unique<LocalStatement>(
      *this, cancel, ticket, options_.isolation == IsolationLevel::ReadCommitted));
}

Status LocalTransaction::take_snapshot(const CancelToken& cancel) {
  if (options_.isolation != IsolationLevel::Serializable) {
    ticket_ = core_.snapshots.acquire();
    return {};
  }
  if (!options_.read_only) {
    core_.serial_writers.enter(state_);
    is_serial_writer_ = true;
    ticket_ = core_.snapshots.acquire();
    return {};
  }
  while (true) {
    const SerialWriters::ReaderStart start = core_.serial_writers.begin_reader(core_.snapshots);
    ticket_ = start.ticket;
    is_safe_ = start.writers.empty();
    if (is_safe_ || !options_.deferrable) {
      return {};
    }
    for (const TransactionStatePtr& writer : start.writers) {
      OMEN_TRY(wait_until_gone(writer, cancel));
    }
    is_safe_ = core_.commit_queue.last_pivot() <= ticket_->timestamp;
    if (is_safe_) {
      return {};
    }
    core_.snapshots.release(*ticket_);
    ticket_.reset();
  }
}

Status LocalTransaction::wait_until_gone(const TransactionStatePtr& writer,
                                         const CancelToken& cancel) {
  while (true) {
    const Blocker blocker{writer, writer->generation()};
    if (!core_.serial_writers.contains(writer)) {
      return {};
    }
    OMEN_TRY(core_.waits.wait(*state_, std::span(&blocker, 1), WaitLimit{cancel}));
  }
}

Result<Xid> LocalTransaction::write_xid(Xid topmost, Xid statement_limit) {
  if (current_xid_ == 0 || current_xid_ <= topmost || current_xid_ < statement_limit) {
    OMEN_ASSIGN(current_xid_, core_.active.begin(state_));
    xids_.push_back(current_xid_);
    if (xids_.size() == 1) {
      state_->xid.store(current_xid_);
    }
  }
  return current_xid_;
}

Result<RowIdRange*> LocalTransaction::row_ids(std::uint64_t storage_id, Xid xid,
                                              std::size_t row_count, Batch& batch) {
  RowIdRange& range = row_id_ranges_[storage_id];
  if (range.xid != xid) {
    range = RowIdRange{xid};
  }
  if (range.next == range.end) {
    const std::uint64_t size = std::max<std::uint64_t>(row_count, range.next_size);
    OMEN_ASSIGN(range.next, core_.row_ids.allocate(*core_.store, size));
    range.end = range.next + size;
    range.next_size = std::min(size * 2, kRowIdRangeMax);
    const auto key = garbage_key({xid, GarbageKind::InsertedRange, storage_id, range.next});
    batch.put(Family::Garbage, key, be64_key(size));
    obsolete_at_commit_.push_back({xid, std::string(key)});
  }
  return &range;
}

void LocalTransaction::count_rows(Xid xid, std::uint64_t storage_id, RowCountChange change) {
  if (!counted_rows_.empty() && counted_rows_.back().xid == xid &&
      counted_rows_.back().storage_id == storage_id) {
    counted_rows_.back().change.live += change.live;
    counted_rows_.back().change.dead += change.dead;
    return;
  }
  counted_rows_.push_back({xid, storage_id, change});
}

// Within its statement, whose registration keeps what is shared here.
Result<std::string> LocalTransaction::export_snapshot() {
  if (!savepoints_.empty()) {
    return Status(StatusCode::InvalidArgument, "cannot export a snapshot from a subtransaction");
  }
  const std::uint64_t number = core_.exported_count.fetch_add(1) + 1;
  std::string name = hex8(number >> 32) + "-" + hex8(number & UINT32_MAX) + "-1";
  lent_.push_back({name, core_.snapshots.share(statement_ticket_)});
  core_.exported.lend(name, lent_.back().ticket);
  return name;
}

Status LocalTransaction::import_snapshot(std::string_view name) {
  if (had_statement_ || options_.isolation != IsolationLevel::RepeatableRead) {
    return {StatusCode::InvalidArgument, "a snapshot is taken over before the first statement"};
  }
  const std::optional<SnapshotRegistry::Ticket> ticket = core_.exported.take(name);
  if (!ticket.has_value()) {
    return {StatusCode::NotFound, "no transaction lends this snapshot"};
  }
  if (ticket_.has_value()) {
    core_.snapshots.release(*ticket_);
  }
  ticket_ = ticket;
  return {};
}

WaitLimit LocalTransaction::wait_limit(const CancelToken& cancel) const {
  WaitLimit limit{cancel};
  if (lock_timeout_.count() > 0) {
    limit.deadline = std::chrono::steady_clock::now() + lock_timeout_;
  }
  if (deadlock_timeout_.has_value()) {
    limit.gives_way_at = std::chrono::steady_clock::now() + *deadlock_timeout_;
  }
  return limit;
}

std::vector<Xid> LocalTransaction::live_xids() const {
  std::vector<Xid> live;
  for (const Xid xid : xids_) {
    if (core_.commits.get(xid) == kInProgress) {
      live.push_back(xid);
    }
  }
  return live;
}

Status LocalTransaction::commit() {
  OMEN_ASSERT(open_, "commit of a finished transaction");
  CommitRequest request;
  request.xids = live_xids();
  const bool has_candidate = is_judged() && ticket_.has_value();
  if (request.xids.empty() && !has_candidate) {
    finish();
    return {};
  }
  request.sync = options_.synchronous_commit;
  const auto is_live = [&request](Xid xid) {
    return std::binary_search(request.xids.begin(), request.xids.end(), xid);
  };
  for (GarbageNote& note : obsolete_at_commit_) {
    if (is_live(note.xid)) {
      request.obsolete_garbage.push_back(std::move(note.key));
    }
  }
  for (const CountedRows& counted : counted_rows_) {
    if (is_live(counted.xid)) {
      RowCountChange& change = request.row_counts[counted.storage_id];
      change.live += counted.change.live;
      change.dead += counted.change.dead;
    }
  }
  for (const CatalogChange& change : catalog_changes_) {
    request.changed_oids.push_back(change.oid);
  }
  request.publish = [&] {
    if (!catalog_changes_.empty()) {
      core_.catalog.apply(catalog_changes_);
    }
  };
  if (has_candidate) {
    request.candidate = {&reads_, &writes_, ticket_->timestamp};
  }
  if (!core_.commit_queue.commit(request)) {
    rollback();
    return {StatusCode::SerializationFailure,
            "could not serialize access due to read/write dependencies among transactions"};
  }
  finish();
  return {};
}

void LocalTransaction::rollback() {
  OMEN_ASSERT(open_, "rollback of a finished transaction");
  abort_xids(0);
  finish();
}

void LocalTransaction::abort_xids(std::size_t keep_count) {
  std::vector<Xid> aborted;
  for (std::size_t i = keep_count; i < xids_.size(); ++i) {
    if (core_.commits.get(xids_[i]) == kInProgress) {
      core_.commits.set(xids_[i], kAborted);
      aborted.push_back(xids_[i]);
    }
  }
  current_xid_ = 0;
  // Nobody else knows them yet. What else they stored is found by vacuum.
  std::erase_if(new_vector_indexes_, [this, &aborted](const NewVectorIndex& created) {
    if (!std::binary_search(aborted.begin(), aborted.end(), created.xid)) {
      return false;
    }
    core_.vectors.erase(created.storage_id);
    return true;
  });
  if (!aborted.empty()) {
    core_.active.finish(aborted);
  }
}

void LocalTransaction::release_row_locks(std::size_t keep_count) {
  while (row_locks_.size() > keep_count) {
    RowLocks::Stripe& stripe = core_.row_locks.stripe(row_locks_.back().row);
    const MutexLock lock(stripe.latch);
    stripe.remove(row_locks_.back(), *state_);
    row_locks_.pop_back();
  }
}

void LocalTransaction::finish() {
  open_ = false;
  core_.active.finish(xids_);
  release_row_locks(0);
  core_.locks.release(state_, locks_, 0);
  for (const Lent& lent : lent_) {
    core_.exported.withdraw(lent.name);
    core_.snapshots.release(lent.ticket);
  }
  lent_.clear();
  if (ticket_.has_value()) {
    core_.snapshots.release(*ticket_);
    ticket_.reset();
  }
  if (is_serial_writer_) {
    core_.serial_writers.leave(state_);
  }
  core_.waits.notify(*state_);
}

Result<std::size_t> LocalTransaction::savepoint() {
  savepoints_.push_back({xids_.size(), locks_.count(), row_locks_.size(), catalog_changes_.size()});
  current_xid_ = 0;
  return savepoints_.size();
}

Status LocalTransaction::rollback_to(std::size_t depth) {
  OMEN_ASSERT(depth >= 1 && depth <= savepoints_.size(), "rollback to an unknown savepoint");
  savepoints_.resize(depth);
  const Savepoint& savepoint = savepoints_.back();
  abort_xids(savepoint.xid_count);
  release_row_locks(savepoint.row_lock_count);
  core_.locks.release(state_, locks_, savepoint.lock_count);
  catalog_changes_.resize(savepoint.catalog_change_count);
  overlay_.reset();
  core_.waits.notify(*state_);  // R12: wakes who waits for the subtransaction
  return {};
}

Status LocalTransaction::release(std::size_t depth) {
  OMEN_ASSERT(depth >= 1 && depth <= savepoints_.size(), "release of an unknown savepoint");
  savepoints_.resize(depth - 1);
  return {};
}

}  // namespace omen::engine
