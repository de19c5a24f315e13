#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/array_elements.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"
#include "sql/types/array.h"
#include "sql/types/record.h"
#include "sql/types/text.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

using engine::ColumnVector;

// ---------------------------------------------------------------- shape

/// Body(array, dimension index) for functions of (anyarray, int4) that give int4 or NULL.
template <typename Body>
void of_dimension(const FunctionCall& call, ColumnVector& out, Body body) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    const ArrayView array(call.arguments[0]->bytes(row));
    const Int4 number = call.arguments[1]->values<Int4>()[call.arguments[1]->index(row)];
    if (number < 1 || static_cast<std::size_t>(number) > array.dimensions().size()) {
      out.set_null(row);
      return;
    }
    out.values<Int4>()[row] = body(array.dimensions()[static_cast<std::size_t>(number - 1)]);
  });
}
void array_length(const FunctionCall& call, ColumnVector& out) {
  of_dimension(call, out, [](const ArrayDimension& d) { return d.length; });
}
void array_lower(const FunctionCall& call, ColumnVector& out) {
  of_dimension(call, out, [](const ArrayDimension& d) { return d.lower_bound; });
}
void array_upper(const FunctionCall& call, ColumnVector& out) {
  of_dimension(call, out, [](const ArrayDimension& d) { return d.lower_bound + d.length - 1; });
}
void dimension_count(const FunctionCall& call, ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    const ArrayView array(call.arguments[0]->bytes(row));
    if (array.dimensions().empty()) {
      out.set_null(row);
    } else {
      out.values<Int4>()[row] = static_cast<Int4>(array.dimensions().size());
    }
  });
}
void array_dimensions(const FunctionCall& call, ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    const ArrayView array(call.arguments[0]->bytes(row));
    std::string text;
    for (const ArrayDimension& d : array.dimensions()) {
      text.append(fmt::format("[{}:{}]", d.lower_bound, d.lower_bound + d.length - 1));
    }
    if (text.empty()) {
      out.set_null(row);
    } else {
      out.set_bytes(row, text);
    }
  });
}
void cardinality(const FunctionCall& call, ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    out.values<Int4>()[row] = static_cast<Int4>(ArrayView(call.arguments[0]->bytes(row)).size());
  });
}

// ---------------------------------------------------------------- building

/// array_append and array_prepend: a NULL array is an empty one.
template <bool kAppend>
void add_element(const FunctionCall& call, ColumnVector& out) {
  const ColumnVector& arrays = *call.arguments[kAppend ? 0 : 1];
  const ColumnVector& values = *call.arguments[kAppend ? 1 : 0];
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    ArrayBuilder builder(element_type_of(call.result_type.oid));
    std::vector<ArrayDimension> dimensions;
    std::optional<ArrayView> array;
    if (!arrays.is_null(row)) {
      array.emplace(arrays.bytes(row));
      dimensions = array->dimensions();
    }
    if (dimensions.size() > 1) {
      throw SqlError(sqlstate::kDataException, "argument must be empty or one-dimensional array");
    }
    if (!kAppend) {
      builder.add(values, row);
    }
    if (array) {
      add_elements(*array, builder);
    }
    if (kAppend) {
      builder.add(values, row);
    }
    if (dimensions.empty()) {
      dimensions = {{0, 1}};
    }
    ++dimensions[0].length;
    out.set_bytes(row, builder.finish(dimensions));
  }
}

[[noreturn]] void incompatible(const char* detail) {
  throw SqlError(sqlstate::kArraySubscriptError, "cannot concatenate incompatible arrays")
      .detail(detail);
}

/// Shape of a || b: equal numbers of dimensions, or one an element of the other.
std::vector<ArrayDimension> joined_dimensions(const ArrayView& a, const ArrayView& b) {
  const auto& left = a.dimensions();
  const auto& right = b.dimensions();
  const auto tails_equal = [](std::span<const ArrayDimension> x,
                              std::span<const ArrayDimension> y) {
    return std::ranges::equal(x, y, {}, &ArrayDimension::length, &ArrayDimension::length);
  };
  std::vector<ArrayDimension> result;
  if (left.size() == right.size()) {
    if (!tails_equal(std::span(left).subspan(1), std::span(right).subspan(1))) {
      incompatible(
          "Arrays with differing element dimensions are not compatible for concatenation.");
    }
    result = left;
    result[0].length += right[0].length;
  } else if (left.size() == right.size() + 1) {
    if (!tails_equal(std::span(left).subspan(1), right)) {
      incompatible("Arrays with differing dimensions are not compatible for concatenation.");
    }
    result = left;
    ++result[0].length;
  } else if (left.size() + 1 == right.size()) {
    if (!tails_equal(left, std::span(right).subspan(1))) {
      incompatible("Arrays with differing dimensions are not compatible for concatenation.");
    }
    result = right;
    ++result[0].length;
  } else {
    throw SqlError(sqlstate::kArraySubscriptError, "cannot concatenate incompatible arrays")
        .detail(fmt::format("Arrays of {} and {} dimensions are not compatible for concatenation.",
                            left.size(), right.size()));
  }
  return result;
}

void concatenate_arrays(const FunctionCall& call, ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  const ColumnVector& a = *call.arguments[0];
  const ColumnVector& b = *call.arguments[1];
  for (std::size_t row = 0; row < count; ++row) {
    if (a.is_null(row) || b.is_null(row)) {
      if (a.is_null(row) && b.is_null(row)) {
        out.set_null(row);
      } else {
        out.set_bytes(row, a.is_null(row) ? b.bytes(row) : a.bytes(row));
      }
      continue;
    }
    const ArrayView left(a.bytes(row));
    const ArrayView right(b.bytes(row));
    if (left.dimensions().empty() || right.dimensions().empty()) {
      out.set_bytes(row, left.dimensions().empty() ? b.bytes(row) : a.bytes(row));
      continue;
    }
    ArrayBuilder builder(left.element_type());
    add_elements(left, builder);
    add_elements(right, builder);
    out.set_bytes(row, builder.finish(joined_dimensions(left, right)));
  }
}

// ---------------------------------------------------------------- search

/// Equal, or both NULL.
bool is_same(const Elements& elements, std::size_t i, const ColumnVector& value, std::size_t row) {
  return elements.array.is_null(i)
             ? value.is_null(row)
             : elements_equal(elements.type(), elements.column, i, value, row);
}

void array_position(const FunctionCall& call, ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    if (call.arguments[0]->is_null(row)) {
      out.set_null(row);
      continue;
    }
    const Elements elements(call.arguments[0]->bytes(row));
    if (elements.array.dimensions().size() > 1) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "searching for elements in multidimensional arrays is not supported");
    }
    const Int4 lower = elements.size() == 0 ? 1 : elements.array.dimensions()[0].lower_bound;
    Int4 start = lower;
    if (call.arguments.size() > 2) {
      if (call.arguments[2]->is_null(row)) {
        throw SqlError(sqlstate::kNullValueNotAllowed, "initial position must not be null");
      }
      start = std::max(lower, call.arguments[2]->values<Int4>()[call.arguments[2]->index(row)]);
    }
    auto i = static_cast<std::size_t>(start - lower);
    while (i < elements.size() && !is_same(elements, i, *call.arguments[1], row)) {
      ++i;
    }
    if (i < elements.size()) {
      out.values<Int4>()[row] = lower + static_cast<Int4>(i);
    } else {
      out.set_null(row);
    }
  }
}

void array_positions(const FunctionCall& call, ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    if (call.arguments[0]->is_null(row)) {
      out.set_null(row);
      continue;
    }
    const Elements elements(call.arguments[0]->bytes(row));
    const Int4 lower = elements.size() == 0 ? 1 : elements.array.dimensions()[0].lower_bound;
    ArrayBuilder builder(type_oid::kInt4);
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (is_same(elements, i, *call.arguments[1], row)) {
        builder.add(engine::Value(lower + static_cast<Int4>(i)));
      }
    }
    out.set_bytes(row, builder.finish());
  }
}

/// array_remove (no replacement) and array_replace.
void replace_elements(const FunctionCall& call, ColumnVector& out) {
  const bool removes = call.arguments.size() == 2;
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    if (call.arguments[0]->is_null(row)) {
      out.set_null(row);
      continue;
    }
    const Elements elements(call.arguments[0]->bytes(row));
    std::vector<ArrayDimension> dimensions = elements.array.dimensions();
    if (removes && dimensions.size() > 1) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "removing elements from multidimensional arrays is not supported");
    }
    ArrayBuilder builder(elements.type());
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (!is_same(elements, i, *call.arguments[1], row)) {
        builder.add(elements.column, i);
      } else if (!removes) {
        builder.add(*call.arguments[2], row);
      }
    }
    if (removes && !dimensions.empty()) {
      dimensions[0].length = static_cast<Int4>(builder.size());
      if (builder.size() == 0) {
        dimensions.clear();
      }
    }
    out.set_bytes(row, builder.finish(dimensions));
  }
}

// ---------------------------------------------------------------- text

/// Not strict: the third argument may be NULL.
void array_to_string(const FunctionCall& call, ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    if (call.arguments[0]->is_null(row) || call.arguments[1]->is_null(row)) {
      out.set_null(row);
      continue;
    }
    const Elements elements(call.arguments[0]->bytes(row));
    const bool shows_null = call.arguments.size() > 2 && !call.arguments[2]->is_null(row);
    std::string text;
    bool any = false;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (elements.array.is_null(i) && !shows_null) {
        continue;
      }
      if (any) {
        append_bounded(text, call.arguments[1]->bytes(row));
      }
      any = true;
      if (elements.array.is_null(i)) {
        text.append(call.arguments[2]->bytes(row));
      } else {
        std::string part;
        append_text(elements.type(), elements.column, i, call.context, part);
        append_bounded(text, part);
      }
    }
    out.set_bytes(row, text);
  }
}

/// A NULL separator splits into characters, an empty one not at all.
void string_to_array(const FunctionCall& call, ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    if (call.arguments[0]->is_null(row)) {
      out.set_null(row);
      continue;
    }
    Text text = call.arguments[0]->bytes(row);
    const bool has_null_text = call.arguments.size() > 2 && !call.arguments[2]->is_null(row);
    ArrayBuilder builder(type_oid::kText);
    const auto add = [&](Text part) {
      if (has_null_text && part == call.arguments[2]->bytes(row)) {
        builder.add_null();
      } else {
        builder.add_bytes(part);
      }
    };
    const bool by_character = call.arguments[1]->is_null(row);
    const Text separator = call.arguments[1]->bytes(row);
    while (!text.empty() && by_character) {
      const std::size_t size = std::min(char_bytes(text[0]), text.size());
      add(text.substr(0, size));
      text.remove_prefix(size);
    }
    while (!text.empty() && !by_character) {
      const std::size_t at = separator.empty() ? Text::npos : text.find(separator);
      add(text.substr(0, at));
      if (at == Text::npos) {
        break;
      }
      text.remove_prefix(at + separator.size());
      if (text.empty()) {
        add(text);
      }
    }
    out.set_bytes(row, builder.finish());
  }
}

// ---------------------------------------------------------------- sets

bool unnest(const FunctionCall& call, std::uint64_t position, engine::ColumnBatch& out) {
  if (call.arguments[0]->is_null(0)) {
    return false;
  }
  const Elements elements(call.arguments[0]->bytes(0));
  const std::size_t end = std::min<std::size_t>(elements.size(), position + engine::kBatchRowsMax);
  for (std::size_t i = position; i < end; ++i) {
    out.column(0).append_copy(elements.column, i);
  }
  out.set_row_count(out.column(0).size());
  return end < elements.size();
}

bool subscripts(const FunctionCall& call, std::uint64_t position, engine::ColumnBatch& out) {
  if (std::ranges::any_of(call.arguments, [](const auto* c) { return c->is_null(0); })) {
    return false;
  }
  const ArrayView array(call.arguments[0]->bytes(0));
  const Int4 number = call.arguments[1]->values<Int4>()[0];
  if (number < 1 || static_cast<std::size_t>(number) > array.dimensions().size()) {
    return false;
  }
  const ArrayDimension& d = array.dimensions()[static_cast<std::size_t>(number - 1)];
  const bool reverse =
      call.arguments.size() > 2 && call.arguments[2]->values<std::uint8_t>()[0] != 0;
  const auto length = static_cast<std::size_t>(d.length);
  const std::size_t end = std::min<std::size_t>(length, position + engine::kBatchRowsMax);
  std::size_t row = out.row_count();
  out.resize(row + (end > position ? end - position : 0));
  for (std::size_t i = position; i < end; ++i) {
    const auto offset = static_cast<Int4>(reverse ? length - 1 - i : i);
    out.column(0).values<Int4>()[row++] = d.lower_bound + offset;
  }
  return end < length;
}

constexpr FunctionRow kRows[] = {
    vectorised(2176, "array_length", {2277, 23}, 23, array_length, "array length"),
    vectorised(2091, "array_lower", {2277, 23}, 23, array_lower, "array lower dimension"),
    vectorised(2092, "array_upper", {2277, 23}, 23, array_upper, "array upper dimension"),
    vectorised(748, "array_ndims", {2277}, 23, dimension_count, "number of array dimensions"),
    vectorised(747, "array_dims", {2277}, 25, array_dimensions, "array dimensions"),
    vectorised(3179, "cardinality", {2277}, 23, cardinality, "array cardinality"),
    vectorised(378, "array_append", {5078, 5077}, 5078, add_element<true>,
               "append element onto end of array")
        .non_strict(),
    vectorised(379, "array_prepend", {5077, 5078}, 5078, add_element<false>,
               "prepend element onto front of array")
        .non_strict(),
    vectorised(383, "array_cat", {5078, 5078}, 5078, concatenate_arrays,
               "implementation of || operator")
        .non_strict(),
    vectorised(3277, "array_position", {5078, 5077}, 23, array_position,
               "returns an offset of value in array")
        .non_strict(),
    vectorised(3278, "array_position", {5078, 5077, 23}, 23, array_position,
               "returns an offset of value in array with start index")
        .non_strict(),
    vectorised(3279, "array_positions", {5078, 5077}, 1007, array_positions,
               "returns an array of offsets of some value in array")
        .non_strict(),
    vectorised(3167, "array_remove", {5078, 5077}, 5078, replace_elements,
               "remove any occurrences of an element from an array")
        .non_strict(),
    vectorised(3168, "array_replace", {5078, 5077, 5077}, 5078, replace_elements,
               "replace any occurrences of an element in an array")
        .non_strict(),
    vectorised(395, "array_to_string", {2277, 25}, 25, array_to_string,
               "concatenate array elements, using delimiter, into text")
        .stable(),
    vectorised(384, "array_to_string", {2277, 25, 25}, 25, array_to_string,
               "concatenate array elements, using delimiter and null string, into text")
        .stable()
        .non_strict(),
    vectorised(394, "string_to_array", {25, 25}, 1009, string_to_array, "split delimited text")
        .non_strict(),
    vectorised(376, "string_to_array", {25, 25, 25}, 1009, string_to_array,
               "split delimited text, with null string")
        .non_strict(),
    set_returning(2331, "unnest", {2277}, 2283, unnest, "expand array to set of rows"),
    set_returning(1192, "generate_subscripts", {2277, 23}, 23, subscripts,
                  "array subscripts generator"),
    set_returning(1191, "generate_subscripts", {2277, 23, 16}, 23, subscripts,
                  "array subscripts generator"),
};

}  // namespace

const FunctionTable kArrayFunctions = kRows;

}  // namespace omen::sql
