#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"
#include "sql/functions/variadic.h"
#include "sql/types/array.h"
#include "sql/types/text.h"
#include "sql/types/type_io.h"

/// Functions of any value (how many are null), arrays filled and trimmed, and text taken apart.
namespace omen::sql {
namespace {

using engine::ColumnVector;

// ---------------------------------------------------------------- any values

/// num_nulls and num_nonnulls.
template <bool kNulls>
void count_nulls(const FunctionCall& call, ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    Int4 found = 0;
    for (const ColumnVector* argument : call.arguments) {
      found += argument->is_null(row) == kNulls ? 1 : 0;
    }
    out.values<Int4>()[row] = found;
  }
}

// ---------------------------------------------------------------- arrays

std::vector<Int4> int_elements(std::string_view bytes, const char* what) {
  const ArrayView view(bytes);
  if (view.dimensions().size() > 1) {
    throw SqlError(sqlstate::kArraySubscriptError, "wrong number of array subscripts")
        .detail(fmt::format("{} array must be one dimensional.", what));
  }
  ColumnVector column;
  unpack_array(view, column);
  std::vector<Int4> values;
  for (std::size_t i = 0; i < view.size(); ++i) {
    if (view.is_null(i)) {
      throw SqlError(sqlstate::kNullValueNotAllowed, "dimension values cannot be null");
    }
    values.push_back(column.values<Int4>()[i]);
  }
  return values;
}

void array_fill(const FunctionCall& call, ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  const bool with_bounds = call.arguments.size() > 2;
  for (std::size_t row = 0; row < count; ++row) {
    if (call.arguments[1]->is_null(row) || (with_bounds && call.arguments[2]->is_null(row))) {
      throw SqlError(sqlstate::kNullValueNotAllowed,
                     "dimension array or low bound array cannot be null");
    }
    const std::vector<Int4> lengths = int_elements(call.arguments[1]->bytes(row), "Dimension");
    if (lengths.size() > kArrayDimensionsMax) {
      throw SqlError(sqlstate::kProgramLimitExceeded,
                     fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})",
                                 lengths.size(), kArrayDimensionsMax));
    }
    std::vector<Int4> bounds(lengths.size(), 1);
    if (with_bounds) {
      bounds = int_elements(call.arguments[2]->bytes(row), "Low bound");
      if (bounds.size() != lengths.size()) {
        throw SqlError(sqlstate::kArraySubscriptError, "wrong number of array subscripts")
            .detail("Low bound array has different size than dimensions array.");
      }
    }
    std::vector<ArrayDimension> dimensions;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      if (lengths[i] < 0) {
        throw SqlError(
            sqlstate::kProgramLimitExceeded,
            fmt::format("array size exceeds the maximum allowed ({})", kArrayElementsMax));
      }
      dimensions.push_back({lengths[i], bounds[i]});
    }
    ArrayBuilder builder(type_info(call.result_type.oid).element_oid);
    const std::size_t total = dimensions.empty() ? 0 : array_element_count(dimensions);
    for (std::size_t i = 0; i < total; ++i) {
      builder.add(*call.arguments[0], row);
    }
    out.set_bytes(row, total == 0 ? builder.finish() : builder.finish(dimensions));
  }
}

void trim_array(const FunctionCall& call, ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    const ArrayView array(call.arguments[0]->bytes(row));
    const ColumnVector& amounts = *call.arguments[1];
    const Int4 amount = amounts.values<Int4>()[amounts.index(row)];
    std::vector<ArrayDimension> dimensions = array.dimensions();
    const Int4 length = dimensions.empty() ? 0 : dimensions[0].length;
    if (amount < 0 || amount > length) {
      throw SqlError(sqlstate::kArraySubscriptError,
                     fmt::format("number of elements to trim must be between 0 and {}", length));
    }
    ArrayBuilder builder(array.element_type());
    const std::size_t kept = length == 0 ? 0
                                         : array.size() / static_cast<std::size_t>(length) *
                                               static_cast<std::size_t>(length - amount);
    for (std::size_t i = 0; i < kept; ++i) {
      if (array.is_null(i)) {
        builder.add_null();
      } else {
        builder.add_bytes(array.element(i));
      }
    }
    if (kept == 0) {
      out.set_bytes(row, builder.finish());
      return;
    }
    dimensions[0].length -= amount;
    out.set_bytes(row, builder.finish(dimensions));
  });
}

// ---------------------------------------------------------------- text

/// Rows of text between separators: NULL splits characters, an empty separator nothing.
bool string_to_table(const FunctionCall& call, std::uint64_t position, engine::ColumnBatch& out) {
  if (call.arguments[0]->is_null(0)) {
    return false;
  }
  const std::string_view text = call.arguments[0]->bytes(0);
  const bool by_character = call.arguments[1]->is_null(0);
  const std::string_view separator =
      by_character ? std::string_view() : call.arguments[1]->bytes(0);
  const bool has_null_text = call.arguments.size() > 2 && !call.arguments[2]->is_null(0);
  std::size_t at = 0;
  std::uint64_t number = 0;
  bool more = !text.empty();
  while (more) {
    std::size_t end = 0;
    std::size_t next = 0;
    if (by_character) {
      next = end = std::min(at + char_bytes(text[at]), text.size());
      more = next < text.size();
    } else {
      end = separator.empty() ? std::string_view::npos : text.find(separator, at);
      more = end != std::string_view::npos;
      end = std::min(end, text.size());
      next = end + separator.size();
    }
    if (number++ >= position) {
      const std::size_t row = out.row_count();
      out.resize(row + 1);
      const std::string_view piece = text.substr(at, end - at);
      if (has_null_text && piece == call.arguments[2]->bytes(0)) {
        out.column(0).set_null(row);
      } else {
        out.column(0).set_bytes(row, piece);
      }
      if (number - position == engine::kBatchRowsMax) {
        return more;
      }
    }
    at = next;
  }
  return false;
}

[[noreturn]] void invalid_unicode_escape() {
  throw SqlError(sqlstate::kSyntaxError, "invalid Unicode escape")
      .hint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.");
}
/// \XXXX, \+XXXXXX, \uXXXX, \UXXXXXXXX and \\; surrogates come in pairs.
std::string unescape_unicode(Text text) {
  std::string result;
  char32_t high = 0;
  const auto require_no_high = [&] {
    if (high != 0) {
      throw SqlError(sqlstate::kSyntaxError, "invalid Unicode surrogate pair");
    }
  };
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      require_no_high();
      result.push_back(text[i++]);
      continue;
    }
    if (text.substr(i + 1).starts_with('\\')) {
      require_no_high();
      result.push_back('\\');
      i += 2;
      continue;
    }
    std::size_t begin = i + 1;
    std::size_t digits = 4;
    if (begin < text.size() && (text[begin] == 'u' || text[begin] == 'U' || text[begin] == '+')) {
      digits = text[begin] == 'u' ? 4 : (text[begin] == 'U' ? 8 : 6);
      ++begin;
    }
    if (begin + digits > text.size()) {
      invalid_unicode_escape();
    }
    std::uint64_t value = 0;
    for (const char c : text.substr(begin, digits)) {
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) {
        invalid_unicode_escape();
      }
      const int lower = std::tolower(static_cast<unsigned char>(c));
      value =
          value * 16 + static_cast<std::uint64_t>(lower <= '9' ? lower - '0' : lower - 'a' + 10);
    }
    i = begin + digits;
    auto code_point = static_cast<char32_t>(value);
    if (value == 0 || value > 0x10ffff) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("invalid Unicode code point: {:04X}", value));
    }
    if (code_point >= 0xd800 && code_point < 0xdc00) {
      require_no_high();
      high = code_point;
      continue;
    }
    if (code_point >= 0xdc00 && code_point < 0xe000) {
      if (high == 0) {
        throw SqlError(sqlstate::kSyntaxError, "invalid Unicode surrogate pair");
      }
      code_point = 0x10000 + ((high - 0xd800) << 10) + (code_point - 0xdc00);
      high = 0;
    }
    require_no_high();
    append_code_point(code_point, result);
  }
  require_no_high();
  return result;
}

std::string normalize_form(Text text, Text form) {
  UErrorCode status = U_ZERO_ERROR;
  const std::string name = ascii_lower(form);
  const icu::Normalizer2* normalizer = nullptr;
  if (name == "nfc") {
    normalizer = icu::Normalizer2::getNFCInstance(status);
  } else if (name == "nfd") {
    normalizer = icu::Normalizer2::getNFDInstance(status);
  } else if (name == "nfkc") {
    normalizer = icu::Normalizer2::getNFKCInstance(status);
  } else if (name == "nfkd") {
    normalizer = icu::Normalizer2::getNFKDInstance(status);
  } else {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("invalid normalization form: {}", form));
  }
  if (U_FAILURE(status) != 0) {
    internal_error("no Unicode normalizer");
  }
  const icu::UnicodeString normalized = normalizer->normalize(
      icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())}), status);
  std::string result;
  normalized.toUTF8String(result);
  return result;
}
void normalize(const FunctionCall& call, ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    const Text form = call.arguments.size() > 1 ? call.arguments[1]->bytes(row) : Text("NFC");
    out.set_bytes(row, normalize_form(call.arguments[0]->bytes(row), form));
  });
}

constexpr FunctionRow kRows[] = {
    vectorised(438, "num_nulls", {type_oid::kAny}, 23, count_nulls<true>,
               "count the number of NULL arguments")
        .variadic(type_oid::kAny)
        .non_strict(),
    vectorised(440, "num_nonnulls", {type_oid::kAny}, 23, count_nulls<false>,
               "count the number of non-NULL arguments")
        .variadic(type_oid::kAny)
        .non_strict(),
    vectorised(10906, "num_nulls(variadic)", {2277}, 23, spread<count_nulls<true>>,
               "count the number of NULL arguments"),
    vectorised(10907, "num_nonnulls(variadic)", {2277}, 23, spread<count_nulls<false>>,
               "count the number of non-NULL arguments"),
    vectorised(1193, "array_fill", {2283, 1007}, 2277, array_fill, "array constructor with value")
        .non_strict(),
    vectorised(1286, "array_fill", {2283, 1007, 1007}, 2277, array_fill,
               "array constructor with value")
        .non_strict(),
    vectorised(6172, "trim_array", {2277, 23}, 2277, trim_array, "remove last N elements of array"),
    set_returning(6160, "string_to_table", {25, 25}, 25, string_to_table, "split delimited text")
        .non_strict(),
    set_returning(6161, "string_to_table", {25, 25, 25}, 25, string_to_table,
                  "split delimited text, with null string")
        .non_strict(),
    scalar<unescape_unicode>(6198, "unistr", "unescape Unicode characters"),
    vectorised(4350, "normalize", {25, 25}, 25, normalize, "Unicode normalization").defaults(1),
};

}  // namespace

const FunctionTable kValueFunctions = kRows;

}  // namespace omen::sql
