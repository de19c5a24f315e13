#include "protocol/messages/bare.h"
#include "protocol/messages/query.h"
#include "server/session/message_loop.h"

namespace omen::server {

using protocol::BackendType;

Awaitable<void> MessageLoop::query(std::string_view body) {
  protocol::Query message;
  sql::throw_if_error(decode(body, message));
  text_ = message.text;  // the frame goes when COPY reads on
  statement_offset_bytes_ = 0;
  backend_.set_query(text_);
  begin_command();
  unnamed_statement_.reset();
  unnamed_portal_.reset();

  const std::vector<std::string> statements = session_.split(text_);
  std::size_t end_bytes = 0;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (i > 0) {
      end_command();  // statement_timeout is for each, and one may have set it for the next
      begin_command();
    }
    statement_offset_bytes_ = text_.find(statements[i], end_bytes);
    if (statement_offset_bytes_ == std::string::npos) {
      statement_offset_bytes_ = end_bytes;
    }
    end_bytes = statement_offset_bytes_ + statements[i].size();
    co_await run_simple(session_.prepare(statements[i], {}), i + 1 == statements.size());
  }
  if (statements.empty()) {
    protocol::ByteWriter writer(connection_.output());
    encode_bare(BackendType::EmptyQueryResponse, writer);
    session_.finish_message();
  }
  ready_for_query();
}

Awaitable<void> MessageLoop::run_simple(const sql::PreparedPtr& prepared, bool is_last) {
  OpenPortal open(prepared,
                  session_.bind(prepared, {.simple_query = true, .last_of_message = is_last}));
  std::string& out = connection_.output();
  switch (prepared->statement_class()) {
    case sql::StatementClass::CopyIn:
      co_await copy_in(open.portal());
      break;
    case sql::StatementClass::CopyOut:
      co_await copy_out(open.portal());
      break;
    case sql::StatementClass::Rows:
      write_row_description(prepared->columns(), {}, out);
      [[fallthrough]];
    case sql::StatementClass::Command:
    case sql::StatementClass::Empty:
      open.start(0, batch_);
      while (!open.pump(session_.eval_context(), Connection::kFlushBytes, out)) {
        if (!connection_.try_flush()) {
          co_await flush_or_throw();
        }
      }
  }
  const std::string tag = open.portal().command_tag(open.rows_sent());
  write_notices();
  if (is_last) {
    // A commit that fails is told instead of the completion. Nothing may be open by then.
    const OpenPortal closed = std::move(open);
  }
  if (is_last) {
    session_.finish_message();
    write_notices();
  }
  protocol::ByteWriter writer(out);
  if (prepared->statement_class() == sql::StatementClass::Empty) {
    encode_bare(BackendType::EmptyQueryResponse, writer);
  } else {
    encode(protocol::CommandComplete{tag}, writer);
  }
}

}  // namespace omen::server
