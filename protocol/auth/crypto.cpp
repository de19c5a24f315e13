#include "protocol/auth/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstring>

namespace omen::protocol {
namespace {

using engine::Result;
using engine::Status;
using engine::StatusCode;

Status failure(const char* what) {
  return {StatusCode::Internal, what};
}

const unsigned char* unsigned_data(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Result<Sha256Digest> sha256(std::string_view bytes) {
  Sha256Digest digest;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    return failure("could not compute SHA-256");
  }
  return digest;
}

Result<Sha256Digest> hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256Digest digest;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), unsigned_data(bytes),
           bytes.size(), digest.data(), nullptr) == nullptr) {
    return failure("could not compute HMAC");
  }
  return digest;
}

Result<Sha256Digest> pbkdf2_sha256(std::string_view password, std::string_view salt,
                                   std::uint32_t iterations) {
  Sha256Digest digest;
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), unsigned_data(salt),
                        static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                        static_cast<int>(digest.size()), digest.data()) != 1) {
    return failure("could not derive a key from the password");
  }
  return digest;
}

Result<std::string> random_bytes(std::size_t size_bytes) {
  std::string bytes(size_bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) !=
      1) {
    return failure("could not generate random bytes");
  }
  return bytes;
}

Result<std::uint32_t> random_u32() {
  OMEN_ASSIGN(const std::string bytes, random_bytes(sizeof(std::uint32_t)));
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string base64_encode(std::string_view bytes) {
  // EVP_EncodeBlock ends with a zero byte, for which there is room until resize().
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   unsigned_data(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.empty()) {
    return std::string();
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  // EVP_DecodeBlock skips white space at both ends and takes '=' anywhere: not here.
  const std::string_view digits = text.substr(0, text.size() - padding);
  for (const char c : digits) {
    const bool is_digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                          (c >= '0' && c <= '9') || c == '+' || c == '/';
    if (!is_digit) {
      return std::nullopt;
    }
  }
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   unsigned_data(text), static_cast<int>(text.size()));
  if (size < 0) {
    return std::nullopt;
  }
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace omen::protocol
