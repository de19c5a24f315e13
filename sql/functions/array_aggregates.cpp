#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/aggregate_adapter.h"
#include "sql/functions/array_elements.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"

/// array_agg.
namespace omen::sql {
namespace {

struct ArrayAggState {
  std::optional<ArrayBuilder> builder;
  void add(const FunctionCall& call, std::size_t row) {
    if (!builder) {
      builder.emplace(call.argument_types[0].oid);
    }
    builder->add(*call.arguments[0], row);
  }
  void finish(const FunctionCall& /*call*/, ColumnVector& out, std::size_t row) const {
    if (builder) {
      out.set_bytes(row, builder->finish());
    } else {
      out.set_null(row);
    }
  }
};

/// array_agg of arrays: one dimension more; all of one shape.
struct ArrayOfArraysState {
  std::optional<ArrayBuilder> builder;
  std::vector<ArrayDimension> dimensions;
  Int4 rows = 0;
  void add(const FunctionCall& call, std::size_t row) {
    if (call.arguments[0]->is_null(row)) {
      throw SqlError(sqlstate::kNullValueNotAllowed, "cannot accumulate null arrays");
    }
    const ArrayView array(call.arguments[0]->bytes(row));
    if (array.dimensions().empty()) {
      throw SqlError(sqlstate::kArraySubscriptError, "cannot accumulate empty arrays");
    }
    if (!builder) {
      builder.emplace(array.element_type());
      dimensions = array.dimensions();
    } else if (!(dimensions == array.dimensions())) {
      throw SqlError(sqlstate::kArraySubscriptError,
                     "cannot accumulate arrays of different dimensionality");
    }
    add_elements(array, *builder);
    ++rows;
  }
  void finish(const FunctionCall& /*call*/, ColumnVector& out, std::size_t row) const {
    if (!builder) {
      out.set_null(row);
      return;
    }
    std::vector<ArrayDimension> shape{{rows, 1}};
    shape.insert(shape.end(), dimensions.begin(), dimensions.end());
    out.set_bytes(row, builder->finish(shape));
  }
};

constexpr AggregateRow kAggregates[] = {
    raw_aggregate<ArrayAggState>(2335, "array_agg", {type_oid::kAnyNonArray}, type_oid::kAnyArray,
                                 "concatenate aggregate input into an array"),
    raw_aggregate<ArrayOfArraysState>(4053, "array_agg", {type_oid::kAnyArray}, type_oid::kAnyArray,
                                      "concatenate aggregate input into an array"),
};

}  // namespace

const AggregateTable kArrayAggregates = kAggregates;

}  // namespace omen::sql
