#include "sql/catalog/opclass.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

using engine::Metric;
using type_oid::kAnyArray, type_oid::kInt4, type_oid::kInt2, type_oid::kOid, type_oid::kDate,
    type_oid::kFloat8, type_oid::kInt8, type_oid::kNumeric, type_oid::kText, type_oid::kTimestamptz,
    type_oid::kTimestamp, type_oid::kBpchar, type_oid::kBool, type_oid::kBytea, type_oid::kChar,
    type_oid::kFloat4, type_oid::kInterval, type_oid::kName, type_oid::kTime, type_oid::kUuid,
    type_oid::kVector, type_oid::kVarchar, type_oid::kHalfvec, type_oid::kSparsevec, type_oid::kBit,
    type_oid::kVarbit;
namespace am = access_method_oid;

// clang-format off
constexpr OperatorClass kClasses[] = {
    {10000, "array_ops", am::kBtree, kAnyArray, true, 397, "array_ops"},
    {1978, "int4_ops", am::kBtree, kInt4, true, 1976, "integer_ops"},
    {1979, "int2_ops", am::kBtree, kInt2, true, 1976, "integer_ops"},
    {1981, "oid_ops", am::kBtree, kOid, true, 1989, "oid_ops"},
    {3122, "date_ops", am::kBtree, kDate, true, 434, "datetime_ops"},
    {3123, "float8_ops", am::kBtree, kFloat8, true, 1970, "float_ops"},
    {3124, "int8_ops", am::kBtree, kInt8, true, 1976, "integer_ops"},
    {3125, "numeric_ops", am::kBtree, kNumeric, true, 1988, "numeric_ops"},
    {3126, "text_ops", am::kBtree, kText, true, 1994, "text_ops"},
    {3127, "timestamptz_ops", am::kBtree, kTimestamptz, true, 434, "datetime_ops"},
    {3128, "timestamp_ops", am::kBtree, kTimestamp, true, 434, "datetime_ops"},
    {4217, "text_pattern_ops", am::kBtree, kText, false, 2095, "text_pattern_ops"},
    {4218, "varchar_pattern_ops", am::kBtree, kText, false, 2095, "text_pattern_ops"},
    {4219, "bpchar_pattern_ops", am::kBtree, kBpchar, false, 2097, "bpchar_pattern_ops"},
    {10003, "bool_ops", am::kBtree, kBool, true, 424, "bool_ops"},
    {10004, "bpchar_ops", am::kBtree, kBpchar, true, 426, "bpchar_ops"},
    {10006, "bytea_ops", am::kBtree, kBytea, true, 428, "bytea_ops"},
    {10007, "char_ops", am::kBtree, kChar, true, 429, "char_ops"},
    {10012, "float4_ops", am::kBtree, kFloat4, true, 1970, "float_ops"},
    {10022, "interval_ops", am::kBtree, kInterval, true, 1982, "interval_ops"},
    {10028, "name_ops", am::kBtree, kName, true, 1994, "text_ops"},
    {10038, "time_ops", am::kBtree, kTime, true, 1996, "time_ops"},
    {10002, "bit_ops", am::kBtree, kBit, true, 423, "bit_ops"},
    {10043, "varbit_ops", am::kBtree, kVarbit, true, 2002, "varbit_ops"},
    {10044, "varchar_ops", am::kBtree, kText, false, 1994, "text_ops"},
    {10065, "uuid_ops", am::kBtree, kUuid, true, 2968, "uuid_ops"},
    {16020, "vector_ops", am::kBtree, kVector, true, 16040, "vector_ops", Metric::L2, true},
    {16021, "vector_l2_ops", am::kIvfflat, kVector, true, 16041, "vector_l2_ops", Metric::L2, true},
    {16022, "vector_ip_ops", am::kIvfflat, kVector, false, 16042, "vector_ip_ops",
      Metric::InnerProduct, true},
    {16023, "vector_cosine_ops", am::kIvfflat, kVector, false, 16043, "vector_cosine_ops",
      Metric::Cosine, true},
    {16024, "vector_l2_ops", am::kHnsw, kVector, false, 16044, "vector_l2_ops", Metric::L2, true},
    {16025, "vector_ip_ops", am::kHnsw, kVector, false, 16045, "vector_ip_ops",
      Metric::InnerProduct, true},
    {16026, "vector_cosine_ops", am::kHnsw, kVector, false, 16046, "vector_cosine_ops",
      Metric::Cosine, true},
    {16027, "vector_l1_ops", am::kHnsw, kVector, false, 16047, "vector_l1_ops", Metric::L1, true},
    {16050, "halfvec_ops", am::kBtree, kHalfvec, true, 16070, "halfvec_ops", Metric::L2, true},
    {16051, "halfvec_l2_ops", am::kIvfflat, kHalfvec, false, 16071, "halfvec_l2_ops",
      Metric::L2, true},
    {16052, "halfvec_ip_ops", am::kIvfflat, kHalfvec, false, 16072, "halfvec_ip_ops",
      Metric::InnerProduct, true},
    {16053, "halfvec_cosine_ops", am::kIvfflat, kHalfvec, false, 16073, "halfvec_cosine_ops",
      Metric::Cosine, true},
    {16054, "halfvec_l2_ops", am::kHnsw, kHalfvec, false, 16074, "halfvec_l2_ops",
      Metric::L2, true},
    {16055, "halfvec_ip_ops", am::kHnsw, kHalfvec, false, 16075, "halfvec_ip_ops",
      Metric::InnerProduct, true},
    {16056, "halfvec_cosine_ops", am::kHnsw, kHalfvec, false, 16076, "halfvec_cosine_ops",
      Metric::Cosine, true},
    {16057, "halfvec_l1_ops", am::kHnsw, kHalfvec, false, 16077, "halfvec_l1_ops",
      Metric::L1, true},
    {16058, "bit_hamming_ops", am::kIvfflat, kBit, false, 16078, "bit_hamming_ops",
      Metric::Hamming, true},
    {16059, "bit_hamming_ops", am::kHnsw, kBit, false, 16079, "bit_hamming_ops",
      Metric::Hamming, true},
    {16060, "bit_jaccard_ops", am::kHnsw, kBit, false, 16080, "bit_jaccard_ops",
      Metric::Jaccard, true},
    {16061, "sparsevec_ops", am::kBtree, kSparsevec, true, 16081, "sparsevec_ops",
      Metric::L2, true},
    {16062, "sparsevec_l2_ops", am::kHnsw, kSparsevec, false, 16082, "sparsevec_l2_ops",
      Metric::L2, true},
    {16063, "sparsevec_ip_ops", am::kHnsw, kSparsevec, false, 16083, "sparsevec_ip_ops",
      Metric::InnerProduct, true},
    {16064, "sparsevec_cosine_ops", am::kHnsw, kSparsevec, false, 16084, "sparsevec_cosine_ops",
      Metric::Cosine, true},
    {16065, "sparsevec_l1_ops", am::kHnsw, kSparsevec, false, 16085, "sparsevec_l1_ops",
      Metric::L1, true},
};
// clang-format on

}  // namespace

std::span<const OperatorClass> operator_classes() {
  return kClasses;
}

const OperatorClass* find_operator_class(Oid oid) {
  const auto* found = std::ranges::find(kClasses, oid, &OperatorClass::oid);
  return found == std::end(kClasses) ? nullptr : found;
}

Oid access_method_of(const engine::Index& index) {
  const OperatorClass* found =
      index.columns.empty() ? nullptr : find_operator_class(index.columns.front().opclass_oid);
  if (found != nullptr) {
    return found->method_oid;
  }
  return index.method == engine::IndexMethod::Hnsw ? am::kHnsw : am::kBtree;
}

int ivfflat_lists(const engine::Index& index) {
  constexpr int kListsDefault = 100;
  for (const auto& [name, value] : index.options) {
    if (name == "lists") {
      return std::max(static_cast<int>(std::lround(std::strtod(value.c_str(), nullptr))), 1);
    }
  }
  return kListsDefault;
}

std::string_view access_method_name(Oid method_oid) {
  switch (method_oid) {
    case am::kHeap:
      return "heap";
    case am::kBtree:
      return "btree";
    case am::kIvfflat:
      return "ivfflat";
    case am::kHnsw:
      return "hnsw";
    default:
      return {};
  }
}

const OperatorClass* find_operator_class(Oid method_oid, std::string_view name) {
  const auto* found = std::ranges::find_if(kClasses, [&](const OperatorClass& c) {
    return c.method_oid == method_oid && c.name == name;
  });
  return found == std::end(kClasses) ? nullptr : found;
}

const OperatorClass* default_operator_class(Oid method_oid, Oid type_oid) {
  const TypeInfo* type = find_type(type_oid);
  const bool is_array = type != nullptr && type->element_oid != 0 && type->category == 'A';
  Oid wanted = type_oid;
  if (is_array) {
    wanted = kAnyArray;
  } else if (type_oid == kVarchar) {
    wanted = kText;
  } else if (type != nullptr && type->name.starts_with("reg")) {
    wanted = kOid;
  }
  const auto* found = std::ranges::find_if(kClasses, [&](const OperatorClass& c) {
    return c.method_oid == method_oid && c.is_default && c.input_type == wanted;
  });
  return found == std::end(kClasses) ? nullptr : found;
}

}  // namespace omen::sql
