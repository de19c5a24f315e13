#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "protocol/auth/crypto.h"

namespace omen::protocol {

constexpr std::uint32_t kScramIterationsDefault = 4096;
constexpr std::uint32_t kScramIterationsMax = 10'000'000;
constexpr std::size_t kScramSaltBytes = 16;

/// What a server keeps of a password (RFC 5802, section 3). Its text form is PostgreSQL's:
/// `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`, the last three in base64.
struct ScramVerifier {
  std::uint32_t iterations = kScramIterationsDefault;
  std::string salt;  ///< raw bytes
  Sha256Digest stored_key{};
  Sha256Digest server_key{};
};

/// InvalidArgument if `text` is no verifier.
engine::Result<ScramVerifier> parse_verifier(std::string_view text);
std::string format_verifier(const ScramVerifier& verifier);

/// `password` must have gone through SASLprep already if it is not ASCII.
engine::Result<ScramVerifier> make_verifier(std::string_view password, std::string_view salt,
                                            std::uint32_t iterations = kScramIterationsDefault);

/// A verifier for a role that has none, so that its absence does not show: the same role gets the
/// same salt each time. No password matches it (its exchange must be run as not genuine).
/// `secret` is random and constant for the life of the server process.
engine::Result<ScramVerifier> mock_verifier(std::string_view role, std::string_view secret);

}  // namespace omen::protocol
