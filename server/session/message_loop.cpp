#include "server/session/message_loop.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "protocol/messages/bare.h"
#include "protocol/messages/query.h"
#include "protocol/messages/session.h"
#include "server/config/text.h"
#include "server/session/handshake.h"

namespace omen::server {

using protocol::BackendType;
using protocol::FrontendType;
using Verdict = protocol::SessionState::Verdict;
namespace sqlstate = sql::sqlstate;

MessageLoop::MessageLoop(ServerContext& server, Shard& shard, Connection& connection,
                         Backend& backend, sql::Session& session)
    : server_(server),
      connection_(connection),
      backend_(backend),
      session_(session),
      executing_(server.workers, shard),
      portal_generation_(session.transaction_generation()) {
  state_.authentication_started();
  state_.authenticated();
}

MessageLoop::~MessageLoop() {
  server_.deadlines.disarm(statement_deadline_);
  server_.deadlines.disarm(idle_deadline_);
  close_all_portals();
}

Awaitable<void> MessageLoop::run() {
  report_settings();
  protocol::ByteWriter writer(connection_.output());
  encode(protocol::BackendKeyData{.process_id = backend_.process_id(),
                                  .secret_key = backend_.secret_key()},
         writer);
  ready_for_query();
  while (!finished_) {
    if (flush_wanted_) {
      flush_wanted_ = false;
      if (!connection_.try_flush()) {
        co_await flush_or_throw();
      }
    }
    auto frame = connection_.input().next();
    if (!frame.ok()) {
      throw fatal(sqlstate::kProtocolViolation, frame.status().message());
    }
    if (frame.value()) {
      if (!admit(*frame.value())) {
        continue;
      }
      // Only these two may have to wait; the others are spared a coroutine.
      const auto type = static_cast<FrontendType>(frame.value()->type);
      if (type == FrontendType::Query || type == FrontendType::Execute) {
        co_await process(*frame.value());
      } else {
        process_at_once(*frame.value());
      }
    } else {
      finished_ = !co_await wait_for_input();
    }
    if (auto error = termination_error(backend_.termination())) {
      throw std::move(*error);
    }
  }
}

bool MessageLoop::admit(const protocol::Frame& frame) {
  server_.deadlines.disarm(idle_deadline_);
  switch (state_.admit(static_cast<FrontendType>(frame.type))) {
    case Verdict::Process:
      return true;
    case Verdict::Ignore:
      return false;
    case Verdict::Violation:
      break;
  }
  throw fatal(sqlstate::kProtocolViolation, fmt::format("invalid frontend message type {}",
                                                        static_cast<unsigned char>(frame.type)));
}

Awaitable<void> MessageLoop::process(protocol::Frame frame) {
  backend_.set_executing(true);
  std::optional<sql::SqlError> failure;
  try {
    if (static_cast<FrontendType>(frame.type) == FrontendType::Query) {
      co_await query(frame.body);
    } else {
      co_await execute(frame.body);
    }
  } catch (...) {
    failure = sql::to_sql_error(std::current_exception());
  }
  backend_.set_executing(false);
  if (failure) {
    fail(std::move(*failure));
  }
}

void MessageLoop::process_at_once(const protocol::Frame& frame) {
  backend_.set_executing(true);
  std::optional<sql::SqlError> failure;
  try {
    dispatch(static_cast<FrontendType>(frame.type), frame.body);
  } catch (...) {
    failure = sql::to_sql_error(std::current_exception());
  }
  backend_.set_executing(false);
  if (failure) {
    fail(std::move(*failure));
  }
}

void MessageLoop::dispatch(FrontendType type, std::string_view body) {
  switch (type) {
    case FrontendType::Parse:
      parse(body);
      return;
    case FrontendType::Bind:
      bind(body);
      return;
    case FrontendType::Describe:
      describe(body);
      return;
    case FrontendType::Close:
      close(body);
      return;
    case FrontendType::Sync:
      sql::throw_if_error(protocol::decode_bare(body));
      sync();
      return;
    case FrontendType::Flush:
      sql::throw_if_error(protocol::decode_bare(body));
      flush_wanted_ = true;
      return;
    case FrontendType::Terminate:
      finished_ = true;
      return;
    case FrontendType::FunctionCall: {
      protocol::FunctionCall call;
      sql::throw_if_error(decode(body, call));
      sql::unsupported("the function call message");
    }
    // Handled by process(), or ignored by SessionState outside of COPY.
    case FrontendType::Query:
    case FrontendType::Execute:
    case FrontendType::Password:
    case FrontendType::CopyData:
    case FrontendType::CopyDone:
    case FrontendType::CopyFail:
      break;
  }
  sql::internal_error("message reached the wrong handler");
}

Awaitable<bool> MessageLoop::wait_for_input() {
  executing_.pause();
  const bool alive = co_await connection_.receive();
  executing_.resume();
  co_return alive;
}

Awaitable<void> MessageLoop::flush_or_throw() {
  executing_.pause();
  const bool alive = co_await connection_.drain();
  executing_.resume();
  if (!alive) {
    throw fatal(sqlstate::kConnectionFailure, "connection to client lost");
  }
}

void MessageLoop::ready_for_query() {
  end_command();
  close_dead_portals();
  write_notices();
  report_settings();
  const sql::TransactionStatus status = session_.transaction_status();
  backend_.set_transaction_status(status);
  protocol::ByteWriter writer(connection_.output());
  encode(protocol::ReadyForQuery{.transaction_status = static_cast<char>(status)}, writer);
  flush_wanted_ = true;
  if (status != sql::TransactionStatus::Idle) {
    wait_in_transaction();
  }
}

void MessageLoop::write_notices() {
  for (const sql::Diagnostic& notice : session_.take_notices()) {
    write_diagnostic(BackendType::NoticeResponse, notice, connection_.output());
  }
}

void MessageLoop::report_settings() {
  protocol::ByteWriter writer(connection_.output());
  for (const auto& [name, value] : session_.take_reported_settings()) {
    encode(protocol::ParameterStatus{.name = name, .value = value}, writer);
    if (name == "application_name") {
      backend_.set_application_name(value);
    }
  }
}

void MessageLoop::fail(sql::SqlError error) {
  if (auto terminated = termination_error(backend_.termination())) {
    throw std::move(*terminated);
  }
  if (error.diagnostic().severity == "FATAL") {
    throw error;
  }
  locate(error, {.message = text_, .offset_bytes = statement_offset_bytes_});
  // Portals of an implicit transaction die with it; in a block a savepoint may yet save them.
  if (session_.transaction_status() == sql::TransactionStatus::Idle) {
    close_all_portals();
  }
  session_.fail();
  write_notices();
  write_diagnostic(BackendType::ErrorResponse, error.diagnostic(), connection_.output());
  flush_wanted_ = true;
  if (state_.failed()) {
    ready_for_query();
  } else {
    end_command();
    close_dead_portals();
  }
}

void MessageLoop::read_timeouts() {
  const std::uint64_t version = session_.settings_version();
  if (version == settings_version_) {
    return;
  }
  settings_version_ = version;
  statement_timeout_ =
      std::chrono::milliseconds(parse_duration_ms(session_.setting("statement_timeout")));
  idle_timeout_ = std::chrono::milliseconds(
      parse_duration_ms(session_.setting("idle_in_transaction_session_timeout")));
}

void MessageLoop::begin_command() {
  if (statement_deadline_.number != 0) {
    return;
  }
  read_timeouts();
  if (statement_timeout_.count() > 0) {
    statement_deadline_ = server_.deadlines.arm(
        Deadlines::Clock::now() + statement_timeout_,
        [&backend = backend_] { backend.cancel(engine::CancelReason::StatementTimeout); });
  }
}

void MessageLoop::end_command() {
  server_.deadlines.disarm(statement_deadline_);
}

void MessageLoop::wait_in_transaction() {
  read_timeouts();
  if (idle_timeout_.count() > 0) {
    idle_deadline_ = server_.deadlines.arm(
        Deadlines::Clock::now() + idle_timeout_,
        [&backend = backend_] { backend.terminate(Termination::IdleInTransaction); });
  }
}

void MessageLoop::close_dead_portals() {
  const std::uint64_t generation = session_.transaction_generation();
  if (generation != portal_generation_) {
    close_all_portals();
    portal_generation_ = generation;
  }
}

void MessageLoop::close_all_portals() {
  unnamed_portal_.reset();
  portals_.clear();
}

}  // namespace omen::server
