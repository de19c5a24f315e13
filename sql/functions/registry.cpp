#include "sql/functions/registry.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "sql/catalog/privilege_functions.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

/// Every function table there is. A new one is one name here and one in registry.h.
const FunctionTable* const kFunctionTables[] = {
    &kComparisonFunctions,
    &kIntegerFunctions,
    &kFloatFunctions,
    &kTextFunctions,
    &kNumericFunctions,
    &kSessionFunctions,
    &kPatternFunctions,
    &kStringBuildingFunctions,
    &kStringEncodingFunctions,
    &kArrayFunctions,
    &kArrayComparisonFunctions,
    &kDateTimeFunctions,
    &kDateTimeFieldFunctions,
    &kDateTimeMakerFunctions,
    &kSeriesFunctions,
    &kDefinitionFunctions,
    &kInformationFunctions,
    &kByteaFunctions,
    &kCalendarFunctions,
    &kNumberTheoryFunctions,
    &kValueFunctions,
    &kFormattingFunctions,
    &kBitFunctions,
    &kInspectionFunctions,
    &kAdvisoryLockFunctions,
    &kTransactionFunctions,
    &kPrivilegeFunctions,
};

/// Those that CREATE EXTENSION vector brings.
const FunctionTable* const kExtensionFunctionTables[] = {
    &kVectorFunctions,    &kHalfvecFunctions,    &kSparseVectorFunctions,
    &kVectorBitFunctions, &kVectorCastFunctions, &kVectorSupportFunctions};
const std::span<const OperatorRow>* const kExtensionOperatorTables[] = {
    &kVectorOperatorRows, &kHalfvecOperatorRows, &kVectorBitOperatorRows,
    &kSparseVectorOperatorRows};

const AggregateTable* const kAggregateTables[] = {
    &kBasicAggregates,    &kNumericAggregates, &kVectorAggregates, &kArrayAggregates,
    &kCalendarAggregates, &kPairAggregates,    &kBitAggregates};

FunctionDef make_function(const FunctionRow& row) {
  FunctionDef function;
  function.oid = row.oid;
  function.name = row.name;
  function.argument_types.assign(row.argument_types.begin(),
                                 row.argument_types.begin() + row.argument_count);
  function.result_type = row.result_type;
  function.volatility = row.volatility;
  function.strict = row.is_strict;
  function.body = row.body;
  function.set_body = row.set_body;
  function.variadic_element = row.variadic_element;
  function.default_count = row.default_count;
  function.description = row.description;
  for (const auto& [name, type] : row.columns) {
    function.column_names.push_back(name);
    function.column_types.push_back(type);
  }
  return function;
}

template <typename Def>
std::span<const Def> equal_name_range(const std::vector<Def>& sorted, std::string_view name) {
  const auto range = std::ranges::equal_range(sorted, name, {}, &Def::name);
  return {range.begin(), range.end()};
}

class Registry {
 public:
  Registry() {
    add_functions();
    add_operators(kOperatorRows, false);
    add_operators(kBitOperatorRows, false);
    for (const std::span<const OperatorRow>* rows : kExtensionOperatorTables) {
      add_operators(*rows, true);
    }
    std::ranges::stable_sort(operators, {}, &OperatorDef::name);
    add_casts(kCastRows, false);
    add_casts(kVectorCastRows, true);
    add_aggregates();
  }

  std::vector<FunctionDef> functions;
  std::vector<OperatorDef> operators;
  std::vector<CastDef> casts;
  std::vector<AggregateDef> aggregates;
  std::unordered_map<Oid, const FunctionDef*> functions_by_oid;
  std::map<std::pair<Oid, Oid>, const CastDef*> casts_by_types;

 private:
  void add_functions() {
    for (const FunctionTable* table : kFunctionTables) {
      for (const FunctionRow& row : *table) {
        functions.push_back(make_function(row));
      }
    }
    for (const FunctionTable* table : kExtensionFunctionTables) {
      for (const FunctionRow& row : *table) {
        functions.push_back(make_function(row));
        functions.back().extension_vector = true;
      }
    }
    std::ranges::stable_sort(functions, {}, &FunctionDef::name);
    for (const FunctionDef& function : functions) {
      functions_by_oid.emplace(function.oid, &function);
    }
  }

  const FunctionDef* function_of(Oid oid, std::string_view user) const {
    const auto found = functions_by_oid.find(oid);
    if (found == functions_by_oid.end()) {
      internal_error("no function " + std::to_string(oid) + " for " + std::string(user));
    }
    return found->second;
  }

  void add_operators(std::span<const OperatorRow> rows, bool extension_vector) {
    for (const OperatorRow& row : rows) {
      const FunctionDef* function = function_of(row.function_oid, row.name);
      const std::vector<Oid>& types = function->argument_types;
      operators.push_back({.oid = row.oid,
                           .name = row.name,
                           .left_type = types.size() == 1 ? Oid{0} : types[0],
                           .right_type = types.back(),
                           .result_type = function->result_type,
                           .function = function,
                           .commutator = row.commutator,
                           .negator = row.negator,
                           .extension_vector = extension_vector});
    }
  }

  void add_casts(std::span<const CastRow> rows, bool extension_vector) {
    for (const CastRow& row : rows) {
      casts.push_back({.source = row.source,
                       .target = row.target,
                       .context = row.context,
                       .method = row.method,
                       .function = row.method == CastMethod::Function
                                       ? function_of(row.function_oid, "a cast")
                                       : nullptr,
                       .extension_vector = extension_vector});
    }
    casts_by_types.clear();
    for (const CastDef& cast : casts) {
      casts_by_types.emplace(std::pair(cast.source, cast.target), &cast);
    }
  }

  void add_aggregates() {
    for (const AggregateTable* table : std::span<const AggregateTable* const>(kAggregateTables)) {
      for (const AggregateRow& row : *table) {
        AggregateDef aggregate;
        aggregate.oid = row.oid;
        aggregate.name = row.name;
        aggregate.argument_types.assign(row.argument_types.begin(),
                                        row.argument_types.begin() + row.argument_count);
        aggregate.result_type = row.result_type;
        aggregate.state_bytes = row.state_bytes;
        aggregate.init = row.init;
        aggregate.update = row.update;
        aggregate.finish = row.finish;
        aggregate.destroy = row.destroy;
        aggregate.extension_vector = row.extension_vector;
        aggregate.description = row.description;
        aggregates.push_back(std::move(aggregate));
      }
    }
    std::ranges::stable_sort(aggregates, {}, &AggregateDef::name);
  }
};

const Registry& registry() {
  static const Registry kRegistry;
  return kRegistry;
}

}  // namespace

std::span<const FunctionDef> all_functions() {
  return registry().functions;
}
std::span<const OperatorDef> all_operators() {
  return registry().operators;
}
std::span<const CastDef> all_casts() {
  return registry().casts;
}
std::span<const AggregateDef> all_aggregates() {
  return registry().aggregates;
}

std::span<const FunctionDef> functions_named(std::string_view name) {
  return equal_name_range(registry().functions, name);
}
std::span<const OperatorDef> operators_named(std::string_view name) {
  return equal_name_range(registry().operators, name);
}
std::span<const AggregateDef> aggregates_named(std::string_view name) {
  return equal_name_range(registry().aggregates, name);
}

const FunctionDef* find_function(Oid oid) {
  const auto found = registry().functions_by_oid.find(oid);
  return found == registry().functions_by_oid.end() ? nullptr : found->second;
}

const CastDef* find_cast(Oid source, Oid target) {
  const auto found = registry().casts_by_types.find({source, target});
  return found == registry().casts_by_types.end() ? nullptr : found->second;
}

}  // namespace omen::sql
