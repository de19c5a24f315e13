#include "protocol/auth/scram_verifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace omen::protocol {
namespace {

using engine::Result;
using engine::Status;
using engine::StatusCode;

constexpr std::string_view kPrefix = "SCRAM-SHA-256$";

Status malformed() {
  return {StatusCode::InvalidArgument, "invalid SCRAM-SHA-256 verifier"};
}

/// Cuts `text` at the first `separator`; false if there is none.
bool cut(std::string_view& text, char separator, std::string_view& head) {
  const std::size_t end = text.find(separator);
  if (end == std::string_view::npos) {
    return false;
  }
  head = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

bool decode_key(std::string_view text, Sha256Digest& key) {
  const auto bytes = base64_decode(text);
  if (!bytes || bytes->size() != key.size()) {
    return false;
  }
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return true;
}

}  // namespace

Result<ScramVerifier> parse_verifier(std::string_view text) {
  if (!text.starts_with(kPrefix)) {
    return malformed();
  }
  text.remove_prefix(kPrefix.size());
  std::string_view iterations;
  std::string_view salt;
  std::string_view stored_key;
  if (!cut(text, ':', iterations) || !cut(text, '$', salt) || !cut(text, ':', stored_key)) {
    return malformed();
  }
  ScramVerifier verifier;
  const char* const end = iterations.data() + iterations.size();
  const auto parsed = std::from_chars(iterations.data(), end, verifier.iterations);
  const auto salt_bytes = base64_decode(salt);
  if (parsed.ec != std::errc() || parsed.ptr != end || verifier.iterations == 0 ||
      verifier.iterations > kScramIterationsMax || !salt_bytes || salt_bytes->empty() ||
      !decode_key(stored_key, verifier.stored_key) || !decode_key(text, verifier.server_key)) {
    return malformed();
  }
  verifier.salt = *salt_bytes;
  return verifier;
}

std::string format_verifier(const ScramVerifier& verifier) {
  return fmt::format("{}{}:{}${}:{}", kPrefix, verifier.iterations, base64_encode(verifier.salt),
                     base64_encode(as_view(verifier.stored_key)),
                     base64_encode(as_view(verifier.server_key)));
}

Result<ScramVerifier> make_verifier(std::string_view password, std::string_view salt,
                                    std::uint32_t iterations) {
  OMEN_ASSIGN(const Sha256Digest salted, pbkdf2_sha256(password, salt, iterations));
  OMEN_ASSIGN(const Sha256Digest client_key, hmac_sha256(as_view(salted), "Client Key"));
  ScramVerifier verifier;
  verifier.iterations = iterations;
  verifier.salt = salt;
  OMEN_ASSIGN(verifier.stored_key, sha256(as_view(client_key)));
  OMEN_ASSIGN(verifier.server_key, hmac_sha256(as_view(salted), "Server Key"));
  return verifier;
}

Result<ScramVerifier> mock_verifier(std::string_view role, std::string_view secret) {
  OMEN_ASSIGN(const Sha256Digest digest, hmac_sha256(secret, role));
  ScramVerifier verifier;
  verifier.salt = as_view(digest).substr(0, kScramSaltBytes);
  return verifier;
}

}  // namespace omen::protocol
