#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/column_batch.h"
#include "engine/base/value.h"
#include "sql/types/binary_reader.h"
#include "sql/types/type.h"

namespace omen::sql {

class EvalContext;

/// What one type can do: the bodies behind type_io.h. One constant table per topic
/// (integers.cpp, datetime...), joined in type_codec.cpp. A null member: the type cannot do it.
struct TypeCodec {
  Oid oid = 0;
  engine::Value (*input)(const Type& type, std::string_view text, const EvalContext& context);
  void (*output)(Oid type, const engine::ColumnVector& column, std::size_t row,
                 const EvalContext& context, std::string& out);
  engine::Value (*receive)(const Type& type, BinaryReader& reader, const EvalContext& context);
  void (*send)(Oid type, const engine::ColumnVector& column, std::size_t row,
               const EvalContext& context, std::string& out);
  int (*compare)(Oid type, const engine::ColumnVector& a, std::size_t a_row,
                 const engine::ColumnVector& b, std::size_t b_row) = nullptr;
  std::uint64_t (*hash)(Oid type, const engine::ColumnVector& column, std::size_t row) = nullptr;
  std::int32_t (*read_modifier)(std::span<const std::string> arguments) = nullptr;
  std::string (*format_modifier)(std::int32_t modifier) = nullptr;
};

/// internal_error for a type without a codec (pseudo types).
const TypeCodec& type_codec(Oid type);

/// 22P02 `invalid input syntax for type <sql name>: "<text>"`.
[[noreturn]] void invalid_input(std::string_view type_name, std::string_view text);
/// 22003 `value "<text>" is out of range for type <sql name>`.
[[noreturn]] void value_out_of_range(std::string_view type_name, std::string_view text);

/// As C's isspace in the C locale.
constexpr bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
std::string_view trim_spaces(std::string_view text);

/// Mixes a fixed-width key or bytes; equal inputs hash alike in one build (never stored).
std::uint64_t hash_bytes(std::string_view bytes);
std::uint64_t hash_integer(std::uint64_t value);

extern const std::span<const TypeCodec> kBooleanCodecs, kIntegerCodecs, kFloatCodecs, kTextCodecs,
    kByteaCodecs, kUuidCodecs, kDateTimeCodecs, kIntervalCodecs, kNumericCodecs, kOidCodecs,
    kVectorCodecs, kSparseVectorCodecs, kBitCodecs, kRecordCodecs;
extern const TypeCodec kArrayCodec;  ///< of every array type; oid 0

}  // namespace omen::sql
