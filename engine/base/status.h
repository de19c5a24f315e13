#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace omen::engine {

/// What went wrong, as far as a caller may want to act on it. sql/error maps each to one SQLSTATE.
enum class StatusCode : std::uint8_t {
  Ok,
  NotFound,
  AlreadyExists,         ///< a catalog object of that name exists
  InvalidArgument,       ///< malformed input bytes, a bad option
  ProtocolViolation,     ///< the client broke the wire protocol
  Unsupported,           ///< known, but not provided
  SerializationFailure,  ///< 40001: concurrent update under repeatable read
  Deadlock,              ///< 40P01
  LockTimeout,           ///< 55P03: lock_timeout elapsed
  LockNotAvailable,      ///< 55P03: NOWAIT
  Cancelled,             ///< 57014: CancelToken fired
  OutOfMemory,           ///< 53200: Budget exhausted
  DiskFull,              ///< 53100
  IoError,               ///< 58030
  Corruption,            ///< XX001: stored bytes contradict themselves
  ReadOnly,              ///< 25006: write in a read-only transaction
  LimitExceeded,         ///< 54000: a documented limit
  Internal,              ///< XX000: a bug that hurt this request only
};

/// Outcome of an operation without a value. An Ok status holds no text and costs nothing.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] bool ok() const { return code_ == StatusCode::Ok; }
  [[nodiscard]] StatusCode code() const { return code_; }
  /// Lower case, no full stop, fit to be shown to a client.
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  StatusCode code_ = StatusCode::Ok;
  std::string message_;
};

}  // namespace omen::engine

#define OMEN_CONCAT_INNER(a, b) a##b
#define OMEN_CONCAT(a, b) OMEN_CONCAT_INNER(a, b)

/// Returns from the enclosing function when `expression` (a Status) is not ok.
#define OMEN_TRY(expression)                                                      \
  do {                                                                            \
    if (::omen::engine::Status omen_status_ = (expression); !omen_status_.ok()) { \
      return omen_status_;                                                        \
    }                                                                             \
  } while (false)
