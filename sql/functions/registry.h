#pragma once

#include "sql/functions/adapter.h"
#include "sql/functions/aggregate_row.h"

/// The tables that make up the registries. To add functions from any folder of sql/: define a
/// `const FunctionTable` of rows, declare it here, list it in registry.cpp.
namespace omen::sql {

extern const FunctionTable kComparisonFunctions, kIntegerFunctions, kFloatFunctions, kTextFunctions,
    kNumericFunctions, kVectorFunctions, kHalfvecFunctions, kSparseVectorFunctions,
    kVectorCastFunctions, kVectorBitFunctions, kVectorSupportFunctions, kBitFunctions,
    kSessionFunctions, kPatternFunctions, kStringBuildingFunctions, kStringEncodingFunctions,
    kArrayFunctions, kArrayComparisonFunctions, kDateTimeFunctions, kDateTimeFieldFunctions,
    kDateTimeMakerFunctions, kSeriesFunctions, kByteaFunctions, kCalendarFunctions,
    kNumberTheoryFunctions, kValueFunctions, kFormattingFunctions, kInspectionFunctions,
    kAdvisoryLockFunctions, kTransactionFunctions;
// sql/catalog
extern const FunctionTable kDefinitionFunctions, kInformationFunctions;

extern const AggregateTable kBasicAggregates, kNumericAggregates, kVectorAggregates, kBitAggregates,
    kArrayAggregates, kCalendarAggregates, kPairAggregates;

/// pg_operator rows: the function gives the operand and result types.
struct OperatorRow {
  Oid oid = 0;
  std::string_view name;
  Oid function_oid = 0;
  std::string_view commutator;
  std::string_view negator;
};
extern const std::span<const OperatorRow> kOperatorRows, kBitOperatorRows;
/// Operators of the vector extension.
extern const std::span<const OperatorRow> kVectorOperatorRows, kHalfvecOperatorRows,
    kSparseVectorOperatorRows, kVectorBitOperatorRows;

struct CastRow {
  Oid source = 0;
  Oid target = 0;
  CastContext context = CastContext::Explicit;
  CastMethod method = CastMethod::Function;
  Oid function_oid = 0;
};
extern const std::span<const CastRow> kCastRows, kVectorCastRows;

}  // namespace omen::sql
