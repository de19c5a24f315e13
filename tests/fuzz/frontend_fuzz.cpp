// A client's byte stream after start-up: frames, in pieces, and the decoder of each message.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/fuzz/harness.h"
#include "protocol/messages/authentication.h"
#include "protocol/messages/bare.h"
#include "protocol/messages/copy.h"
#include "protocol/messages/portal.h"
#include "protocol/messages/query.h"
#include "protocol/messages/statement.h"
#include "protocol/session_state.h"
#include "protocol/wire/frame_assembler.h"

namespace omen::protocol {
namespace {

/// What decodes must encode to the same bytes.
template <typename Message>
void round_trip(const Frame& frame) {
  Message message;
  if (!decode(frame.body, message).ok()) {
    return;
  }
  std::string bytes;
  ByteWriter out(bytes);
  encode(message, out);
  if (std::string_view(bytes).substr(5) != frame.body) {
    std::abort();
  }
}

void decode_frame(const Frame& frame) {
  switch (static_cast<FrontendType>(frame.type)) {
    case FrontendType::Query:
      round_trip<Query>(frame);
      break;
    case FrontendType::Parse:
      round_trip<Parse>(frame);
      break;
    case FrontendType::Bind:
      round_trip<Bind>(frame);
      break;
    case FrontendType::Describe:
      round_trip<Describe>(frame);
      break;
    case FrontendType::Close:
      round_trip<Close>(frame);
      break;
    case FrontendType::Execute:
      round_trip<Execute>(frame);
      break;
    case FrontendType::FunctionCall:
      round_trip<FunctionCall>(frame);
      break;
    case FrontendType::CopyData:
      round_trip<CopyData>(frame);
      break;
    case FrontendType::CopyFail:
      round_trip<CopyFail>(frame);
      break;
    case FrontendType::Password:
      round_trip<PasswordMessage>(frame);
      round_trip<SaslInitialResponse>(frame);
      break;
    case FrontendType::CopyDone:
    case FrontendType::Flush:
    case FrontendType::Sync:
    case FrontendType::Terminate:
      static_cast<void>(decode_bare(frame.body));
      break;
  }
}

}  // namespace

void feed(std::string_view input) {
  // The first byte says how large the pieces are in which the rest comes.
  const std::size_t piece = static_cast<std::uint8_t>(input[0]) + std::size_t{1};
  input.remove_prefix(1);
  FrameAssembler assembler;
  SessionState state;
  state.authentication_started();
  state.authenticated();
  while (!input.empty()) {
    const auto room = assembler.prepare();
    const std::size_t count = std::min({room.size(), input.size(), piece});
    std::copy_n(input.data(), count, room.data());
    assembler.commit(count);
    input.remove_prefix(count);
    while (true) {
      auto frame = assembler.next();
      if (!frame.ok()) {
        return;
      }
      if (!frame.value()) {
        break;
      }
      static_cast<void>(state.admit(static_cast<FrontendType>(frame.value()->type)));
      decode_frame(*frame.value());
    }
  }
}

}  // namespace omen::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) {
    omen::protocol::feed(as_view(data, size));
  }
  return 0;
}
