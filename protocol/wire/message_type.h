#pragma once

#include <cstddef>
#include <cstdint>

namespace omen::protocol {

/// Type bytes of what a client sends after start-up. PasswordMessage, SASLInitialResponse and
/// SASLResponse share 'p': the authentication phase says which one it is.
enum class FrontendType : char {
  Bind = 'B',
  Close = 'C',
  CopyData = 'd',
  CopyDone = 'c',
  CopyFail = 'f',
  Describe = 'D',
  Execute = 'E',
  Flush = 'H',
  FunctionCall = 'F',
  Parse = 'P',
  Password = 'p',
  Query = 'Q',
  Sync = 'S',
  Terminate = 'X',
};

/// Type bytes of what a server sends.
enum class BackendType : char {
  Authentication = 'R',
  BackendKeyData = 'K',
  BindComplete = '2',
  CloseComplete = '3',
  CommandComplete = 'C',
  CopyBothResponse = 'W',
  CopyData = 'd',
  CopyDone = 'c',
  CopyInResponse = 'G',
  CopyOutResponse = 'H',
  DataRow = 'D',
  EmptyQueryResponse = 'I',
  ErrorResponse = 'E',
  NegotiateProtocolVersion = 'v',
  NoData = 'n',
  NoticeResponse = 'N',
  NotificationResponse = 'A',
  ParameterDescription = 't',
  ParameterStatus = 'S',
  ParseComplete = '1',
  PortalSuspended = 's',
  ReadyForQuery = 'Z',
  RowDescription = 'T',
};

/// Limits on message bodies, length field not counted; as PostgreSQL has them, whose largest length
/// field is 2^30 - 2.
constexpr std::size_t kStartupPacketBytesMax = 10'000;
constexpr std::size_t kAuthenticationBodyBytesMax = 65'535;
constexpr std::size_t kSmallBodyBytesMax = 10'000;
constexpr std::size_t kLargeBodyBytesMax = (std::size_t{1} << 30) - 6;

/// The largest body a message of this type byte may have; 0 if no such type exists.
constexpr std::size_t body_bytes_max(char type) {
  switch (static_cast<FrontendType>(type)) {
    case FrontendType::Query:
    case FrontendType::Parse:
    case FrontendType::Bind:
    case FrontendType::FunctionCall:
    case FrontendType::CopyData:
      return kLargeBodyBytesMax;
    case FrontendType::Password:
      return kAuthenticationBodyBytesMax;
    case FrontendType::Close:
    case FrontendType::CopyDone:
    case FrontendType::CopyFail:
    case FrontendType::Describe:
    case FrontendType::Execute:
    case FrontendType::Flush:
    case FrontendType::Sync:
    case FrontendType::Terminate:
      return kSmallBodyBytesMax;
  }
  return 0;
}

}  // namespace omen::protocol
