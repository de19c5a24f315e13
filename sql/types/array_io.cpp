#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/types/array.h"
#include "sql/types/array_parser.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

using engine::ColumnVector;

bool is_blank_separated(Oid type) {
  return type == type_oid::kInt2Vector || type == type_oid::kOidVector;
}

/// int2vector and oidvector: "1 2 3", one dimension from 0.
engine::Value input_blank_separated(const Type& type, std::string_view text,
                                    const EvalContext& context) {
  const Oid element = type_info(type.oid).element_oid;
  ArrayBuilder builder(element);
  std::string_view rest = trim_spaces(text);
  while (!rest.empty()) {
    const auto* const stop = std::ranges::find_if(rest, is_space);
    const auto size = static_cast<std::size_t>(stop - rest.begin());
    builder.add(text_to_value({element, -1}, rest.substr(0, size), context));
    rest = trim_spaces(rest.substr(size));
  }
  return builder.finish({{static_cast<std::int32_t>(builder.size()), 0}});
}

engine::Value input(const Type& type, std::string_view text, const EvalContext& context) {
  if (is_blank_separated(type.oid)) {
    return input_blank_separated(type, text, context);
  }
  const Oid element = type_info(type.oid).element_oid;
  const ParsedArray parsed = parse_array_literal(text);
  ArrayBuilder builder(element);
  for (const std::optional<std::string>& item : parsed.elements) {
    if (item) {
      builder.add(text_to_value({element, type.modifier}, *item, context));
    } else {
      builder.add_null();
    }
  }
  return builder.finish(parsed.dimensions);
}

bool needs_quotes(std::string_view text) {
  return text.empty() || ascii_lower(text) == "null" || std::ranges::any_of(text, [](char c) {
           return c == '"' || c == '\\' || c == '{' || c == '}' || c == ',' || is_space(c);
         });
}

void append_element(std::string_view text, std::string& out) {
  if (!needs_quotes(text)) {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
    }
    out.push_back(c);
  }
  out.push_back('"');
}

class ArrayPrinter {
 public:
  ArrayPrinter(const ArrayView& array, const EvalContext& context, std::string& out)
      : array_(array), context_(context), out_(out) {
    unpack_array(array, elements_);
  }

  void print() {
    if (array_.dimensions().empty()) {
      out_.append("{}");
      return;
    }
    const auto& dimensions = array_.dimensions();
    if (std::ranges::any_of(dimensions, [](const auto& d) { return d.lower_bound != 1; })) {
      for (const ArrayDimension& d : dimensions) {
        out_.append(fmt::format("[{}:{}]", d.lower_bound, d.lower_bound + d.length - 1));
      }
      out_.push_back('=');
    }
    print_dimension(0);
  }

 private:
  void print_dimension(std::size_t depth) {
    out_.push_back('{');
    for (std::int32_t i = 0; i < array_.dimensions()[depth].length; ++i) {
      if (i > 0) {
        out_.push_back(',');
      }
      if (depth + 1 < array_.dimensions().size()) {
        print_dimension(depth + 1);
      } else {
        print_element();
      }
    }
    out_.push_back('}');
  }

  void print_element() {
    if (elements_.is_null(next_)) {
      out_.append("NULL");
    } else {
      text_.clear();
      append_text(array_.element_type(), elements_, next_, context_, text_);
      append_element(text_, out_);
    }
    ++next_;
  }

  const ArrayView& array_;
  const EvalContext& context_;
  std::string& out_;
  ColumnVector elements_;
  std::string text_;
  std::size_t next_ = 0;
};

void output(Oid type, const ColumnVector& column, std::size_t row, const EvalContext& context,
            std::string& out) {
  const ArrayView array(column.bytes(row));
  if (!is_blank_separated(type)) {
    ArrayPrinter(array, context, out).print();
    return;
  }
  ColumnVector elements;
  unpack_array(array, elements);
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i > 0) {
      out.push_back(' ');
    }
    append_text(array.element_type(), elements, i, context, out);
  }
}

[[noreturn]] void invalid_binary(std::string message) {
  throw SqlError(sqlstate::kInvalidBinaryRepresentation, std::move(message));
}

std::vector<ArrayDimension> receive_dimensions(BinaryReader& reader, Oid element) {
  const auto count = reader.integer<std::int32_t>();
  if (count < 0) {
    invalid_binary(fmt::format("invalid number of dimensions: {}", count));
  }
  if (count > static_cast<std::int32_t>(kArrayDimensionsMax)) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})",
                               count, kArrayDimensionsMax));
  }
  if (const auto flags = reader.integer<std::int32_t>(); flags != 0 && flags != 1) {
    invalid_binary("invalid array flags");
  }
  if (const auto received = reader.integer<Oid>(); received != element) {
    throw SqlError(
        sqlstate::kDatatypeMismatch,
        fmt::format("binary data has array element type {} ({}) instead of expected "
                    "{} ({})",
                    received, format_type({received, -1}), element, format_type({element, -1})));
  }
  std::vector<ArrayDimension> dimensions(static_cast<std::size_t>(count));
  for (ArrayDimension& dimension : dimensions) {
    dimension.length = reader.integer<std::int32_t>();
    dimension.lower_bound = reader.integer<std::int32_t>();
    if (dimension.length < 0) {
      invalid_binary("invalid array dimension");
    }
  }
  return dimensions;
}

engine::Value receive(const Type& type, BinaryReader& reader, const EvalContext& context) {
  const Oid element = type_info(type.oid).element_oid;
  std::vector<ArrayDimension> dimensions = receive_dimensions(reader, element);
  const std::size_t count = array_element_count(dimensions);
  ArrayBuilder builder(element);
  for (std::size_t i = 0; i < count; ++i) {
    const auto size = reader.integer<std::int32_t>();
    if (size < -1 || (size > 0 && static_cast<std::size_t>(size) > reader.left())) {
      invalid_binary("insufficient data left in message");
    }
    if (size == -1) {
      builder.add_null();
      continue;
    }
    const std::string_view bytes = reader.take(static_cast<std::size_t>(size));
    BinaryReader element_reader(bytes);
    const engine::Value value =
        type_codec(element).receive({element, type.modifier}, element_reader, context);
    if (element_reader.left() != 0) {
      invalid_binary("improper binary format in array element " + std::to_string(i + 1));
    }
    builder.add(value);
  }
  if (count == 0 && !is_blank_separated(type.oid)) {
    dimensions.clear();
  }
  return builder.finish(dimensions);
}

void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& context,
          std::string& out) {
  const ArrayView array(column.bytes(row));
  ColumnVector elements;
  unpack_array(array, elements);
  append_big_endian(static_cast<std::uint32_t>(array.dimensions().size()), out);
  append_big_endian(std::uint32_t{elements.has_nulls() ? 1U : 0U}, out);
  append_big_endian(array.element_type(), out);
  for (const ArrayDimension& dimension : array.dimensions()) {
    append_big_endian(dimension.length, out);
    append_big_endian(dimension.lower_bound, out);
  }
  std::string bytes;
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (array.is_null(i)) {
      append_big_endian(std::int32_t{-1}, out);
      continue;
    }
    bytes.clear();
    append_binary(array.element_type(), elements, i, context, bytes);
    append_big_endian(static_cast<std::uint32_t>(bytes.size()), out);
    out.append(bytes);
  }
}

/// By element (NULL is largest), then count, number of dimensions, lengths.
int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  const ArrayView left(a.bytes(a_row));
  const ArrayView right(b.bytes(b_row));
  ColumnVector left_elements;
  ColumnVector right_elements;
  unpack_array(left, left_elements);
  unpack_array(right, right_elements);
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (left.is_null(i) || right.is_null(i)) {
      if (left.is_null(i) != right.is_null(i)) {
        return left.is_null(i) ? 1 : -1;
      }
      continue;
    }
    const int order = compare_values(left.element_type(), left_elements, i, right_elements, i);
    if (order != 0) {
      return order;
    }
  }
  const auto three_way = [](auto x, auto y) { return x < y ? -1 : (x > y ? 1 : 0); };
  if (left.size() != right.size()) {
    return three_way(left.size(), right.size());
  }
  if (left.dimensions().size() != right.dimensions().size()) {
    return three_way(left.dimensions().size(), right.dimensions().size());
  }
  for (std::size_t i = 0; i < left.dimensions().size(); ++i) {
    const int order = three_way(left.dimensions()[i].length, right.dimensions()[i].length);
    if (order != 0) {
      return order;
    }
  }
  return 0;
}

std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  const ArrayView array(column.bytes(row));
  ColumnVector elements;
  unpack_array(array, elements);
  std::uint64_t state = 1;
  for (std::size_t i = 0; i < array.size(); ++i) {
    const std::uint64_t part = array.is_null(i) ? 0 : hash_value(array.element_type(), elements, i);
    state = state * 31 + part;
  }
  return hash_integer(state);
}

}  // namespace

const TypeCodec kArrayCodec = {0, input, output, receive, send, compare, hash};

}  // namespace omen::sql
