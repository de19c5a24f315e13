#include "protocol/auth/scram_server.h"

#include <fmt/format.h>

#include <algorithm>

namespace omen::protocol {
namespace {

using engine::Result;
using engine::Status;
using engine::StatusCode;

constexpr std::size_t kNonceBytes = 18;

Status malformed(std::string_view why) {
  return {StatusCode::ProtocolViolation, fmt::format("malformed SCRAM message ({})", why)};
}

/// Takes `name=value` and its comma, if any, off the front of `text`.
Result<std::string_view> read_attribute(std::string_view& text, char name) {
  if (text.size() < 2 || text[0] != name || text[1] != '=') {
    return malformed(fmt::format("expected attribute \"{}\"", name));
  }
  const std::size_t end = std::min(text.find(','), text.size());
  const std::string_view value = text.substr(2, end - 2);
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x21 && c <= 0x7e; });
}

}  // namespace

Result<ScramServer> ScramServer::create(ScramVerifier verifier, bool genuine) {
  OMEN_ASSIGN(const std::string nonce, random_bytes(kNonceBytes));
  return ScramServer(
      {.verifier = std::move(verifier), .genuine = genuine, .nonce = base64_encode(nonce)});
}

Result<std::string> ScramServer::start(std::string_view client_first) {
  if (step_ != Step::First) {
    return malformed("unexpected message");
  }
  if (client_first.empty()) {
    return malformed("the message is empty");
  }
  channel_binding_flag_ = client_first[0];
  if (channel_binding_flag_ == 'p') {
    return malformed(
        "the client selected SCRAM-SHA-256 without channel binding, but the message "
        "includes channel binding data");
  }
  if (channel_binding_flag_ != 'n' && channel_binding_flag_ != 'y') {
    return malformed("unexpected channel-binding flag");
  }
  client_first.remove_prefix(1);
  if (!client_first.starts_with(",")) {
    return malformed("comma expected");
  }
  client_first.remove_prefix(1);
  if (client_first.starts_with("a=")) {
    return Status(StatusCode::Unsupported,
                  "client uses authorization identity, but it is not supported");
  }
  if (!client_first.starts_with(",")) {
    return malformed("unexpected attribute in client-first-message");
  }
  client_first.remove_prefix(1);
  client_first_bare_ = client_first;
  if (client_first.starts_with("m=")) {
    return Status(StatusCode::Unsupported, "client requires an unsupported SCRAM extension");
  }
  // The user name is the one of the start-up packet; clients leave this one empty.
  OMEN_ASSIGN([[maybe_unused]] const std::string_view name, read_attribute(client_first, 'n'));
  OMEN_ASSIGN(const std::string_view client_nonce, read_attribute(client_first, 'r'));
  if (client_nonce.empty() || !is_printable(client_nonce)) {
    return malformed("non-printable characters in SCRAM nonce");
  }
  nonce_ = fmt::format("{}{}", client_nonce, options_.nonce);
  server_first_ = fmt::format("r={},s={},i={}", nonce_, base64_encode(options_.verifier.salt),
                              options_.verifier.iterations);
  step_ = Step::Final;
  return server_first_;
}

Result<std::string> ScramServer::finish(std::string_view client_final) {
  if (step_ != Step::Final) {
    return malformed("unexpected message");
  }
  step_ = Step::Done;
  // AuthMessage holds client-final-message without its proof, which comes last.
  const std::size_t proof_at = client_final.rfind(",p=");
  if (proof_at == std::string_view::npos) {
    return malformed("the message has no proof");
  }
  const std::string_view without_proof = client_final.substr(0, proof_at);
  std::string_view rest = without_proof;
  OMEN_ASSIGN(const std::string_view binding, read_attribute(rest, 'c'));
  OMEN_ASSIGN(const std::string_view nonce, read_attribute(rest, 'r'));
  if (binding != base64_encode(fmt::format("{},,", channel_binding_flag_))) {
    return malformed("unexpected SCRAM channel-binding attribute in client-final-message");
  }
  if (!equal_constant_time(nonce, nonce_)) {
    return malformed("nonce does not match");
  }
  const auto proof = base64_decode(client_final.substr(proof_at + 3));
  if (!proof || proof->size() != kSha256Bytes) {
    return malformed("malformed proof in client-final-message");
  }
  const std::string auth_message =
      fmt::format("{},{},{}", client_first_bare_, server_first_, without_proof);
  OMEN_ASSIGN(const bool right, proof_is_right(auth_message, *proof));
  authenticated_ = right && options_.genuine;
  OMEN_ASSIGN(const Sha256Digest signature,
              hmac_sha256(as_view(options_.verifier.server_key), auth_message));
  return fmt::format("v={}", base64_encode(as_view(signature)));
}

Result<bool> ScramServer::proof_is_right(std::string_view auth_message,
                                         std::string_view proof) const {
  OMEN_ASSIGN(const Sha256Digest signature,
              hmac_sha256(as_view(options_.verifier.stored_key), auth_message));
  // ClientKey = ClientProof XOR ClientSignature; its hash is what we keep.
  Sha256Digest client_key;
  for (std::size_t i = 0; i < kSha256Bytes; ++i) {
    client_key[i] = static_cast<std::uint8_t>(static_cast<std::uint8_t>(proof[i]) ^ signature[i]);
  }
  OMEN_ASSIGN(const Sha256Digest stored_key, sha256(as_view(client_key)));
  return equal_constant_time(as_view(stored_key), as_view(options_.verifier.stored_key));
}

}  // namespace omen::protocol
