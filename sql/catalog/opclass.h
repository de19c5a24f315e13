#pragma once

#include <span>
#include <string_view>

#include "engine/api/catalog.h"
#include "sql/types/type.h"

namespace omen::sql {

/// Access methods, as in pg_am; the vector ones are ours and fixed.
namespace access_method_oid {
constexpr Oid kHeap = 2, kBtree = 403, kIvfflat = 16010, kHnsw = 16011;
}  // namespace access_method_oid

/// One row of pg_opclass (and of pg_opfamily: every family here has one name and method).
struct OperatorClass {
  Oid oid = 0;
  std::string_view name;
  Oid method_oid = 0;
  Oid input_type = 0;  ///< kAnyArray for array_ops
  bool is_default = false;
  Oid family_oid = 0;
  std::string_view family_name;
  engine::Metric metric = engine::Metric::L2;  ///< hnsw and ivfflat only
  bool extension_vector = false;
};

std::span<const OperatorClass> operator_classes();
const OperatorClass* find_operator_class(Oid oid);
/// The method an index was made with. Operator classes tell ivfflat, which is stored as hnsw.
Oid access_method_of(const engine::Index& index);
/// WITH (lists = n) of an ivfflat index; only settings that count lists refer to it.
int ivfflat_lists(const engine::Index& index);
std::string_view access_method_name(Oid method_oid);  ///< empty if there is no such method
const OperatorClass* find_operator_class(Oid method_oid, std::string_view name);
/// The default class of a method for a type (arrays and varchar through their general class), or
/// nullptr.
const OperatorClass* default_operator_class(Oid method_oid, Oid type_oid);

}  // namespace omen::sql
