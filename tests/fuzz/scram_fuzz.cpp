// SCRAM from the client's side, split at the first zero byte, and the text of a verifier.
#include <cstdlib>

#include "tests/fuzz/harness.h"
#include "protocol/auth/scram_server.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = as_view(data, size);
  const std::size_t cut = input.find('\0');
  omen::protocol::ScramServer server(
      {.verifier = {.salt = "0123456789abcdef"}, .genuine = false, .nonce = "nonce"});
  if (server.start(input.substr(0, cut)).ok() && cut != std::string_view::npos) {
    static_cast<void>(server.finish(input.substr(cut + 1)));
  }
  if (server.authenticated()) {
    std::abort();
  }
  if (auto verifier = omen::protocol::parse_verifier(input); verifier.ok()) {
    static_cast<void>(omen::protocol::format_verifier(verifier.value()));
  }
  return 0;
}
