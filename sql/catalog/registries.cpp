// Catalogs made from the static registries: pg_type, pg_proc, pg_aggregate, pg_operator, pg_cast,
// pg_am, pg_opclass, pg_opfamily.
#include <algorithm>
#include <set>

#include "sql/catalog/base_relations.h"
#include "sql/catalog/entries.h"
#include "sql/catalog/opclass.h"
#include "sql/catalog/row_writer.h"
#include "sql/functions/function.h"
#include "sql/types/io_functions.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr Oid kOwner = engine::kBootstrapRoleOid;
constexpr Oid kInternalLanguage = 12;

bool has_vector(const EvalContext& context) {
  return context.catalog != nullptr && context.catalog->find_extension("vector") != nullptr;
}

/// Where the extension's objects live, or pg_catalog.
Oid schema_of(const EvalContext& context, bool extension_vector) {
  return extension_vector ? context.catalog->find_extension("vector")->schema_oid
                          : engine::kPgCatalogSchemaOid;
}

/// pg_proc oids of a type's input, output, receive, send, typmod input and typmod output functions.
struct TypeFunctions {
  Oid type, input, output, receive, send, modifier_input, modifier_output;
};
constexpr TypeFunctions kTypeFunctions[] = {{16, 1242, 1243, 2436, 2437, 0, 0},
                                            {17, 1244, 31, 2412, 2413, 0, 0},
                                            {18, 1245, 33, 2434, 2435, 0, 0},
                                            {19, 34, 35, 2422, 2423, 0, 0},
                                            {20, 460, 461, 2408, 2409, 0, 0},
                                            {21, 38, 39, 2404, 2405, 0, 0},
                                            {22, 40, 41, 2410, 2411, 0, 0},
                                            {23, 42, 43, 2406, 2407, 0, 0},
                                            {24, 44, 45, 2444, 2445, 0, 0},
                                            {25, 46, 47, 2414, 2415, 0, 0},
                                            {26, 1798, 1799, 2418, 2419, 0, 0},
                                            {27, 48, 49, 2438, 2439, 0, 0},
                                            {28, 50, 51, 2440, 2441, 0, 0},
                                            {30, 54, 55, 2420, 2421, 0, 0},
                                            {114, 321, 322, 323, 324, 0, 0},
                                            {194, 195, 196, 197, 198, 0, 0},
                                            {700, 200, 201, 2424, 2425, 0, 0},
                                            {701, 214, 215, 2426, 2427, 0, 0},
                                            {705, 109, 110, 2416, 2417, 0, 0},
                                            {1033, 1031, 1032, 0, 0, 0, 0},
                                            {1042, 1044, 1045, 2430, 2431, 2913, 2914},
                                            {1043, 1046, 1047, 2432, 2433, 2915, 2916},
                                            {1082, 1084, 1085, 2468, 2469, 0, 0},
                                            {1083, 1143, 1144, 2470, 2471, 2909, 2910},
                                            {1114, 1312, 1313, 2474, 2475, 2905, 2906},
                                            {1184, 1150, 1151, 2476, 2477, 2907, 2908},
                                            {1186, 1160, 1161, 2478, 2479, 2903, 2904},
                                            {1560, 1564, 1565, 2456, 2457, 2919, 2920},
                                            {1562, 1579, 1580, 2458, 2459, 2902, 2921},
                                            {1700, 1701, 1702, 2460, 2461, 2917, 2918},
                                            {2202, 2212, 2213, 2446, 2447, 0, 0},
                                            {2203, 2214, 2215, 2448, 2449, 0, 0},
                                            {2205, 2218, 2219, 2452, 2453, 0, 0},
                                            {2206, 2220, 2221, 2454, 2455, 0, 0},
                                            {2249, 2290, 2291, 2402, 2403, 0, 0},
                                            {2275, 2292, 2293, 2500, 2501, 0, 0},
                                            {2276, 2294, 2295, 0, 0, 0, 0},
                                            {2277, 2296, 2297, 2502, 2503, 0, 0},
                                            {2278, 2298, 2299, 3120, 3121, 0, 0},
                                            {2283, 2312, 2313, 0, 0, 0, 0},
                                            {2776, 2777, 2778, 0, 0, 0, 0},
                                            {2950, 2952, 2953, 2961, 2962, 0, 0},
                                            {3802, 3806, 3804, 3805, 3803, 0, 0},
                                            {4072, 4001, 4003, 4002, 4004, 0, 0},
                                            {4089, 4084, 4085, 4087, 4088, 0, 0},
                                            {4096, 4098, 4092, 4094, 4095, 0, 0}};
constexpr TypeFunctions kArrayFunctions = {0, 750, 751, 2400, 2401, 0, 0};
constexpr TypeFunctions kRecordFunctions = {0, 2290, 2291, 2402, 2403, 0, 0};
constexpr Oid kArraySubscriptHandler = 6179;
/// Input functions of the extension's types; the next four oids are output, receive, send and
/// modifier input.
constexpr std::pair<Oid, Oid> kExtensionInputs[] = {
    {type_oid::kVector, 16030}, {type_oid::kHalfvec, 16014}, {type_oid::kSparsevec, 16035}};

TypeFunctions functions_of(const TypeInfo& type) {
  if (type.name.starts_with('_') && type.element_oid != 0) {
    const TypeFunctions of_element = functions_of(type_info(type.element_oid));
    TypeFunctions functions = kArrayFunctions;
    functions.modifier_input = of_element.modifier_input;
    functions.modifier_output = of_element.modifier_output;
    return functions;
  }
  for (const auto& [oid, first] : kExtensionInputs) {
    if (oid == type.oid) {
      return {0, first, first + 1, first + 2, first + 3, first + 4, 0};
    }
  }
  const auto* found = std::ranges::find(kTypeFunctions, type.oid, &TypeFunctions::type);
  return found == std::end(kTypeFunctions) ? TypeFunctions{} : *found;
}

}  // namespace

Oid collation_of(Oid type_oid) {
  constexpr Oid kDefaultCollation = 100;
  constexpr Oid kCCollation = 950;
  const TypeInfo* type = find_type(type_oid);
  const bool is_array = type != nullptr && type->category == 'A' && type->element_oid != 0;
  switch (is_array ? type->element_oid : type_oid) {
    case type_oid::kText:
    case type_oid::kVarchar:
    case type_oid::kBpchar:
      return kDefaultCollation;
    case type_oid::kName:
      return kCCollation;
    default:
      return 0;
  }
}

void pg_type_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  const bool with_vector = has_vector(context);
  for (const TypeInfo& type : all_types()) {
    const bool is_vector = is_extension_type(type.oid);
    if (is_vector && !with_vector) {
      continue;
    }
    const TypeFunctions f = functions_of(type);
    const bool is_array = type.category == 'A' && type.element_oid != 0;
    writer.row(type.oid, type.name, schema_of(context, is_vector), kOwner, type.length,
               type.by_value, type.kind, type.category, type.preferred, true, ',', 0,
               is_array ? kArraySubscriptHandler : 0, type.element_oid, type.array_oid, f.input,
               f.output, f.receive, f.send, f.modifier_input, f.modifier_output, 0, type.align,
               type.storage, false, 0, -1, 0, collation_of(type.oid), std::nullopt, std::nullopt,
               std::nullopt);
  }
  for_each_entry<engine::Table>(context, [&](const engine::Table& table) {
    if (table.row_type_oid == 0) {
      return;
    }
    writer.row(table.row_type_oid, table.name, table.schema_oid, kOwner, -1, false, 'c', 'C', false,
               true, ',', table.oid, 0, 0, 0, kRecordFunctions.input, kRecordFunctions.output,
               kRecordFunctions.receive, kRecordFunctions.send, 0, 0, 0, 'd', 'x', false, 0, -1, 0,
               0, std::nullopt, std::nullopt, std::nullopt);
  });
}

void pg_proc_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  const bool with_vector = has_vector(context);
  auto put = [&](Oid oid, std::string_view name, Oid schema, char kind, bool strict,
                 bool returns_set, char volatility, const std::vector<Oid>& arguments, Oid result,
                 Oid variadic, std::uint8_t default_count) {
    writer.row(oid, name, schema, kOwner, kInternalLanguage, 1, returns_set ? 1000 : 0, variadic, 0,
               kind, false, false, strict, returns_set, volatility, 's', arguments.size(),
               default_count, result, oid_vector(arguments), std::nullopt, std::nullopt,
               std::nullopt, std::nullopt, std::nullopt, name, std::nullopt, std::nullopt,
               std::nullopt, std::nullopt);
  };
  std::set<Oid> seen;
  for (const FunctionDef& f : all_functions()) {
    const bool has_name = f.name.find('(') == std::string_view::npos;  // see variadic.h
    if (has_name && (!f.extension_vector || with_vector) && seen.insert(f.oid).second) {
      put(f.oid, f.name, schema_of(context, f.extension_vector), 'f', f.strict,
          f.set_body != nullptr, static_cast<char>(f.volatility), f.argument_types, f.result_type,
          f.variadic_element, f.default_count);
    }
  }
  for (const IoFunction& f : io_functions()) {
    if (seen.insert(f.oid).second) {
      std::vector<Oid> arguments(f.argument_types.begin(), f.argument_types.end());
      std::erase(arguments, Oid{0});
      put(f.oid, f.name, schema_of(context, false), 'f', true, false, f.volatility, arguments,
          f.result_type, 0, 0);
    }
  }
  for (const AggregateDef& a : all_aggregates()) {
    if ((!a.extension_vector || with_vector) && seen.insert(a.oid).second) {
      put(a.oid, a.name, schema_of(context, a.extension_vector), 'a', false, false, 'i',
          a.argument_types, a.result_type, 0, 0);
    }
  }
}

void pg_aggregate_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  for (const AggregateDef& a : all_aggregates()) {
    if (!a.extension_vector || has_vector(context)) {
      writer.row(a.oid, 'n', 0, 0, 0, 0, 0, 0, 0, 0, 0, false, false, 'r', 'r', 0, 0, 0, 0, 0,
                 std::nullopt, std::nullopt);
    }
  }
}

void pg_operator_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  const bool with_vector = has_vector(context);
  auto oid_of = [](std::string_view name, Oid left, Oid right) -> Oid {
    for (const OperatorDef& candidate : operators_named(name)) {
      if (candidate.left_type == left && candidate.right_type == right) {
        return candidate.oid;
      }
    }
    return 0;
  };
  for (const OperatorDef& op : all_operators()) {
    if (op.extension_vector && !with_vector) {
      continue;
    }
    const bool equality = op.name == "=" && !op.extension_vector;
    writer.row(op.oid, op.name, schema_of(context, op.extension_vector), kOwner,
               op.left_type == 0 ? 'l' : 'b', equality, equality, op.left_type, op.right_type,
               op.result_type,
               op.commutator.empty() ? 0 : oid_of(op.commutator, op.right_type, op.left_type),
               op.negator.empty() ? 0 : oid_of(op.negator, op.left_type, op.right_type),
               op.function == nullptr ? 0 : op.function->oid, 0, 0);
  }
}

void pg_cast_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  Oid next_oid = kFirstCastOid;
  for (const CastDef& cast : all_casts()) {
    const Oid oid = next_oid++;
    if (!cast.extension_vector || has_vector(context)) {
      writer.row(oid, cast.source, cast.target, cast.function == nullptr ? 0 : cast.function->oid,
                 static_cast<char>(cast.context), static_cast<char>(cast.method));
    }
  }
}

void pg_am_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  writer.row(access_method_oid::kHeap, "heap", 3, 't');
  writer.row(access_method_oid::kBtree, "btree", 330, 'i');
  if (has_vector(context)) {
    writer.row(access_method_oid::kIvfflat, "ivfflat", 16012, 'i');
    writer.row(access_method_oid::kHnsw, "hnsw", 16013, 'i');
  }
}

void pg_opclass_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  for (const OperatorClass& c : operator_classes()) {
    if (!c.extension_vector || has_vector(context)) {
      writer.row(c.oid, c.method_oid, c.name, schema_of(context, c.extension_vector), kOwner,
                 c.family_oid, c.input_type, c.is_default,
                 c.name == "name_ops" ? type_oid::kCstring : 0);
    }
  }
}

void pg_opfamily_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  std::set<Oid> seen;
  for (const OperatorClass& c : operator_classes()) {
    if ((!c.extension_vector || has_vector(context)) && seen.insert(c.family_oid).second) {
      writer.row(c.family_oid, c.method_oid, c.family_name, schema_of(context, c.extension_vector),
                 kOwner);
    }
  }
}

}  // namespace omen::sql
