#include <fmt/format.h>

#include <string>
#include <vector>

#include "sql/functions/dense_vector_functions.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"
#include "sql/types/sparse_vector.h"
#include "sql/types/type_io.h"

/// What pgvector's catalogs list besides: input and output of its types, the steps of its
/// aggregates, handlers of its access methods. Oids in vector_functions.cpp.
namespace omen::sql {
namespace {

constexpr Oid kInternal = 2281;
constexpr Oid kIndexAmHandler = 325;

template <Oid kType>
Owned<kType> read_text(Surroundings& surroundings, Cstring text, OidValue /*element*/,
                       Int4 modifier) {
  return {
      std::get<std::string>(text_to_value({kType, modifier}, text.value, surroundings.context))};
}

template <Oid kType>
Owned<type_oid::kCstring> write_text(Surroundings& surroundings,
                                     Tagged<kType, std::string_view> value) {
  return {value_to_text(kType, std::string(value.value), surroundings.context)};
}

template <Oid kType>
Owned<type_oid::kBytea> write_binary(Surroundings& surroundings,
                                     Tagged<kType, std::string_view> value) {
  engine::ColumnVector column;
  column.reset(engine::PhysicalType::Bytes, 1);
  column.set_bytes(0, value.value);
  std::string bytes;
  append_binary(kType, column, 0, surroundings.context, bytes);
  return {bytes};
}

template <Oid kType>
Int4 read_modifier(ArrayValue<1263> arguments) {
  const ArrayView array(arguments.value);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < array.size(); ++i) {
    words.emplace_back(array.is_null(i) ? std::string_view() : array.element(i));
  }
  return type_modifier(kType, words);
}

/// For functions that take or return values of type internal: SQL has none to call them with.
void never_called(const FunctionCall& /*call*/, engine::ColumnVector& /*out*/) {
  internal_error("a function of an internal argument was called");
}

constexpr FunctionRow internal_function(Oid oid, std::string_view name, Oid result) {
  FunctionRow row = vectorised(oid, name, {kInternal}, result, never_called, "");
  return row.changing().non_strict();
}
template <Oid kType>
constexpr FunctionRow receive_function(Oid oid, std::string_view name) {
  return vectorised(oid, name, {kInternal, type_oid::kOid, type_oid::kInt4}, kType, never_called,
                    "I/O");
}

// ---------------------------------------------------------------- steps of avg

using Float8Array = ArrayValue<1022>;

/// A state of avg: the number of rows, then a sum for each dimension.
std::vector<double> state_of(Float8Array state, std::string_view function) {
  const ArrayView array(state.value);
  std::vector<double> numbers;
  for (std::size_t i = 0; i < array.size() && !array.is_null(i); ++i) {
    double number = 0;
    std::memcpy(&number, array.element(i).data(), sizeof number);
    numbers.push_back(number);
  }
  if (array.dimensions().size() != 1 || numbers.size() != array.size()) {
    internal_error(fmt::format("{}: expected state array", function));
  }
  return numbers;
}

Owned<1022> state_array(const std::vector<double>& state) {
  ArrayBuilder builder(type_oid::kFloat8);
  for (const double& number : state) {
    builder.add_bytes({reinterpret_cast<const char*>(&number), sizeof number});
  }
  return {builder.finish()};
}

void check_state_dimensions(std::size_t expected, std::size_t found) {
  if (expected != found) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("expected {} dimensions, not {}", expected, found));
  }
}

template <typename Element>
Owned<1022> accumulate(Float8Array state, std::span<const Element> value) {
  std::vector<double> numbers =
      state_of(state, fmt::format("{}_accum", VectorType<Element>::kName));
  if (numbers[0] == 0) {
    numbers.assign(value.size() + 1, 0);
  }
  check_state_dimensions(numbers.size() - 1, value.size());
  numbers[0] += 1;
  for (std::size_t i = 0; i < value.size(); ++i) {
    numbers[i + 1] = checked_overflow(numbers[i + 1] + double{to_float(value[i])});
  }
  return state_array(numbers);
}

Owned<1022> combine_states(Float8Array a, Float8Array b) {
  std::vector<double> left = state_of(a, "vector_combine");
  const std::vector<double> right = state_of(b, "vector_combine");
  if (left[0] == 0 || right[0] == 0) {
    return state_array(left[0] == 0 ? right : left);
  }
  check_state_dimensions(left.size() - 1, right.size() - 1);
  for (std::size_t i = 0; i < left.size(); ++i) {
    left[i] = checked_overflow(left[i] + right[i]);
  }
  return state_array(left);
}

template <typename Element>
std::optional<Owned<VectorType<Element>::kOid>> average(Float8Array state) {
  const std::vector<double> numbers =
      state_of(state, fmt::format("{}_avg", VectorType<Element>::kName));
  if (numbers[0] == 0) {
    return std::nullopt;
  }
  check_vector_dimensions<Element>(numbers.size() - 1);
  std::vector<Element> mean;
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    const auto number = static_cast<float>(numbers[i] / numbers[0]);
    if constexpr (std::is_same_v<Element, Half>) {
      mean.push_back(to_half_checked(number));
    } else {
      mean.push_back(number);
    }
    check_vector_element(mean.back());
  }
  return Owned<VectorType<Element>::kOid>{
      std::string(vector_bytes(std::span<const Element>(mean)))};
}

using type_oid::kHalfvec, type_oid::kSparsevec, type_oid::kVector;

constexpr FunctionRow kRows[] = {
    internal_function(16012, "ivfflathandler", kIndexAmHandler),
    internal_function(16013, "hnswhandler", kIndexAmHandler),
    scalar<read_text<kHalfvec>>(16014, "halfvec_in", "I/O"),
    scalar<write_text<kHalfvec>>(16015, "halfvec_out", "I/O"),
    receive_function<kHalfvec>(16016, "halfvec_recv"),
    scalar<write_binary<kHalfvec>>(16017, "halfvec_send", "I/O"),
    scalar<read_modifier<kHalfvec>>(16018, "halfvec_typmod_in", "I/O typmod"),
    scalar<read_text<kVector>>(16030, "vector_in", "I/O"),
    scalar<write_text<kVector>>(16031, "vector_out", "I/O"),
    receive_function<kVector>(16032, "vector_recv"),
    scalar<write_binary<kVector>>(16033, "vector_send", "I/O"),
    scalar<read_modifier<kVector>>(16034, "vector_typmod_in", "I/O typmod"),
    scalar<read_text<kSparsevec>>(16035, "sparsevec_in", "I/O"),
    scalar<write_text<kSparsevec>>(16036, "sparsevec_out", "I/O"),
    receive_function<kSparsevec>(16037, "sparsevec_recv"),
    scalar<write_binary<kSparsevec>>(16038, "sparsevec_send", "I/O"),
    scalar<read_modifier<kSparsevec>>(16039, "sparsevec_typmod_in", "I/O typmod"),
    scalar<accumulate<float>>(16152, "vector_accum", "aggregate transition function"),
    scalar<average<float>>(16153, "vector_avg", "aggregate final function"),
    scalar<combine_states>(16154, "vector_combine", "aggregate combine function"),
    scalar<accumulate<Half>>(16282, "halfvec_accum", "aggregate transition function"),
    scalar<average<Half>>(16283, "halfvec_avg", "aggregate final function"),
    scalar<combine_states>(16284, "halfvec_combine", "aggregate combine function"),
    internal_function(16294, "ivfflat_bit_support", kInternal),
    internal_function(16295, "hnsw_bit_support", kInternal),
    internal_function(16285, "ivfflat_halfvec_support", kInternal),
    internal_function(16286, "hnsw_halfvec_support", kInternal),
    internal_function(16316, "hnsw_sparsevec_support", kInternal),
};

}  // namespace

const FunctionTable kVectorSupportFunctions = kRows;

}  // namespace omen::sql
