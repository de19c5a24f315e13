#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/types.h"

namespace omen::sql {

using engine::Oid;
using engine::PhysicalType;

/// A type with its modifier, as an expression or column has it. modifier -1 is none.
struct Type {
  Oid oid = 0;
  std::int32_t modifier = -1;
  friend bool operator==(const Type&, const Type&) = default;
};

/// Oids of built-in types, as in pg_type.dat; those of vector's types are ours and fixed.
namespace type_oid {
constexpr Oid kBool = 16, kBytea = 17, kChar = 18, kName = 19, kInt8 = 20, kInt2 = 21,
              kInt2Vector = 22, kInt4 = 23, kRegproc = 24, kText = 25, kOid = 26, kTid = 27,
              kXid = 28, kCid = 29, kOidVector = 30, kPgNodeTree = 194, kFloat4 = 700,
              kFloat8 = 701, kUnknown = 705, kAclItem = 1033, kBpchar = 1042, kVarchar = 1043,
              kDate = 1082, kTime = 1083, kTimestamp = 1114, kTimestamptz = 1184, kInterval = 1186,
              kNumeric = 1700, kRegprocedure = 2202, kRegoper = 2203, kRegclass = 2205,
              kRegtype = 2206, kRegrole = 4096, kRegnamespace = 4089, kUuid = 2950, kVoid = 2278,
              kRecord = 2249, kBit = 1560, kVarbit = 1562, kCstring = 2275, kAny = 2276,
              kAnyArray = 2277, kAnyElement = 2283, kAnyNonArray = 2776, kAnyCompatible = 5077,
              kAnyCompatibleArray = 5078, kAnyCompatibleNonArray = 5079;
constexpr Oid kVector = 16001, kVectorArray = 16002, kHalfvec = 16003, kHalfvecArray = 16004,
              kSparsevec = 16005, kSparsevecArray = 16006;
}  // namespace type_oid

/// Whether the type exists only with CREATE EXTENSION vector.
constexpr bool is_extension_type(Oid oid) {
  return oid >= type_oid::kVector && oid <= type_oid::kSparsevecArray;
}

/// One row of pg_type, and how its values are read and written. Rows are built in; `vector` counts
/// only once the extension exists (TypeRegistry does not know the catalog; the binder asks).
///
/// Text and binary forms: bodies in sql/types/<topic>.cpp. Input throws SqlError (22P02, 22003,
/// ...).
struct TypeInfo {
  Oid oid = 0;
  std::string_view name;      ///< pg_type.typname: int4, _int4
  std::string_view sql_name;  ///< format_type: integer, integer[]
  PhysicalType physical = PhysicalType::Bytes;
  std::int16_t length = -1;  ///< typlen
  char category = 'U';       ///< typcategory
  bool preferred = false;
  Oid array_oid = 0;    ///< array type of this element type, or 0
  Oid element_oid = 0;  ///< element type of this array (true arrays only), or 0
  char kind = 'b';      ///< typtype: b base, p pseudo
  bool by_value = false;
  char align = 'i';
  char storage = 'p';
};

}  // namespace omen::sql
