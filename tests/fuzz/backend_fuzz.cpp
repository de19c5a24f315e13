// Decoders of what a server sends: first byte the type, the rest the body.
#include "tests/fuzz/harness.h"
#include "protocol/messages/authentication.h"
#include "protocol/messages/copy.h"
#include "protocol/messages/diagnostic.h"
#include "protocol/messages/rows.h"
#include "protocol/messages/session.h"
#include "protocol/messages/startup.h"
#include "protocol/messages/statement.h"

namespace {

template <typename Message>
void decode_only(std::string_view body) {
  Message message;
  static_cast<void>(decode(body, message));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using omen::protocol::BackendType;
  if (size == 0) {
    return 0;
  }
  const std::string_view body = as_view(data, size).substr(1);
  switch (static_cast<BackendType>(data[0])) {
    case BackendType::Authentication:
      decode_only<omen::protocol::Authentication>(body);
      break;
    case BackendType::BackendKeyData:
      decode_only<omen::protocol::BackendKeyData>(body);
      break;
    case BackendType::CommandComplete:
      decode_only<omen::protocol::CommandComplete>(body);
      break;
    case BackendType::CopyInResponse:
      decode_only<omen::protocol::CopyResponse>(body);
      break;
    case BackendType::DataRow:
      decode_only<omen::protocol::DataRow>(body);
      break;
    case BackendType::ErrorResponse:
      decode_only<omen::protocol::DiagnosticMessage>(body);
      break;
    case BackendType::NegotiateProtocolVersion:
      decode_only<omen::protocol::NegotiateProtocolVersion>(body);
      break;
    case BackendType::NotificationResponse:
      decode_only<omen::protocol::NotificationResponse>(body);
      break;
    case BackendType::ParameterDescription:
      decode_only<omen::protocol::ParameterDescription>(body);
      break;
    case BackendType::ParameterStatus:
      decode_only<omen::protocol::ParameterStatus>(body);
      break;
    case BackendType::ReadyForQuery:
      decode_only<omen::protocol::ReadyForQuery>(body);
      break;
    case BackendType::RowDescription:
      decode_only<omen::protocol::RowDescription>(body);
      break;
    default:
      break;
  }
  return 0;
}
