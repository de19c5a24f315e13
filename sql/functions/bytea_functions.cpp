#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/registry.h"
#include "sql/types/text.h"

/// Bytes: parts of them, digests, and conversion from and to text encodings.
namespace omen::sql {
namespace {

using Bytes = Owned<type_oid::kBytea>;

// ---------------------------------------------------------------- parts

[[noreturn]] void negative_length() {
  throw SqlError("22011", "negative substring length not allowed");
}
void check_overlay_start(Int4 start) {
  if (start <= 0) {
    negative_length();
  }
}
std::string overlay_text(Text text, Text with, Int4 start, Int4 length) {
  check_overlay_start(start);
  const Int8 end = std::max<Int8>(Int8{start} - 1 + length, 0);
  // A negative length repeats what stands before the start.
  std::string result(text.substr(0, char_offset(text, static_cast<std::size_t>(start - 1))));
  result.append(with);
  return result.append(text.substr(char_offset(text, static_cast<std::size_t>(end))));
}
std::string overlay_text_whole(Text text, Text with, Int4 start) {
  return overlay_text(text, with, start, static_cast<Int4>(char_count(with)));
}
Bytes overlay(Bytea bytes, Bytea with, Int4 start, Int4 length) {
  check_overlay_start(start);
  const std::size_t size = bytes.value.size();
  const auto from = std::min(static_cast<std::size_t>(start - 1), size);
  const Int8 end = std::clamp<Int8>(Int8{start} - 1 + length, 0, static_cast<Int8>(size));
  std::string result(bytes.value.substr(0, from));
  result.append(with.value);
  return {result.append(bytes.value.substr(static_cast<std::size_t>(end)))};
}
Bytes overlay_whole(Bytea bytes, Bytea with, Int4 start) {
  return overlay(bytes, with, start, static_cast<Int4>(with.value.size()));
}

void check_index(Int8 index, std::size_t count) {
  if (index < 0 || index >= static_cast<Int8>(count)) {
    throw SqlError(
        sqlstate::kArraySubscriptError,
        fmt::format("index {} out of valid range, 0..{}", index, static_cast<Int8>(count) - 1));
  }
}
Int4 get_byte(Bytea bytes, Int4 index) {
  check_index(index, bytes.value.size());
  return static_cast<unsigned char>(bytes.value[static_cast<std::size_t>(index)]);
}
Bytes set_byte(Bytea bytes, Int4 index, Int4 value) {
  check_index(index, bytes.value.size());
  std::string result(bytes.value);
  result[static_cast<std::size_t>(index)] = static_cast<char>(value);
  return {result};
}
Int4 get_bit(Bytea bytes, Int8 index) {
  check_index(index, bytes.value.size() * 8);
  const auto byte = static_cast<unsigned char>(bytes.value[static_cast<std::size_t>(index / 8)]);
  return (byte >> (index % 8)) & 1;
}
Int8 bit_count(Bytea bytes) {
  Int8 count = 0;
  for (const char c : bytes.value) {
    count += __builtin_popcount(static_cast<unsigned char>(c));
  }
  return count;
}

// ---------------------------------------------------------------- digests

Bytes digest(const EVP_MD* method, std::string_view bytes) {
  unsigned char result[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), result, &size, method, nullptr) != 1) {
    internal_error("digest failed");
  }
  return {std::string(reinterpret_cast<const char*>(result), size)};
}
Bytes sha224(Bytea bytes) {
  return digest(EVP_sha224(), bytes.value);
}
Bytes sha384(Bytea bytes) {
  return digest(EVP_sha384(), bytes.value);
}

// ---------------------------------------------------------------- encodings

enum class Encoding { Utf8, Latin1, SqlAscii, Unknown };
Encoding encoding_named(Name name) {
  std::string plain;
  for (const char c : ascii_lower(name.value)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      plain.push_back(c);
    }
  }
  if (plain == "utf8" || plain == "unicode") {
    return Encoding::Utf8;
  }
  if (plain == "latin1" || plain == "iso88591") {
    return Encoding::Latin1;
  }
  return plain == "sqlascii" ? Encoding::SqlAscii : Encoding::Unknown;
}
std::string convert_from(Bytea bytes, Name encoding) {
  switch (encoding_named(encoding)) {
    case Encoding::Utf8:
    case Encoding::SqlAscii:
      verify_utf8(bytes.value);
      return std::string(bytes.value);
    case Encoding::Latin1: {
      std::string text;
      for (const char c : bytes.value) {
        append_code_point(static_cast<unsigned char>(c), text);
      }
      verify_utf8(text);
      return text;
    }
    case Encoding::Unknown:
      break;
  }
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("invalid source encoding name \"{}\"", encoding.value));
}
Bytes convert_to(Text text, Name encoding) {
  switch (encoding_named(encoding)) {
    case Encoding::Utf8:
    case Encoding::SqlAscii:
      return {std::string(text)};
    case Encoding::Latin1: {
      std::string bytes;
      for (std::size_t at = 0; at < text.size(); at += char_bytes(text[at])) {
        const char32_t code_point = first_code_point(text.substr(at));
        if (code_point > 0xff) {
          std::string sequence;
          for (const char c : text.substr(at, char_bytes(text[at]))) {
            sequence += fmt::format("{}0x{:02x}", sequence.empty() ? "" : " ",
                                    static_cast<unsigned char>(c));
          }
          throw SqlError("22P05",
                         fmt::format("character with byte sequence {} in encoding \"UTF8\" has no "
                                     "equivalent in encoding \"LATIN1\"",
                                     sequence));
        }
        bytes.push_back(static_cast<char>(code_point));
      }
      return {bytes};
    }
    case Encoding::Unknown:
      break;
  }
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("invalid destination encoding name \"{}\"", encoding.value));
}

constexpr FunctionRow kRows[] = {
    scalar<overlay>(749, "overlay", "substitute portion of string"),
    scalar<overlay_whole>(752, "overlay", "substitute portion of string"),
    scalar<overlay_text>(1404, "overlay", "substitute portion of string"),
    scalar<overlay_text_whole>(1405, "overlay", "substitute portion of string"),
    scalar<get_byte>(721, "get_byte", "get byte"),
    scalar<set_byte>(722, "set_byte", "set byte"),
    scalar<get_bit>(723, "get_bit", "get bit"),
    scalar<bit_count>(6163, "bit_count", "count set bits"),
    scalar<sha224>(3419, "sha224", "SHA-224 hash"),
    scalar<sha384>(3421, "sha384", "SHA-384 hash"),
    scalar<convert_from>(1714, "convert_from", "convert string with specified source encoding name")
        .stable(),
    scalar<convert_to>(1717, "convert_to",
                       "convert string with specified destination encoding name")
        .stable(),
};

}  // namespace

const FunctionTable kByteaFunctions = kRows;

}  // namespace omen::sql
