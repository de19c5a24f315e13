#include "sql/catalog/descriptions.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/binder/deparse.h"
#include "sql/catalog/definitions.h"
#include "sql/catalog/entries.h"
#include "sql/catalog/opclass.h"
#include "sql/catalog/system_relation.h"
#include "sql/error/sql_error.h"
#include "sql/functions/function.h"
#include "sql/types/object_names.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

using MaybeText = std::optional<std::string>;

constexpr BuiltInComment kBuiltInComments[] = {
    {catalog_oid::kAm, access_method_oid::kHeap, "heap table access method"},
    {catalog_oid::kAm, access_method_oid::kBtree, "b-tree index access method"},
    {catalog_oid::kAm, access_method_oid::kIvfflat, "ivfflat index access method", true},
    {catalog_oid::kAm, access_method_oid::kHnsw, "hnsw index access method", true},
    {catalog_oid::kLanguage, 12, "built-in functions"},
    {catalog_oid::kLanguage, 13, "dynamically-loaded C functions"},
    {catalog_oid::kLanguage, 14, "SQL-language functions"},
    {catalog_oid::kNamespace, engine::kPgCatalogSchemaOid, "system catalog schema"},
    {catalog_oid::kNamespace, 99, "reserved schema for TOAST tables"},
    {catalog_oid::kNamespace, engine::kPublicSchemaOid, "standard public schema"},
    {catalog_oid::kType, type_oid::kVector, "single-precision vector", true},
    {catalog_oid::kType, type_oid::kHalfvec, "half-precision vector", true},
    {catalog_oid::kType, type_oid::kSparsevec, "single-precision sparse vector", true},
};

const char* relation_word(const EvalContext& context, Oid relation) {
  if (const SystemRelation* system = find_system_relation(relation)) {
    return system->is_view ? "view" : "table";
  }
  if (context.catalog->get<engine::Table>(relation) != nullptr) {
    return "table";
  }
  if (context.catalog->get<engine::Index>(relation) != nullptr) {
    return "index";
  }
  return context.catalog->get<engine::Sequence>(relation) != nullptr ? "sequence" : nullptr;
}

MaybeText describe_relation(const EvalContext& context, Oid relation, int column_number) {
  const char* word = relation_word(context, relation);
  if (word == nullptr) {
    return std::nullopt;
  }
  std::string text =
      fmt::format("{} {}", word, object_name(type_oid::kRegclass, relation, context));
  if (column_number == 0) {
    return text;
  }
  const auto* table = context.catalog->get<engine::Table>(relation);
  if (table == nullptr || column_number < 1 ||
      static_cast<std::size_t>(column_number) > table->columns.size()) {
    return std::nullopt;
  }
  const engine::Column& column = table->columns[static_cast<std::size_t>(column_number) - 1];
  return column.dropped ? std::nullopt
                        : MaybeText(fmt::format("column {} of {}", column.name, text));
}

MaybeText describe_default(const EvalContext& context, Oid default_oid) {
  MaybeText text;
  for_each_entry<engine::Table>(context, [&](const engine::Table& table) {
    for (const engine::Column& column : table.columns) {
      if (has_own_default(column) && column.default_oid == default_oid) {
        text = fmt::format("default value for column {} of table {}", column.name,
                           object_name(type_oid::kRegclass, table.oid, context));
      }
    }
  });
  return text;
}

MaybeText describe_constraint(const EvalContext& context, Oid constraint) {
  MaybeText text;
  const auto describe = [&](const std::string& name, Oid table) {
    text = fmt::format("constraint {} on table {}", name,
                       object_name(type_oid::kRegclass, table, context));
  };
  for_each_entry<engine::Index>(context, [&](const engine::Index& index) {
    if (index.constraint_oid == constraint) {
      describe(index.name, index.table_oid);
    }
  });
  for_each_entry<engine::Table>(context, [&](const engine::Table& table) {
    const auto check = std::ranges::find(table.checks, constraint, &engine::CheckConstraint::oid);
    if (check != table.checks.end()) {
      describe(check->name, table.oid);
    }
  });
  return text;
}

MaybeText describe_operator(Oid oid) {
  const std::span<const OperatorDef> operators = all_operators();
  const auto found = std::ranges::find(operators, oid, &OperatorDef::oid);
  if (found == operators.end()) {
    return std::nullopt;
  }
  const std::string left = found->left_type == 0 ? "NONE" : format_type({found->left_type, -1});
  return fmt::format("operator {}({},{})", found->name, left, format_type({found->right_type, -1}));
}

MaybeText describe_procedure(const EvalContext& context, Oid oid) {
  const std::string name = object_name(type_oid::kRegprocedure, oid, context);
  return name == std::to_string(oid) ? std::nullopt : MaybeText("function " + name);
}

MaybeText describe_operator_class(Oid oid) {
  const OperatorClass* found = find_operator_class(oid);
  return found == nullptr
             ? std::nullopt
             : MaybeText(fmt::format("operator class {} for access method {}", found->name,
                                     access_method_name(found->method_oid)));
}

MaybeText describe_operator_family(Oid oid) {
  const std::span<const OperatorClass> classes = operator_classes();
  const auto found = std::ranges::find(classes, oid, &OperatorClass::family_oid);
  return found == classes.end()
             ? std::nullopt
             : MaybeText(fmt::format("operator family {} for access method {}", found->family_name,
                                     access_method_name(found->method_oid)));
}

MaybeText describe_cast(Oid oid) {
  const std::span<const CastDef> casts = all_casts();
  if (oid < kFirstCastOid || oid - kFirstCastOid >= casts.size()) {
    return std::nullopt;
  }
  const CastDef& cast = casts[oid - kFirstCastOid];
  return fmt::format("cast from {} to {}", format_type({cast.source, -1}),
                     format_type({cast.target, -1}));
}

/// "kind name", or nullopt without a name.
MaybeText named(std::string_view kind, std::string_view name) {
  return name.empty() ? std::nullopt : MaybeText(fmt::format("{} {}", kind, name));
}

}  // namespace

std::span<const BuiltInComment> built_in_comments() {
  return kBuiltInComments;
}

std::string_view extension_comment(std::string_view name) {
  return name == "vector" ? "vector data type and ivfflat and hnsw access methods" : "";
}

MaybeText describe_object(const EvalContext& context, Oid class_oid, Oid object, int sub_id) {
  if (context.catalog == nullptr) {
    return std::nullopt;
  }
  switch (class_oid) {
    case catalog_oid::kClass:
      return describe_relation(context, object, sub_id);
    case catalog_oid::kAttrdef:
      return describe_default(context, object);
    case catalog_oid::kConstraint:
      return describe_constraint(context, object);
    case catalog_oid::kType: {
      const std::string name = object_name(type_oid::kRegtype, object, context);
      return name == std::to_string(object) ? std::nullopt : named("type", name);
    }
    case catalog_oid::kProc:
      return describe_procedure(context, object);
    case catalog_oid::kOperator:
      return describe_operator(object);
    case catalog_oid::kOpclass:
      return describe_operator_class(object);
    case catalog_oid::kOpfamily:
      return describe_operator_family(object);
    case catalog_oid::kCast:
      return describe_cast(object);
    case catalog_oid::kAm:
      return named("access method", access_method_name(object));
    case catalog_oid::kNamespace:
      return named("schema", schema_name(context, object));
    case catalog_oid::kExtension: {
      const auto* extension = context.catalog->get<engine::Extension>(object);
      return extension == nullptr ? std::nullopt : named("extension", extension->name);
    }
    case catalog_oid::kAuthid: {
      const auto* role = context.catalog->get<engine::Role>(object);
      return role == nullptr ? std::nullopt : named("role", role->name);
    }
    default:
      break;
  }
  if (find_system_relation(class_oid) == nullptr) {
    throw SqlError(sqlstate::kInternalError,
                   fmt::format("unrecognized object class: {}", class_oid));
  }
  unsupported(fmt::format("describing an object of {}",
                          object_name(type_oid::kRegclass, class_oid, context)));
}

}  // namespace omen::sql
