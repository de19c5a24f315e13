#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "sql/error/sql_error.h"
#include "sql/types/type_codec.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

using P = PhysicalType;

// clang-format off
/// pg_type of PostgreSQL 15 for the types we have; oid, typname, format_type, physical, typlen,
/// typcategory, typispreferred, typarray, element, typtype, typbyval, typalign, typstorage.
constexpr TypeInfo kTypes[] = {
    {16, "bool", "boolean", P::Bool, 1, 'B', true, 1000, 0, 'b', true, 'c', 'p'},
    {17, "bytea", "bytea", P::Bytes, -1, 'U', false, 1001, 0, 'b', false, 'i', 'x'},
    {18, "char", "\"char\"", P::Bytes, 1, 'Z', false, 1002, 0, 'b', true, 'c', 'p'},
    {19, "name", "name", P::Bytes, 64, 'S', false, 1003, 0, 'b', false, 'c', 'p'},
    {20, "int8", "bigint", P::Int64, 8, 'N', false, 1016, 0, 'b', true, 'd', 'p'},
    {21, "int2", "smallint", P::Int16, 2, 'N', false, 1005, 0, 'b', true, 's', 'p'},
    {22, "int2vector", "int2vector", P::Bytes, -1, 'A', false, 1006, 21, 'b', false, 'i', 'p'},
    {23, "int4", "integer", P::Int32, 4, 'N', false, 1007, 0, 'b', true, 'i', 'p'},
    {24, "regproc", "regproc", P::Int64, 4, 'N', false, 1008, 0, 'b', true, 'i', 'p'},
    {25, "text", "text", P::Bytes, -1, 'S', true, 1009, 0, 'b', false, 'i', 'x'},
    {26, "oid", "oid", P::Int64, 4, 'N', true, 1028, 0, 'b', true, 'i', 'p'},
    {27, "tid", "tid", P::Int64, 6, 'U', false, 1010, 0, 'b', false, 's', 'p'},
    {28, "xid", "xid", P::Int64, 4, 'U', false, 1011, 0, 'b', true, 'i', 'p'},
    {29, "cid", "cid", P::Int64, 4, 'U', false, 1012, 0, 'b', true, 'i', 'p'},
    {30, "oidvector", "oidvector", P::Bytes, -1, 'A', false, 1013, 26, 'b', false, 'i', 'p'},
    {194, "pg_node_tree", "pg_node_tree", P::Bytes, -1, 'Z', false, 0, 0, 'b', false, 'i', 'x'},
    {325, "index_am_handler", "index_am_handler", P::Bytes, 4, 'P', false, 0, 0, 'p', true, 'i', 'p'},
    {700, "float4", "real", P::Float32, 4, 'N', false, 1021, 0, 'b', true, 'i', 'p'},
    {701, "float8", "double precision", P::Float64, 8, 'N', true, 1022, 0, 'b', true, 'd', 'p'},
    {705, "unknown", "unknown", P::Bytes, -2, 'X', false, 0, 0, 'p', false, 'c', 'p'},
    {1000, "_bool", "boolean[]", P::Bytes, -1, 'A', false, 0, 16, 'b', false, 'i', 'x'},
    {1001, "_bytea", "bytea[]", P::Bytes, -1, 'A', false, 0, 17, 'b', false, 'i', 'x'},
    {1002, "_char", "\"char\"[]", P::Bytes, -1, 'A', false, 0, 18, 'b', false, 'i', 'x'},
    {1003, "_name", "name[]", P::Bytes, -1, 'A', false, 0, 19, 'b', false, 'i', 'x'},
    {1005, "_int2", "smallint[]", P::Bytes, -1, 'A', false, 0, 21, 'b', false, 'i', 'x'},
    {1006, "_int2vector", "int2vector[]", P::Bytes, -1, 'A', false, 0, 22, 'b', false, 'i', 'x'},
    {1007, "_int4", "integer[]", P::Bytes, -1, 'A', false, 0, 23, 'b', false, 'i', 'x'},
    {1008, "_regproc", "regproc[]", P::Bytes, -1, 'A', false, 0, 24, 'b', false, 'i', 'x'},
    {1009, "_text", "text[]", P::Bytes, -1, 'A', false, 0, 25, 'b', false, 'i', 'x'},
    {1010, "_tid", "tid[]", P::Bytes, -1, 'A', false, 0, 27, 'b', false, 'i', 'x'},
    {1011, "_xid", "xid[]", P::Bytes, -1, 'A', false, 0, 28, 'b', false, 'i', 'x'},
    {1012, "_cid", "cid[]", P::Bytes, -1, 'A', false, 0, 29, 'b', false, 'i', 'x'},
    {1013, "_oidvector", "oidvector[]", P::Bytes, -1, 'A', false, 0, 30, 'b', false, 'i', 'x'},
    {1014, "_bpchar", "character[]", P::Bytes, -1, 'A', false, 0, 1042, 'b', false, 'i', 'x'},
    {1015, "_varchar", "character varying[]", P::Bytes, -1, 'A', false, 0, 1043, 'b', false, 'i', 'x'},
    {1016, "_int8", "bigint[]", P::Bytes, -1, 'A', false, 0, 20, 'b', false, 'd', 'x'},
    {1021, "_float4", "real[]", P::Bytes, -1, 'A', false, 0, 700, 'b', false, 'i', 'x'},
    {1022, "_float8", "double precision[]", P::Bytes, -1, 'A', false, 0, 701, 'b', false, 'd', 'x'},
    {1028, "_oid", "oid[]", P::Bytes, -1, 'A', false, 0, 26, 'b', false, 'i', 'x'},
    {1033, "aclitem", "aclitem", P::Bytes, 12, 'U', false, 1034, 0, 'b', false, 'i', 'p'},
    {1034, "_aclitem", "aclitem[]", P::Bytes, -1, 'A', false, 0, 1033, 'b', false, 'i', 'x'},
    {1042, "bpchar", "character", P::Bytes, -1, 'S', false, 1014, 0, 'b', false, 'i', 'x'},
    {1043, "varchar", "character varying", P::Bytes, -1, 'S', false, 1015, 0, 'b', false, 'i', 'x'},
    {1082, "date", "date", P::Int32, 4, 'D', false, 1182, 0, 'b', true, 'i', 'p'},
    {1083, "time", "time without time zone", P::Int64, 8, 'D', false, 1183, 0, 'b', true, 'd', 'p'},
    {1114, "timestamp", "timestamp without time zone", P::Int64, 8, 'D', false, 1115, 0, 'b', true, 'd', 'p'},
    {1115, "_timestamp", "timestamp without time zone[]", P::Bytes, -1, 'A', false, 0, 1114, 'b', false, 'd', 'x'},
    {1182, "_date", "date[]", P::Bytes, -1, 'A', false, 0, 1082, 'b', false, 'i', 'x'},
    {1183, "_time", "time without time zone[]", P::Bytes, -1, 'A', false, 0, 1083, 'b', false, 'd', 'x'},
    {1184, "timestamptz", "timestamp with time zone", P::Int64, 8, 'D', true, 1185, 0, 'b', true, 'd', 'p'},
    {1185, "_timestamptz", "timestamp with time zone[]", P::Bytes, -1, 'A', false, 0, 1184, 'b', false, 'd', 'x'},
    {1186, "interval", "interval", P::Bytes, 16, 'T', true, 1187, 0, 'b', false, 'd', 'p'},
    {1187, "_interval", "interval[]", P::Bytes, -1, 'A', false, 0, 1186, 'b', false, 'd', 'x'},
    {1231, "_numeric", "numeric[]", P::Bytes, -1, 'A', false, 0, 1700, 'b', false, 'i', 'x'},
    {1263, "_cstring", "cstring[]", P::Bytes, -1, 'A', false, 0, 2275, 'b', false, 'i', 'x'},
    {1560, "bit", "bit", P::Bytes, -1, 'V', false, 1561, 0, 'b', false, 'i', 'x'},
    {1561, "_bit", "bit[]", P::Bytes, -1, 'A', false, 0, 1560, 'b', false, 'i', 'x'},
    {1562, "varbit", "bit varying", P::Bytes, -1, 'V', true, 1563, 0, 'b', false, 'i', 'x'},
    {1563, "_varbit", "bit varying[]", P::Bytes, -1, 'A', false, 0, 1562, 'b', false, 'i', 'x'},
    {1700, "numeric", "numeric", P::Numeric, -1, 'N', false, 1231, 0, 'b', false, 'i', 'm'},
    {2202, "regprocedure", "regprocedure", P::Int64, 4, 'N', false, 2207, 0, 'b', true, 'i', 'p'},
    {2203, "regoper", "regoper", P::Int64, 4, 'N', false, 2208, 0, 'b', true, 'i', 'p'},
    {2205, "regclass", "regclass", P::Int64, 4, 'N', false, 2210, 0, 'b', true, 'i', 'p'},
    {2206, "regtype", "regtype", P::Int64, 4, 'N', false, 2211, 0, 'b', true, 'i', 'p'},
    {2207, "_regprocedure", "regprocedure[]", P::Bytes, -1, 'A', false, 0, 2202, 'b', false, 'i', 'x'},
    {2208, "_regoper", "regoper[]", P::Bytes, -1, 'A', false, 0, 2203, 'b', false, 'i', 'x'},
    {2210, "_regclass", "regclass[]", P::Bytes, -1, 'A', false, 0, 2205, 'b', false, 'i', 'x'},
    {2211, "_regtype", "regtype[]", P::Bytes, -1, 'A', false, 0, 2206, 'b', false, 'i', 'x'},
    {2249, "record", "record", P::Bytes, -1, 'P', false, 0, 0, 'p', false, 'd', 'x'},
    {2275, "cstring", "cstring", P::Bytes, -2, 'P', false, 1263, 0, 'p', false, 'c', 'p'},
    {2276, "any", "\"any\"", P::Bytes, 4, 'P', false, 0, 0, 'p', true, 'i', 'p'},
    {2277, "anyarray", "anyarray", P::Bytes, -1, 'P', false, 0, 0, 'p', false, 'd', 'x'},
    {2278, "void", "void", P::Bytes, 4, 'P', false, 0, 0, 'p', true, 'i', 'p'},
    {2281, "internal", "internal", P::Bytes, 8, 'P', false, 0, 0, 'p', true, 'd', 'p'},
    {2283, "anyelement", "anyelement", P::Bytes, 4, 'P', false, 0, 0, 'p', true, 'i', 'p'},
    {2776, "anynonarray", "anynonarray", P::Bytes, 4, 'P', false, 0, 0, 'p', true, 'i', 'p'},
    {2950, "uuid", "uuid", P::Bytes, 16, 'U', false, 2951, 0, 'b', false, 'c', 'p'},
    {2951, "_uuid", "uuid[]", P::Bytes, -1, 'A', false, 0, 2950, 'b', false, 'i', 'x'},
    {4089, "regnamespace", "regnamespace", P::Int64, 4, 'N', false, 4090, 0, 'b', true, 'i', 'p'},
    {4090, "_regnamespace", "regnamespace[]", P::Bytes, -1, 'A', false, 0, 4089, 'b', false, 'i', 'x'},
    {4096, "regrole", "regrole", P::Int64, 4, 'N', false, 4097, 0, 'b', true, 'i', 'p'},
    {4097, "_regrole", "regrole[]", P::Bytes, -1, 'A', false, 0, 4096, 'b', false, 'i', 'x'},
    {5077, "anycompatible", "anycompatible", P::Bytes, 4, 'P', false, 0, 0, 'p', true, 'i', 'p'},
    {5078, "anycompatiblearray", "anycompatiblearray", P::Bytes, -1, 'P', false, 0, 0, 'p', false, 'd', 'x'},
    {5079, "anycompatiblenonarray", "anycompatiblenonarray", P::Bytes, 4, 'P', false, 0, 0, 'p', true, 'i', 'p'},
    {16001, "vector", "vector", P::Bytes, -1, 'U', false, 16002, 0, 'b', false, 'i', 'e'},
    {16002, "_vector", "vector[]", P::Bytes, -1, 'A', false, 0, 16001, 'b', false, 'i', 'x'},
    {16003, "halfvec", "halfvec", P::Bytes, -1, 'U', false, 16004, 0, 'b', false, 'i', 'e'},
    {16004, "_halfvec", "halfvec[]", P::Bytes, -1, 'A', false, 0, 16003, 'b', false, 'i', 'x'},
    {16005, "sparsevec", "sparsevec", P::Bytes, -1, 'U', false, 16006, 0, 'b', false, 'i', 'e'},
    {16006, "_sparsevec", "sparsevec[]", P::Bytes, -1, 'A', false, 0, 16005, 'b', false, 'i', 'x'},};
// clang-format on

/// Oids below this are looked up by index, the few above by search.
constexpr std::size_t kDenseOids = 5120;

std::array<const TypeInfo*, kDenseOids> index_by_oid() {
  std::array<const TypeInfo*, kDenseOids> index{};
  for (const TypeInfo& type : kTypes) {
    if (type.oid < kDenseOids) {
      index[type.oid] = &type;
    }
  }
  return index;
}

}  // namespace

std::span<const TypeInfo> all_types() {
  return kTypes;
}

const TypeInfo* find_type(Oid oid) {
  static const std::array<const TypeInfo*, kDenseOids> kIndex = index_by_oid();
  if (oid < kDenseOids) {
    return kIndex[oid];
  }
  const auto* found = std::ranges::lower_bound(kTypes, oid, {}, &TypeInfo::oid);
  return found != std::end(kTypes) && found->oid == oid ? found : nullptr;
}

const TypeInfo* find_type(std::string_view name) {
  static const std::unordered_map<std::string_view, const TypeInfo*> kByName = [] {
    std::unordered_map<std::string_view, const TypeInfo*> index;
    for (const TypeInfo& type : kTypes) {
      index.emplace(type.name, &type);
    }
    return index;
  }();
  const auto found = kByName.find(name);
  return found == kByName.end() ? nullptr : found->second;
}

const TypeInfo& type_info(Oid oid) {
  const TypeInfo* type = find_type(oid);
  if (type == nullptr) {
    internal_error("cache lookup failed for type " + std::to_string(oid));
  }
  return *type;
}

std::string format_type(const Type& type) {
  if (type.oid == 0) {
    return "-";
  }
  const TypeInfo* info = find_type(type.oid);
  if (info == nullptr) {
    return "???";
  }
  if (info->element_oid != 0 && info->name.front() == '_') {
    return format_type({info->element_oid, type.modifier}) + "[]";
  }
  if (type.modifier < 0) {
    return std::string(info->sql_name);
  }
  const TypeCodec& codec = type_codec(type.oid);
  if (codec.format_modifier == nullptr) {
    return std::string(info->sql_name);
  }
  // "timestamp(3) with time zone": the modifier follows the first word of these two.
  const std::string modifier = codec.format_modifier(type.modifier);
  if (type.oid == type_oid::kTimestamp || type.oid == type_oid::kTimestamptz ||
      type.oid == type_oid::kTime) {
    const std::size_t space = info->sql_name.find(' ');
    return std::string(info->sql_name.substr(0, space)) + modifier +
           std::string(info->sql_name.substr(space));
  }
  return std::string(info->sql_name) + modifier;
}

std::string format_type_exactly(const Type& type) {
  if (type.modifier < 0 && type.oid == type_oid::kBpchar) {
    return "bpchar";
  }
  return type.modifier < 0 && type.oid == type_oid::kBit ? "\"bit\"" : format_type(type);
}

std::int32_t type_modifier(Oid type, std::span<const std::string> arguments) {
  const TypeInfo& info = type_info(type);
  if (info.element_oid != 0 && info.name.front() == '_') {
    return type_modifier(info.element_oid, arguments);
  }
  const TypeCodec& codec = type_codec(type);
  if (codec.read_modifier == nullptr) {
    throw SqlError(sqlstate::kSyntaxError,
                   "type modifier is not allowed for type \"" + std::string(info.name) + "\"");
  }
  return codec.read_modifier(arguments);
}

}  // namespace omen::sql
