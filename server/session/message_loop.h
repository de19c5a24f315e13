#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "protocol/messages/portal.h"
#include "protocol/messages/statement.h"
#include "protocol/session_state.h"
#include "server/net/connection.h"
#include "server/session/diagnostics.h"
#include "server/session/open_portal.h"
#include "server/session/server_context.h"

namespace omen::server {

/// Reads one client's messages and lets its sql::Session answer them, from AuthenticationOk to the
/// end of the connection.
///
/// A statement runs inline, on the thread that read its message; what comes out of it goes straight
/// into the connection's buffer, which is sent when it is full, at ReadyForQuery, at Flush and
/// after an error. Coroutines are suspended in two places only: waiting for input, and waiting for
/// a client that reads more slowly than its result is made.
///
/// Not thread-safe: one coroutine, which may move between the threads of its shard when suspended.
class MessageLoop {
 public:
  /// All references outlive the loop.
  MessageLoop(ServerContext& server, Shard& shard, Connection& connection, Backend& backend,
              sql::Session& session);
  ~MessageLoop();
  MessageLoop(const MessageLoop&) = delete;
  MessageLoop& operator=(const MessageLoop&) = delete;

  /// Returns when the client left or said goodbye. Throws a FATAL SqlError that it is to be told.
  Awaitable<void> run();

 private:
  static constexpr std::size_t kPortalCountMax = 10'000;
  static constexpr std::size_t kStatementCountMax = 100'000;

  // --- message_loop.cpp: the loop, answers common to all messages ---
  /// False if the message is to be ignored now.
  bool admit(const protocol::Frame& frame);
  Awaitable<void> process(protocol::Frame frame);
  void process_at_once(const protocol::Frame& frame);
  void dispatch(protocol::FrontendType type, std::string_view body);
  Awaitable<bool> wait_for_input();
  Awaitable<void> flush_or_throw();
  void ready_for_query();
  void write_notices();
  void report_settings();
  void fail(sql::SqlError error);
  void read_timeouts();
  void begin_command();
  void end_command();
  void wait_in_transaction();
  void close_dead_portals();
  void close_all_portals();

  // --- simple_query.cpp ---
  Awaitable<void> query(std::string_view body);
  Awaitable<void> run_simple(const sql::PreparedPtr& prepared, bool is_last);

  // --- extended_query.cpp ---
  void parse(std::string_view body);
  void bind(std::string_view body);
  void describe(std::string_view body);
  void close(std::string_view body);
  Awaitable<void> execute(std::string_view body);
  void sync();
  void store_statement(std::string_view name, sql::PreparedPtr prepared);
  [[nodiscard]] bool statement_exists(std::string_view name) const;
  [[nodiscard]] sql::PreparedPtr find_statement(std::string_view name) const;
  OpenPortal& find_portal(std::string_view name);
  void open_portal(std::string_view name, OpenPortal portal);

  // --- copy.cpp ---
  /// Both end before CommandComplete.
  Awaitable<void> copy_in(sql::Portal& portal);
  Awaitable<void> copy_out(sql::Portal& portal);
  /// One message while copying in; false at CopyDone.
  bool copy_in_message(const protocol::Frame& frame, sql::Portal& portal);

  ServerContext& server_;
  Connection& connection_;
  Backend& backend_;
  sql::Session& session_;
  Executing executing_;
  protocol::SessionState state_;
  bool flush_wanted_ = false;
  bool finished_ = false;

  std::string text_;  ///< of the command in hand, for positions of errors
  std::size_t statement_offset_bytes_ = 0;
  std::uint64_t settings_version_ = 0;  ///< the timeouts below are those of this version
  std::chrono::milliseconds statement_timeout_{0};
  std::chrono::milliseconds idle_timeout_{0};
  Deadlines::Ticket statement_deadline_;
  Deadlines::Ticket idle_deadline_;

  sql::PreparedPtr unnamed_statement_;
  std::unordered_set<std::string> statement_names_;  ///< a superset of those stored by Parse
  std::optional<OpenPortal> unnamed_portal_;
  std::map<std::string, OpenPortal, std::less<>> portals_;
  std::uint64_t portal_generation_ = 0;
  engine::ColumnBatch batch_;  ///< of whatever runs to its end at once

  // Reused from message to message.
  protocol::Parse parse_message_;
  protocol::Bind bind_message_;
  std::vector<sql::Session::Argument> arguments_;
  std::vector<Format> parameter_formats_;
};

}  // namespace omen::server
