#pragma once

#include <cstdint>

#include "protocol/wire/message_type.h"

namespace omen::protocol {

/// Which messages a session may process, ignore or must refuse now. No input or output of its own:
/// the owner reports what happened and asks admit() about each message. Not thread-safe.
class SessionState {
 public:
  enum class Phase : std::uint8_t {
    Startup,         ///< start-up packets only, which have no type
    Authentication,  ///< 'p' only
    Ready,           ///< any command; inside or outside of an extended sequence
    CopyIn,          ///< CopyData, CopyDone, CopyFail
    SkipUntilSync,   ///< an extended command failed: nothing counts until Sync
    Closed,
  };
  enum class Verdict : std::uint8_t {
    Process,
    Ignore,
    /// Not legal now: an error. In CopyIn it ends the COPY, elsewhere the connection.
    Violation,
  };

  [[nodiscard]] Phase phase() const { return phase_; }
  /// Also notes whether the message belongs to the extended protocol, for failed().
  Verdict admit(FrontendType type);

  void authentication_started() { phase_ = Phase::Authentication; }
  void authenticated() { phase_ = Phase::Ready; }
  void copy_in_started() { phase_ = Phase::CopyIn; }
  void copy_in_ended() { phase_ = Phase::Ready; }
  /// An error was reported. True if the client waits for ReadyForQuery now (simple protocol); false
  /// if it gets one only at its Sync.
  [[nodiscard]] bool failed();
  void closed() { phase_ = Phase::Closed; }

 private:
  Verdict admit_ready(FrontendType type);

  Phase phase_ = Phase::Startup;
  bool extended_ = false;  ///< the command in hand is one of the extended protocol
};

}  // namespace omen::protocol
