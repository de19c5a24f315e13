#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"
#include "sql/types/bytea.h"
#include "sql/types/text.h"

/// Hashes and encodings of bytes.
namespace omen::sql {
namespace {

std::string digest(const EVP_MD* method, Text bytes) {
  unsigned char result[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), result, &size, method, nullptr) != 1) {
    internal_error("digest failed");
  }
  return {reinterpret_cast<const char*>(result), size};
}
std::string md5(Text text) {
  std::string hex;
  append_bytea_hex(digest(EVP_md5(), text), hex);
  return hex;
}
std::string md5_bytea(Bytea bytes) {
  return md5(bytes.value);
}
Owned<type_oid::kBytea> sha256(Bytea bytes) {
  return {digest(EVP_sha256(), bytes.value)};
}
Owned<type_oid::kBytea> sha512(Bytea bytes) {
  return {digest(EVP_sha512(), bytes.value)};
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kBase64LineLength = 76;

std::string encode_base64(Text bytes) {
  std::string result;
  std::size_t line = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < count ? static_cast<std::uint8_t>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      result.push_back(j <= count ? kBase64[group >> (18 - 6 * j) & 63] : '=');
    }
    line += 4;
    if (line >= kBase64LineLength && i + 3 < bytes.size()) {
      result.push_back('\n');
      line = 0;
    }
  }
  return result;
}

std::string decode_base64(Text text) {
  std::string result;
  std::uint32_t group = 0;
  int count = 0;
  int padded = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      continue;
    }
    const std::size_t digit = c == '=' ? 0 : kBase64.find(c);
    if (digit == std::string_view::npos || (padded > 0 && c != '=') || padded > 1) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     c == '=' ? "unexpected \"=\" while decoding base64 sequence"
                              : fmt::format("invalid symbol \"{}\" found while decoding base64 "
                                            "sequence",
                                            c));
    }
    padded += c == '=' ? 1 : 0;
    group = group << 6 | static_cast<std::uint32_t>(digit);
    if (++count == 4) {
      for (int i = 0; i < 3 - padded; ++i) {
        result.push_back(static_cast<char>(group >> (16 - 8 * i)));
      }
      group = 0;
      count = 0;
    }
  }
  if (count != 0) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid base64 end sequence")
        .hint("Input data is missing padding, is truncated, or is otherwise corrupted.");
  }
  return result;
}

[[noreturn]] void unknown_encoding(Text name) {
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("unrecognized encoding: \"{}\"", name));
}
std::string encode(Bytea bytes, Text format) {
  std::string result;
  const std::string name = ascii_lower(format);
  if (name == "hex") {
    append_bytea_hex(bytes.value, result);
  } else if (name == "base64") {
    result = encode_base64(bytes.value);
  } else if (name == "escape") {
    append_bytea_escape(bytes.value, result);
  } else {
    unknown_encoding(format);
  }
  return result;
}
Owned<type_oid::kBytea> decode(Text text, Text format) {
  const std::string name = ascii_lower(format);
  if (name == "hex") {
    return {decode_hex(text)};
  }
  if (name == "base64") {
    return {decode_base64(text)};
  }
  if (name == "escape") {
    return {parse_bytea(text.starts_with("\\x") ? "\\" + std::string(text) : std::string(text))};
  }
  unknown_encoding(format);
}

constexpr FunctionRow kRows[] = {
    scalar<md5>(2311, "md5", "MD5 hash"),
    scalar<md5_bytea>(2321, "md5", "MD5 hash"),
    scalar<sha256>(3420, "sha256", "SHA-256 hash"),
    scalar<sha512>(3422, "sha512", "SHA-512 hash"),
    scalar<encode>(1946, "encode", "convert bytea value into some ascii-only text string"),
    scalar<decode>(1947, "decode", "convert ascii-encoded text string into bytea value"),
};

}  // namespace

const FunctionTable kStringEncodingFunctions = kRows;

}  // namespace omen::sql
