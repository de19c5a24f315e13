#include "sql/binder/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/binder/bind_state.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

/// "s.t" as PostgreSQL prints a possibly qualified name in errors.
std::string dotted(const ast::QualifiedName& name) {
  return fmt::format("{}", fmt::join(name, "."));
}

Oid schema_oid(const engine::Catalog& catalog, std::string_view name) {
  if (name == "pg_catalog") {
    return engine::kPgCatalogSchemaOid;
  }
  if (name == "information_schema") {
    return engine::kInformationSchemaOid;
  }
  const engine::Schema* schema = catalog.find_schema(name);
  return schema == nullptr ? 0 : schema->oid;
}

FoundRelation find_in(const engine::Catalog& catalog, Oid schema, std::string_view name) {
  if (const SystemRelation* system = find_system_relation(schema, name); system != nullptr) {
    return {nullptr, system};
  }
  return {catalog.find_relation(schema, name), nullptr};
}

}  // namespace

FoundRelation find_any_relation(const engine::Catalog& catalog,
                                const std::vector<std::string>& search_path,
                                const ast::QualifiedName& name) {
  if (name.size() > 1) {
    const Oid schema = schema_oid(catalog, name[name.size() - 2]);
    return schema == 0 ? FoundRelation{} : find_in(catalog, schema, name.back());
  }
  if (std::find(search_path.begin(), search_path.end(), "pg_catalog") == search_path.end()) {
    const FoundRelation found = find_in(catalog, engine::kPgCatalogSchemaOid, name.back());
    if (found) {
      return found;
    }
  }
  for (const std::string& schema_name : search_path) {
    const Oid schema = schema_oid(catalog, schema_name);
    const FoundRelation found =
        schema == 0 ? FoundRelation{} : find_in(catalog, schema, name.back());
    if (found) {
      return found;
    }
  }
  return {};
}

const engine::CatalogEntry* find_relation(const engine::Catalog& catalog,
                                          const std::vector<std::string>& search_path,
                                          const ast::QualifiedName& name) {
  return find_any_relation(catalog, search_path, name).entry;
}

void undefined_relation(const ast::QualifiedName& name, int location) {
  throw SqlError(sqlstate::kUndefinedTable,
                 fmt::format("relation \"{}\" does not exist", dotted(name)))
      .at(location);
}

const engine::Table& resolve_table(const BindContext& context, const ast::QualifiedName& name,
                                   int location) {
  const FoundRelation found = find_any_relation(context.catalog, context.search_path, name);
  if (!found) {
    undefined_relation(name, location);
  }
  const engine::Table* table =
      found.entry == nullptr ? nullptr : std::get_if<engine::Table>(found.entry);
  if (table == nullptr) {
    throw SqlError(sqlstate::kWrongObjectType, fmt::format("\"{}\" is not a table", name.back()))
        .at(location);
  }
  return *table;
}

namespace {

std::string modifier_text(const ast::Expr& modifier) {
  if (modifier.kind == ast::ExprKind::Constant) {
    const auto& constant = ast::as<ast::Constant>(modifier);
    if (constant.type == ast::Constant::Kind::Integer) {
      return fmt::to_string(constant.integer);
    }
    if (constant.type == ast::Constant::Kind::Float ||
        constant.type == ast::Constant::Kind::String) {
      return constant.text;
    }
  }
  if (modifier.kind == ast::ExprKind::ColumnRef) {
    const auto& column = ast::as<ast::ColumnRef>(modifier);
    if (column.names.size() == 1 && !column.star) {
      return column.names[0];
    }
  }
  throw SqlError(sqlstate::kSyntaxError, "type modifiers must be simple constants or identifiers")
      .at(modifier.location);
}

[[noreturn]] void undefined_type(const ast::TypeName& name) {
  std::string text = dotted(name.names);
  for (int i = 0; i < name.array_dimensions; ++i) {
    text += "[]";
  }
  SqlError error(sqlstate::kUndefinedObject, fmt::format("type \"{}\" does not exist", text));
  if (name.names.back() == "vector" || name.names.back() == "_vector") {
    error.diagnostic().hint = "Run \"CREATE EXTENSION vector;\" to get the vector types.";
  }
  throw std::move(error).at(name.location);
}

}  // namespace

const TypeInfo* find_visible_type(const BindState& state, const ast::QualifiedName& name) {
  const TypeInfo* info = find_type(name.back());
  if (info == nullptr) {
    return nullptr;
  }
  const std::string_view schema = name.size() > 1 ? name[name.size() - 2] : std::string_view();
  return state.object_visible(is_extension_type(info->oid), schema) ? info : nullptr;
}

Type resolve_type(BindState& state, const ast::TypeName& name) {
  const TypeInfo* info = find_visible_type(state, name.names);
  if (info == nullptr) {
    undefined_type(name);
  }
  Type type{info->oid, -1};
  if (!name.modifiers.empty()) {
    std::vector<std::string> arguments;
    for (const ast::Expr* modifier : name.modifiers) {
      arguments.push_back(modifier_text(*modifier));
    }
    try {
      type.modifier = type_modifier(info->oid, arguments);
    } catch (SqlError& error) {
      if (error.location() < 0) {
        error.set_location(name.location);
      }
      throw;
    }
  }
  if (name.array_dimensions > 0 && info->element_oid == 0) {
    if (info->array_oid == 0) {
      undefined_type(name);
    }
    type.oid = info->array_oid;
  }
  return type;
}

Type resolve_type(const BindContext& context, const ast::TypeName& name) {
  BindContext copy{context.arena, context.catalog, context.search_path, context.eval,
                   context.parameter_types};
  BindState state(copy);
  return resolve_type(state, name);
}

}  // namespace omen::sql
