#include <fmt/format.h>

#include "protocol/messages/bare.h"
#include "server/session/message_loop.h"

namespace omen::server {
namespace {

using protocol::BackendType;
namespace sqlstate = sql::sqlstate;

[[noreturn]] void throw_failed_block() {
  throw sql::SqlError(
      sqlstate::kInFailedSqlTransaction,
      "current transaction is aborted, commands ignored until end of transaction block");
}

void check_bind(const protocol::Bind& message, const sql::Prepared& prepared) {
  const std::size_t count = message.parameters.size();
  if (message.parameter_formats.size() > 1 && message.parameter_formats.size() != count) {
    throw protocol_error(fmt::format("bind message has {} parameter formats but {} parameters",
                                     message.parameter_formats.size(), count));
  }
  if (count != prepared.parameter_types().size()) {
    throw protocol_error(fmt::format(
        "bind message supplies {} parameters, but prepared statement \"{}\" requires {}", count,
        message.statement_name, prepared.parameter_types().size()));
  }
  if (message.result_formats.size() > 1 &&
      message.result_formats.size() != prepared.columns().size()) {
    throw protocol_error(fmt::format("bind message has {} result formats but query has {} columns",
                                     message.result_formats.size(), prepared.columns().size()));
  }
}

void write_description(const sql::Prepared& prepared, std::span<const Format> formats,
                       std::string& out) {
  if (prepared.columns().empty() && prepared.statement_class() != sql::StatementClass::Rows) {
    protocol::ByteWriter writer(out);
    encode_bare(BackendType::NoData, writer);
  } else {
    write_row_description(prepared.columns(), formats, out);
  }
}

}  // namespace

void MessageLoop::parse(std::string_view body) {
  protocol::Parse& message = parse_message_;
  sql::throw_if_error(decode(body, message));
  text_ = message.text;
  statement_offset_bytes_ = 0;
  backend_.set_query(text_);
  begin_command();
  // The unnamed statement goes even if this Parse fails.
  if (message.statement_name.empty()) {
    unnamed_statement_.reset();
  }
  store_statement(message.statement_name, session_.prepare(message.text, message.parameter_types));
  protocol::ByteWriter writer(connection_.output());
  encode_bare(BackendType::ParseComplete, writer);
}

void MessageLoop::store_statement(std::string_view name, sql::PreparedPtr prepared) {
  if (name.empty()) {
    unnamed_statement_ = std::move(prepared);
    return;
  }
  if (statement_names_.size() >= kStatementCountMax) {
    // Those that SQL's DEALLOCATE dropped are still among the names.
    std::erase_if(statement_names_,
                  [this](const std::string& stored) { return !statement_exists(stored); });
  }
  if (statement_names_.size() >= kStatementCountMax) {
    throw sql::SqlError(sqlstate::kProgramLimitExceeded,
                        fmt::format("too many prepared statements (limit {})", kStatementCountMax));
  }
  session_.store_prepared(name, std::move(prepared));
  statement_names_.emplace(name);
}

bool MessageLoop::statement_exists(std::string_view name) const {
  try {
    return session_.find_prepared(name) != nullptr;
  } catch (const sql::SqlError&) {
    return false;
  }
}

sql::PreparedPtr MessageLoop::find_statement(std::string_view name) const {
  if (!name.empty()) {
    return session_.find_prepared(name);
  }
  if (unnamed_statement_ == nullptr) {
    throw sql::SqlError(sqlstate::kInvalidSqlStatementName,
                        "unnamed prepared statement does not exist");
  }
  return unnamed_statement_;
}

OpenPortal& MessageLoop::find_portal(std::string_view name) {
  close_dead_portals();
  if (name.empty()) {
    if (unnamed_portal_) {
      return *unnamed_portal_;
    }
  } else if (const auto portal = portals_.find(name); portal != portals_.end()) {
    return portal->second;
  }
  throw sql::SqlError(sqlstate::kInvalidCursorName,
                      fmt::format("portal \"{}\" does not exist", name));
}

void MessageLoop::bind(std::string_view body) {
  protocol::Bind& message = bind_message_;
  sql::throw_if_error(decode(body, message));
  begin_command();
  const sql::PreparedPtr prepared = find_statement(message.statement_name);
  text_ = prepared->text();
  statement_offset_bytes_ = 0;
  backend_.set_query(text_);
  check_bind(message, *prepared);
  if (message.portal_name.empty()) {
    unnamed_portal_.reset();
  }
  close_dead_portals();
  if (!message.portal_name.empty() && portals_.contains(message.portal_name)) {
    throw sql::SqlError(sqlstate::kDuplicateCursor,
                        fmt::format("cursor \"{}\" already exists", message.portal_name));
  }

  spread_formats(message.parameter_formats, message.parameters.size(), parameter_formats_);
  arguments_.clear();
  for (std::size_t i = 0; i < message.parameters.size(); ++i) {
    arguments_.push_back(
        {.bytes = message.parameters[i], .binary = parameter_formats_[i] == Format::Binary});
  }
  OpenPortal open(prepared, session_.bind(prepared, {.arguments = arguments_,
                                                     .portal_name = message.portal_name}));
  if (!message.result_formats.empty()) {
    spread_formats(message.result_formats, prepared->columns().size(), open.result_formats());
  }
  open_portal(message.portal_name, std::move(open));
  protocol::ByteWriter writer(connection_.output());
  encode_bare(BackendType::BindComplete, writer);
}

void MessageLoop::open_portal(std::string_view name, OpenPortal portal) {
  close_dead_portals();
  if (name.empty()) {
    unnamed_portal_.emplace(std::move(portal));
    return;
  }
  if (portals_.size() >= kPortalCountMax) {
    throw sql::SqlError(sqlstate::kProgramLimitExceeded,
                        fmt::format("too many portals (limit {})", kPortalCountMax));
  }
  portals_.emplace(name, std::move(portal));
}

void MessageLoop::describe(std::string_view body) {
  protocol::Describe message;
  sql::throw_if_error(decode(body, message));
  const bool failed_block = session_.transaction_status() == sql::TransactionStatus::Failed;
  std::string& out = connection_.output();
  if (message.target == protocol::Target::Portal) {
    OpenPortal& open = find_portal(message.name);
    if (failed_block && !open.prepared().columns().empty()) {
      throw_failed_block();
    }
    write_description(open.prepared(), open.result_formats(), out);
    return;
  }
  const sql::PreparedPtr prepared = find_statement(message.name);
  if (failed_block && !prepared->columns().empty()) {
    throw_failed_block();
  }
  protocol::ByteWriter writer(out);
  encode(protocol::ParameterDescription{.types = {prepared->parameter_types().begin(),
                                                  prepared->parameter_types().end()}},
         writer);
  write_description(*prepared, {}, out);
}

void MessageLoop::close(std::string_view body) {
  protocol::Close message;
  sql::throw_if_error(decode(body, message));
  // It is no error to close what does not exist.
  if (message.target == protocol::Target::Statement) {
    if (message.name.empty()) {
      unnamed_statement_.reset();
    } else if (statement_exists(message.name)) {
      session_.drop_prepared(message.name);
      statement_names_.erase(std::string(message.name));
    }
  } else if (message.name.empty()) {
    unnamed_portal_.reset();
  } else if (const auto portal = portals_.find(message.name); portal != portals_.end()) {
    portals_.erase(portal);
  }
  protocol::ByteWriter writer(connection_.output());
  encode_bare(BackendType::CloseComplete, writer);
}

Awaitable<void> MessageLoop::execute(std::string_view body) {
  protocol::Execute message;
  sql::throw_if_error(decode(body, message));
  begin_command();
  OpenPortal& open = find_portal(message.portal_name);
  const sql::StatementClass statement_class = open.prepared().statement_class();
  if (session_.transaction_status() == sql::TransactionStatus::Failed &&
      !open.prepared().allowed_in_failed_block()) {
    throw_failed_block();
  }
  if (open.completed() && statement_class != sql::StatementClass::Rows) {
    throw sql::SqlError(sqlstate::kObjectNotInPrerequisiteState,
                        fmt::format("portal \"{}\" cannot be run", message.portal_name));
  }
  std::string& out = connection_.output();
  switch (statement_class) {
    case sql::StatementClass::CopyIn:
      co_await copy_in(open.portal());
      break;
    case sql::StatementClass::CopyOut:
      co_await copy_out(open.portal());
      break;
    case sql::StatementClass::Rows:
    case sql::StatementClass::Command:
    case sql::StatementClass::Empty:
      open.start(message.row_count_max > 0 ? static_cast<std::uint64_t>(message.row_count_max) : 0,
                 batch_);
      while (!open.pump(session_.eval_context(), Connection::kFlushBytes, out)) {
        if (!connection_.try_flush()) {
          co_await flush_or_throw();
        }
      }
  }
  write_notices();
  protocol::ByteWriter writer(out);
  if (open.suspended()) {
    encode_bare(BackendType::PortalSuspended, writer);
  } else if (statement_class == sql::StatementClass::Empty) {
    encode_bare(BackendType::EmptyQueryResponse, writer);
  } else {
    encode(protocol::CommandComplete{open.portal().command_tag(open.rows_sent())}, writer);
    open.complete();
  }
  end_command();
}

void MessageLoop::sync() {
  // Outside of a block this ends the transaction, and its portals with it.
  if (session_.transaction_status() == sql::TransactionStatus::Idle) {
    close_all_portals();
  }
  session_.finish_message();
  ready_for_query();
}

}  // namespace omen::server
