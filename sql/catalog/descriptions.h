#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sql/functions/eval_context.h"
#include "sql/types/type.h"

namespace omen::sql {

/// Oids of catalogs, as pg_depend and pg_description name the class of an object.
namespace catalog_oid {
constexpr Oid kType = 1247, kProc = 1255, kClass = 1259, kAuthid = 1260, kDatabase = 1262,
              kAm = 2601, kAttrdef = 2604, kCast = 2605, kConstraint = 2606, kLanguage = 2612,
              kNamespace = 2615, kOpclass = 2616, kOperator = 2617, kOpfamily = 2753,
              kExtension = 3079;
}  // namespace catalog_oid

/// A comment that exists from the start, on an object that is not in the engine's catalog.
struct BuiltInComment {
  Oid class_oid = 0;
  Oid oid = 0;
  std::string_view text;
  bool extension_vector = false;  ///< only where extension vector is installed
};
std::span<const BuiltInComment> built_in_comments();

/// What the extension called `name` is for; empty for an unknown one.
std::string_view extension_comment(std::string_view name);

/// "table t", "column a of table t", "operator <->(vector,vector)": pg_describe_object. Names are
/// qualified unless visible. nullopt if there is no such object; 0A000 for a catalog whose objects
/// are not described.
std::optional<std::string> describe_object(const EvalContext& context, Oid class_oid, Oid object,
                                           int sub_id);

}  // namespace omen::sql
