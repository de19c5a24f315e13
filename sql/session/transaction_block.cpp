#include "sql/session/transaction_block.h"

#include <fmt/format.h>

#include <utility>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

Diagnostic warning(SqlState sqlstate, std::string message) {
  Diagnostic diagnostic;
  diagnostic.severity = "WARNING";
  diagnostic.sqlstate = sqlstate;
  diagnostic.message = std::move(message);
  return diagnostic;
}

engine::IsolationLevel isolation_level(std::string_view name) {
  if (name == "serializable") {
    return engine::IsolationLevel::Serializable;
  }
  return name == "repeatable read" ? engine::IsolationLevel::RepeatableRead
                                   : engine::IsolationLevel::ReadCommitted;
}

}  // namespace

TransactionBlock::TransactionBlock(engine::Engine& engine, Settings& settings,
                                   std::int32_t process_id, Hooks hooks)
    : engine_(engine),
      settings_(settings),
      hooks_(std::move(hooks)),
      session_locks_(engine.make_session_locks(process_id)) {}

TransactionStatus TransactionBlock::status() const {
  switch (state_) {
    case State::Idle:
    case State::Implicit:
      return TransactionStatus::Idle;
    case State::Block:
      return TransactionStatus::InBlock;
    case State::Failed:
      return TransactionStatus::Failed;
  }
  return TransactionStatus::Idle;
}

TransactionBlock::Characteristics TransactionBlock::defaults() const {
  return {.isolation = settings_.value("default_transaction_isolation"),
          .read_only = settings_.boolean("default_transaction_read_only"),
          .deferrable = settings_.boolean("default_transaction_deferrable")};
}

TransactionBlock::Characteristics TransactionBlock::current_characteristics() const {
  return {.isolation = isolation_, .read_only = is_read_only_, .deferrable = is_deferrable_};
}

std::string TransactionBlock::isolation_name() const {
  return state_ == State::Idle ? defaults().isolation : isolation_;
}
bool TransactionBlock::is_read_only() const {
  return state_ == State::Idle ? settings_.boolean("default_transaction_read_only")
                               : is_read_only_;
}
std::string TransactionBlock::read_only_text() const {
  return is_read_only() ? "on" : "off";
}
std::string TransactionBlock::deferrable_text() const {
  return (state_ == State::Idle ? defaults().deferrable : is_deferrable_) ? "on" : "off";
}

void TransactionBlock::start(State state, const Characteristics& characteristics) {
  isolation_ = characteristics.isolation;
  is_read_only_ = characteristics.read_only;
  is_deferrable_ = characteristics.deferrable;
  transaction_ =
      engine_.begin({.isolation = isolation_level(isolation_),
                     .read_only = is_read_only_,
                     .deferrable = is_deferrable_,
                     .synchronous_commit = settings_.value("synchronous_commit") != "off",
                     .session_locks = session_locks_});
  state_ = state;
  has_queried_ = false;
  start_us_ = hooks_.now_us();
}

engine::Transaction& TransactionBlock::ensure() {
  if (state_ == State::Idle) {
    start(State::Implicit, defaults());
  }
  if (transaction_ == nullptr) {
    internal_error("statement runs without a transaction");
  }
  return *transaction_;
}

void TransactionBlock::commit_transaction() {
  hooks_.close_portals(0);
  savepoints_.clear();
  state_ = State::Idle;
  ++generation_;
  const std::unique_ptr<engine::Transaction> ending = std::move(transaction_);
  ending->set_synchronous_commit(settings_.value("synchronous_commit") != "off");
  const engine::Status outcome = ending->commit();
  if (!outcome.ok()) {
    settings_.rollback();
    throw to_sql_error(outcome);
  }
  settings_.commit();
}

void TransactionBlock::abort_transaction() {
  hooks_.close_portals(0);
  savepoints_.clear();
  state_ = State::Idle;
  ++generation_;
  if (transaction_ != nullptr) {
    transaction_->rollback();
    transaction_.reset();
  }
  settings_.rollback();
}

void TransactionBlock::require_block(std::string_view command) const {
  if (state_ != State::Block && state_ != State::Failed) {
    throw SqlError(sqlstate::kNoActiveSqlTransaction,
                   fmt::format("{} can only be used in transaction blocks", command));
  }
}

void TransactionBlock::require_no_block(std::string_view command) const {
  if (state_ == State::Block || state_ == State::Failed || is_implicit_block_) {
    throw SqlError(sqlstate::kActiveSqlTransaction,
                   fmt::format("{} cannot run inside a transaction block", command));
  }
}

void TransactionBlock::warn_without_block(std::string_view command) {
  if (state_ != State::Block && !is_implicit_block_) {
    hooks_.notice(warning(sqlstate::kNoActiveSqlTransaction,
                          fmt::format("{} can only be used in transaction blocks", command)));
  }
}

std::string TransactionBlock::begin(const ast::TransactionModes& modes) {
  if (state_ == State::Block) {
    hooks_.notice(
        warning(sqlstate::kActiveSqlTransaction, "there is already a transaction in progress"));
  }
  ensure();
  state_ = State::Block;
  set_modes(modes);
  return "BEGIN";
}

std::string TransactionBlock::commit(bool chain) {
  if (chain) {
    require_block("COMMIT AND CHAIN");
  }
  const Characteristics characteristics = current_characteristics();
  const bool has_failed = state_ == State::Failed;
  if (has_failed) {
    abort_transaction();
  } else {
    if (state_ != State::Block) {
      hooks_.notice(
          warning(sqlstate::kNoActiveSqlTransaction, "there is no transaction in progress"));
      ensure();
    }
    commit_transaction();
  }
  if (chain) {
    start(State::Block, characteristics);
  }
  return has_failed ? "ROLLBACK" : "COMMIT";
}

std::string TransactionBlock::rollback(bool chain) {
  if (chain) {
    require_block("ROLLBACK AND CHAIN");
  }
  const Characteristics characteristics = current_characteristics();
  if (state_ != State::Block && state_ != State::Failed) {
    hooks_.notice(
        warning(sqlstate::kNoActiveSqlTransaction, "there is no transaction in progress"));
  }
  abort_transaction();
  if (chain) {
    start(State::Block, characteristics);
  }
  return "ROLLBACK";
}

std::string TransactionBlock::savepoint(const std::string& name) {
  require_block("SAVEPOINT");
  const std::size_t depth = value_or_throw(transaction_->savepoint());
  savepoints_.push_back({.name = name,
                         .depth = depth,
                         .settings_mark = settings_.mark(),
                         .portal_serial = hooks_.next_portal_serial()});
  return "SAVEPOINT";
}

std::size_t TransactionBlock::find_savepoint(const std::string& name) const {
  for (std::size_t i = savepoints_.size(); i-- > 0;) {
    if (savepoints_[i].name == name) {
      return i;
    }
  }
  throw SqlError(sqlstate::kInvalidSavepointSpecification,
                 fmt::format("savepoint \"{}\" does not exist", name));
}

std::string TransactionBlock::release(const std::string& name) {
  require_block("RELEASE SAVEPOINT");
  const std::size_t found = find_savepoint(name);
  throw_if_error(transaction_->release(savepoints_[found].depth));
  savepoints_.resize(found);
  return "RELEASE";
}

std::string TransactionBlock::rollback_to(const std::string& name) {
  require_block("ROLLBACK TO SAVEPOINT");
  const std::size_t found = find_savepoint(name);
  const Savepoint& target = savepoints_[found];
  hooks_.close_portals(target.portal_serial);
  throw_if_error(transaction_->rollback_to(target.depth));
  settings_.rollback_to(target.settings_mark);
  savepoints_.resize(found + 1);
  state_ = State::Block;
  return "ROLLBACK";
}

void TransactionBlock::set_isolation(const std::string& name) {
  if (isolation_level(name) != isolation_level(isolation_)) {
    if (has_queried_) {
      throw SqlError(sqlstate::kActiveSqlTransaction,
                     "SET TRANSACTION ISOLATION LEVEL must be called before any query");
    }
    if (!savepoints_.empty()) {
      throw SqlError(sqlstate::kActiveSqlTransaction,
                     "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction");
    }
    throw_if_error(transaction_->set_isolation(isolation_level(name)));
  }
  isolation_ = name;
}

void TransactionBlock::set_read_only(bool read_only) {
  if (is_read_only_ && !read_only) {
    if (!savepoints_.empty()) {
      throw SqlError(sqlstate::kActiveSqlTransaction,
                     "cannot set transaction read-write mode inside a read-only transaction");
    }
    if (has_queried_) {
      throw SqlError(sqlstate::kActiveSqlTransaction,
                     "transaction read-write mode must be set before any query");
    }
  }
  is_read_only_ = read_only;
  transaction_->set_read_only(read_only);
}

void TransactionBlock::set_modes(const ast::TransactionModes& modes) {
  ensure();
  if (!modes.isolation.empty()) {
    set_isolation(modes.isolation);
  }
  if (modes.read_only) {
    set_read_only(*modes.read_only);
  }
  if (modes.deferrable) {
    is_deferrable_ = *modes.deferrable;
    transaction_->set_deferrable(is_deferrable_);
  }
}

void TransactionBlock::import_snapshot(std::string_view name) {
  ensure();
  if (has_queried_ || !savepoints_.empty()) {
    throw SqlError(sqlstate::kActiveSqlTransaction,
                   "SET TRANSACTION SNAPSHOT must be called before any query");
  }
  if (!keeps_snapshot(isolation_level(isolation_))) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "a snapshot-importing transaction must have isolation level SERIALIZABLE or "
                   "REPEATABLE READ");
  }
  if (isolation_level(isolation_) == engine::IsolationLevel::Serializable) {
    unsupported("SET TRANSACTION SNAPSHOT in a transaction of level SERIALIZABLE");
  }
  if (!transaction_->import_snapshot(name).ok()) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("invalid snapshot identifier: \"{}\"", name));
  }
  has_queried_ = true;
}

void TransactionBlock::finish_message() {
  is_implicit_block_ = false;
  if (state_ == State::Implicit) {
    commit_transaction();
  }
}

void TransactionBlock::fail() {
  is_implicit_block_ = false;
  switch (state_) {
    case State::Idle:
    case State::Failed:
      return;
    case State::Implicit:
      abort_transaction();
      return;
    case State::Block:
      break;
  }
  hooks_.close_portals(savepoints_.empty() ? 0 : savepoints_.back().portal_serial);
  if (savepoints_.empty()) {
    abort_transaction();
  } else {
    const Savepoint& innermost = savepoints_.back();
    const engine::Status outcome = transaction_->rollback_to(innermost.depth);
    settings_.rollback_to(innermost.settings_mark);
    if (!outcome.ok()) {
      abort_transaction();
    }
  }
  state_ = State::Failed;
}

}  // namespace omen::sql
