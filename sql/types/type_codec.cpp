#include "sql/types/type_codec.h"

#include <array>
#include <functional>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr std::size_t kDenseOids = 5120;
using CodecIndex = std::array<const TypeCodec*, kDenseOids>;

CodecIndex index_codecs() {
  CodecIndex index{};
  for (const std::span<const TypeCodec> codecs :
       {kBooleanCodecs, kIntegerCodecs, kFloatCodecs, kTextCodecs, kByteaCodecs, kUuidCodecs,
        kDateTimeCodecs, kIntervalCodecs, kNumericCodecs, kOidCodecs, kRecordCodecs, kBitCodecs}) {
    for (const TypeCodec& codec : codecs) {
      index[codec.oid] = &codec;
    }
  }
  for (const TypeInfo& type : all_types()) {
    if (type.element_oid != 0 && type.oid < kDenseOids) {
      index[type.oid] = &kArrayCodec;
    }
  }
  return index;
}

const TypeCodec* find_codec(Oid type) {
  static const CodecIndex kIndex = index_codecs();
  if (type < kDenseOids) {
    return kIndex[type];
  }
  for (const std::span<const TypeCodec> codecs : {kVectorCodecs, kSparseVectorCodecs}) {
    for (const TypeCodec& codec : codecs) {
      if (codec.oid == type) {
        return &codec;
      }
    }
  }
  return is_extension_type(type) ? &kArrayCodec : nullptr;
}

std::string display_name(Oid type) {
  return format_type({type, -1});
}

}  // namespace

const TypeCodec& type_codec(Oid type) {
  const TypeCodec* codec = find_codec(type);
  if (codec == nullptr) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "cannot accept a value of type " + display_name(type));
  }
  return *codec;
}

void invalid_input(std::string_view type_name, std::string_view text) {
  throw SqlError(sqlstate::kInvalidTextRepresentation, "invalid input syntax for type " +
                                                           std::string(type_name) + ": \"" +
                                                           std::string(text) + "\"");
}

void value_out_of_range(std::string_view type_name, std::string_view text) {
  throw SqlError(
      sqlstate::kNumericValueOutOfRange,
      "value \"" + std::string(text) + "\" is out of range for type " + std::string(type_name));
}

std::string_view trim_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::uint64_t hash_bytes(std::string_view bytes) {
  return std::hash<std::string_view>{}(bytes);
}

std::uint64_t hash_integer(std::uint64_t value) {
  // The finaliser of splitmix64.
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

engine::Value text_to_value(const Type& type, std::string_view text, const EvalContext& context) {
  return type_codec(type.oid).input(type, text, context);
}

void append_text(Oid type, const engine::ColumnVector& column, std::size_t row,
                 const EvalContext& context, std::string& out) {
  type_codec(type).output(type, column, row, context, out);
}

engine::Value binary_to_value(const Type& type, std::string_view bytes,
                              const EvalContext& context) {
  const TypeCodec& codec = type_codec(type.oid);
  if (codec.receive == nullptr) {
    throw SqlError(sqlstate::kUndefinedFunction,
                   "no binary input function available for type " + display_name(type.oid));
  }
  BinaryReader reader(bytes);
  engine::Value value = codec.receive(type, reader, context);
  if (reader.left() != 0) {
    throw SqlError(sqlstate::kInvalidBinaryRepresentation, "incorrect binary data format");
  }
  return value;
}

void append_binary(Oid type, const engine::ColumnVector& column, std::size_t row,
                   const EvalContext& context, std::string& out) {
  const TypeCodec& codec = type_codec(type);
  if (codec.send == nullptr) {
    throw SqlError(sqlstate::kUndefinedFunction,
                   "no binary output function available for type " + display_name(type));
  }
  codec.send(type, column, row, context, out);
}

std::string value_to_text(Oid type, const engine::Value& value, const EvalContext& context) {
  engine::ColumnVector column;
  column.reset(type_info(type).physical, 1);
  column.set_value(0, value);
  std::string out;
  append_text(type, column, 0, context, out);
  return out;
}

int compare_values(Oid type, const engine::ColumnVector& a, std::size_t a_row,
                   const engine::ColumnVector& b, std::size_t b_row) {
  const TypeCodec& codec = type_codec(type);
  if (codec.compare == nullptr) {
    throw SqlError(sqlstate::kUndefinedFunction,
                   "could not identify a comparison function for type " + display_name(type));
  }
  return codec.compare(type, a, a_row, b, b_row);
}

std::uint64_t hash_value(Oid type, const engine::ColumnVector& column, std::size_t row) {
  const TypeCodec& codec = type_codec(type);
  if (codec.hash == nullptr) {
    throw SqlError(sqlstate::kUndefinedFunction,
                   "could not identify a hash function for type " + display_name(type));
  }
  return codec.hash(type, column, row);
}

bool is_orderable(Oid type) {
  const TypeCodec* codec = find_codec(type);
  if (codec == nullptr || codec->compare == nullptr) {
    return false;
  }
  const TypeInfo& info = type_info(type);
  return info.element_oid == 0 || is_orderable(info.element_oid);
}

}  // namespace omen::sql
