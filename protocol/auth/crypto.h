#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"

/// The only door to OpenSSL's primitives. Failures of OpenSSL itself (no entropy, no memory) are
/// Internal.
namespace omen::protocol {

constexpr std::size_t kSha256Bytes = 32;
using Sha256Digest = std::array<std::uint8_t, kSha256Bytes>;

engine::Result<Sha256Digest> sha256(std::string_view bytes);
engine::Result<Sha256Digest> hmac_sha256(std::string_view key, std::string_view bytes);
/// PBKDF2 with HMAC-SHA-256, one block.
engine::Result<Sha256Digest> pbkdf2_sha256(std::string_view password, std::string_view salt,
                                           std::uint32_t iterations);
/// From the generator for secrets.
engine::Result<std::string> random_bytes(std::size_t size_bytes);
engine::Result<std::uint32_t> random_u32();

/// Takes time that depends on the sizes only.
bool equal_constant_time(std::string_view a, std::string_view b);

std::string base64_encode(std::string_view bytes);
/// nullopt unless `text` is padded base64 without anything else in it.
std::optional<std::string> base64_decode(std::string_view text);

inline std::string_view as_view(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace omen::protocol
