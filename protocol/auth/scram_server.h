#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "protocol/auth/scram_verifier.h"

namespace omen::protocol {

constexpr std::string_view kScramMechanism = "SCRAM-SHA-256";

/// The server's half of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), without channel binding.
///
/// start() answers the client's first message, finish() its second. A wrong password is not an
/// error but an outcome: authenticated() stays false. Not thread-safe.
class ScramServer {
 public:
  /// `genuine` false: the verifier is a mock_verifier and the outcome is always false.
  /// `nonce` is fresh random text without commas, of printable ASCII.
  struct Options {
    ScramVerifier verifier;
    bool genuine = true;
    std::string nonce;
  };
  explicit ScramServer(Options options) : options_(std::move(options)) {}
  /// With a nonce from the generator for secrets.
  static engine::Result<ScramServer> create(ScramVerifier verifier, bool genuine);

  /// Takes client-first-message, returns server-first-message. ProtocolViolation if malformed.
  engine::Result<std::string> start(std::string_view client_first);
  /// Takes client-final-message, returns server-final-message, to be sent only if authenticated().
  engine::Result<std::string> finish(std::string_view client_final);
  [[nodiscard]] bool authenticated() const { return authenticated_; }

 private:
  enum class Step : std::uint8_t { First, Final, Done };

  engine::Result<bool> proof_is_right(std::string_view auth_message, std::string_view proof) const;

  Options options_;
  Step step_ = Step::First;
  char channel_binding_flag_ = 'n';  ///< as the client sent it: 'n' or 'y'
  std::string client_first_bare_;
  std::string server_first_;
  std::string nonce_;  ///< the client's, then ours
  bool authenticated_ = false;
};

}  // namespace omen::protocol
