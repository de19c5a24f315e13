#include "protocol/messages/copy.h"

#include <fmt/format.h>

#include "protocol/messages/bare.h"
#include "server/session/message_loop.h"

namespace omen::server {
namespace {

using protocol::BackendType;
using protocol::FrontendType;
using Verdict = protocol::SessionState::Verdict;

void write_copy_response(BackendType type, const sql::Portal& portal, std::string& out) {
  const std::int8_t format = portal.copy_is_binary() ? 1 : 0;
  protocol::ByteWriter writer(out);
  encode(type,
         protocol::CopyResponse{
             .format = format,
             .column_formats = std::vector<std::int16_t>(portal.copy_column_count(), format)},
         writer);
}

}  // namespace

Awaitable<void> MessageLoop::copy_in(sql::Portal& portal) {
  portal.next(batch_);
  write_notices();
  write_copy_response(BackendType::CopyInResponse, portal, connection_.output());
  state_.copy_in_started();
  if (!connection_.try_flush()) {
    co_await flush_or_throw();
  }
  bool copying = true;
  while (copying) {
    auto frame = connection_.input().next();
    if (!frame.ok()) {
      throw fatal(sql::sqlstate::kProtocolViolation, frame.status().message());
    }
    if (frame.value()) {
      copying = copy_in_message(*frame.value(), portal);
    } else if (!co_await wait_for_input()) {
      throw fatal(sql::sqlstate::kConnectionFailure,
                  "unexpected EOF on client connection with an open transaction");
    }
  }
  state_.copy_in_ended();
}

bool MessageLoop::copy_in_message(const protocol::Frame& frame, sql::Portal& portal) {
  const auto type = static_cast<FrontendType>(frame.type);
  switch (state_.admit(type)) {
    case Verdict::Process:
      break;
    case Verdict::Ignore:
      return true;
    case Verdict::Violation:
      throw protocol_error(fmt::format("unexpected message type 0x{:02X} during COPY from stdin",
                                       static_cast<unsigned char>(frame.type)));
  }
  if (type == FrontendType::CopyData) {
    portal.copy_data(frame.body);
    return true;
  }
  if (type == FrontendType::CopyFail) {
    protocol::CopyFail message;
    sql::throw_if_error(decode(frame.body, message));
    portal.copy_fail(message.reason);
  }
  sql::throw_if_error(protocol::decode_bare(frame.body));
  portal.copy_done();
  return false;
}

Awaitable<void> MessageLoop::copy_out(sql::Portal& portal) {
  std::string& out = connection_.output();
  portal.next(batch_);
  write_notices();
  write_copy_response(BackendType::CopyOutResponse, portal, out);
  protocol::ByteWriter writer(out);
  std::vector<std::string> rows;
  for (bool more = true; more;) {
    rows.clear();
    more = portal.copy_out(rows);
    for (const std::string& row : rows) {
      encode(protocol::CopyData{row}, writer);
      if (connection_.needs_flush() && !connection_.try_flush()) {
        co_await flush_or_throw();
      }
    }
  }
  encode_bare(BackendType::CopyDone, writer);
}

}  // namespace omen::server
