#include "sql/types/object_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sql/catalog/system_relation.h"
#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/function.h"
#include "sql/session/session.h"
#include "sql/types/io_functions.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"
#include "sql/types/type_io.h"
#include "sql/types/type_name.h"

namespace omen::sql {
namespace {

struct QualifiedName {
  std::string schema;  ///< empty: not given
  std::string name;
};

QualifiedName qualified_name(std::string_view text) {
  std::vector<std::string> parts = split_qualified_name(text);
  if (parts.size() > 3) {
    throw SqlError(sqlstate::kSyntaxError,
                   fmt::format("improper qualified name (too many dotted names): {}", text));
  }
  if (parts.size() == 1) {
    return {"", std::move(parts[0])};
  }
  return {std::move(parts[parts.size() - 2]), std::move(parts.back())};
}

std::optional<Oid> schema_oid(std::string_view name, const EvalContext& context) {
  if (name == "pg_catalog") {
    return engine::kPgCatalogSchemaOid;
  }
  if (name == "information_schema") {
    return engine::kInformationSchemaOid;
  }
  if (context.catalog == nullptr) {
    return std::nullopt;
  }
  const engine::Schema* schema = context.catalog->find_schema(name);
  return schema == nullptr ? std::nullopt : std::optional(schema->oid);
}

std::string schema_name(Oid oid, const EvalContext& context) {
  if (oid == engine::kPgCatalogSchemaOid) {
    return "pg_catalog";
  }
  if (oid == engine::kInformationSchemaOid) {
    return "information_schema";
  }
  const auto* schema =
      context.catalog == nullptr ? nullptr : context.catalog->get<engine::Schema>(oid);
  return schema == nullptr ? std::string() : schema->name;
}

std::vector<std::string> schemas_to_search(const QualifiedName& name, const EvalContext& context) {
  return name.schema.empty() ? effective_search_path(context)
                             : std::vector<std::string>{name.schema};
}

std::optional<Oid> relation_in(Oid schema, std::string_view name, const EvalContext& context) {
  if (context.catalog != nullptr) {
    if (const engine::CatalogEntry* entry = context.catalog->find_relation(schema, name)) {
      return std::visit([](const auto& object) { return object.oid; }, *entry);
    }
  }
  const SystemRelation* system = find_system_relation(schema, name);
  return system == nullptr ? std::nullopt : std::optional(system->oid);
}

std::optional<Oid> find_relation_oid(const QualifiedName& name, const EvalContext& context) {
  for (const std::string& schema : schemas_to_search(name, context)) {
    const std::optional<Oid> oid = schema_oid(schema, context);
    if (!oid) {
      continue;
    }
    if (const std::optional<Oid> relation = relation_in(*oid, name.name, context)) {
      return relation;
    }
  }
  return std::nullopt;
}

struct RelationName {
  Oid schema = 0;
  std::string name;
};

std::optional<RelationName> relation_name(Oid oid, const EvalContext& context) {
  if (const SystemRelation* system = find_system_relation(oid)) {
    return RelationName{system->schema_oid, std::string(system->name)};
  }
  const engine::CatalogEntry* entry =
      context.catalog == nullptr ? nullptr : context.catalog->find(oid);
  if (entry == nullptr) {
    return std::nullopt;
  }
  if (const auto* table = std::get_if<engine::Table>(entry)) {
    return RelationName{table->schema_oid, table->name};
  }
  if (const auto* index = std::get_if<engine::Index>(entry)) {
    return RelationName{index->schema_oid, index->name};
  }
  if (const auto* sequence = std::get_if<engine::Sequence>(entry)) {
    return RelationName{sequence->schema_oid, sequence->name};
  }
  return std::nullopt;
}

std::string print_relation(Oid oid, const EvalContext& context) {
  const std::optional<RelationName> relation = relation_name(oid, context);
  if (!relation) {
    return std::to_string(oid);
  }
  const bool visible = find_relation_oid({"", relation->name}, context) == oid;
  const std::string name = quote_identifier(relation->name);
  return visible ? name : quote_identifier(schema_name(relation->schema, context)) + "." + name;
}

bool is_pg_catalog(const QualifiedName& name) {
  return name.schema.empty() || name.schema == "pg_catalog";
}

/// Functions of the name: regproc wants exactly one.
std::vector<const FunctionDef*> functions_of(const QualifiedName& name) {
  std::vector<const FunctionDef*> found;
  for (const FunctionDef& function : functions_named(name.name)) {
    if (function.extension_vector ? name.schema != "pg_catalog" : is_pg_catalog(name)) {
      found.push_back(&function);
    }
  }
  return found;
}

std::optional<Oid> find_procedure(std::string_view text) {
  const QualifiedName name = qualified_name(text);
  const std::vector<const FunctionDef*> found = functions_of(name);
  std::vector<Oid> oids;
  for (const FunctionDef* function : found) {
    oids.push_back(function->oid);
  }
  if (is_pg_catalog(name)) {
    for (const AggregateDef& aggregate : aggregates_named(name.name)) {
      oids.push_back(aggregate.oid);
    }
  }
  for (const IoFunction& function : io_functions()) {
    if (is_pg_catalog(name) && function.name == name.name && oids.empty()) {
      oids.push_back(function.oid);
    }
  }
  if (oids.size() > 1) {
    throw SqlError(sqlstate::kAmbiguousFunction,
                   fmt::format("more than one function named \"{}\"", text));
  }
  return oids.empty() ? std::nullopt : std::optional(oids[0]);
}

/// `name(type, type)` apart.
struct Signature {
  std::string_view name;
  std::vector<Oid> arguments;
};

Signature parse_signature(std::string_view text, const EvalContext& context) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos) {
    throw SqlError(sqlstate::kInvalidTextRepresentation, "expected a left parenthesis");
  }
  if (close == std::string_view::npos || !trim_spaces(text.substr(close + 1)).empty()) {
    throw SqlError(sqlstate::kInvalidTextRepresentation, "expected a right parenthesis");
  }
  Signature signature{text.substr(0, open), {}};
  std::string_view list = trim_spaces(text.substr(open + 1, close - open - 1));
  while (!list.empty()) {
    int depth = 0;
    std::size_t end = 0;
    for (; end < list.size() && (list[end] != ',' || depth > 0); ++end) {
      depth += list[end] == '(' ? 1 : (list[end] == ')' ? -1 : 0);
    }
    const std::string_view name = trim_spaces(list.substr(0, end));
    const std::optional<Type> type = find_type_by_name(name, context);
    if (!type) {
      throw SqlError(sqlstate::kUndefinedObject, fmt::format("type \"{}\" does not exist", name));
    }
    signature.arguments.push_back(type->oid);
    list = end == list.size() ? std::string_view() : trim_spaces(list.substr(end + 1));
  }
  return signature;
}

std::optional<Oid> find_procedure_signature(std::string_view text, const EvalContext& context) {
  const Signature signature = parse_signature(text, context);
  const QualifiedName name = qualified_name(signature.name);
  for (const FunctionDef* function : functions_of(name)) {
    if (function->argument_types == signature.arguments) {
      return function->oid;
    }
  }
  for (const AggregateDef& aggregate : aggregates_named(name.name)) {
    if (is_pg_catalog(name) && aggregate.argument_types == signature.arguments) {
      return aggregate.oid;
    }
  }
  return std::nullopt;
}

struct ProcedureName {
  std::string_view name;
  std::vector<Oid> arguments;
};

std::optional<ProcedureName> procedure_name(Oid oid) {
  if (const FunctionDef* function = find_function(oid)) {
    return ProcedureName{function->name, function->argument_types};
  }
  if (const IoFunction* function = find_io_function(oid)) {
    std::vector<Oid> arguments(function->argument_types.begin(), function->argument_types.end());
    std::erase(arguments, Oid{0});
    return ProcedureName{function->name, std::move(arguments)};
  }
  for (const AggregateDef& aggregate : all_aggregates()) {
    if (aggregate.oid == oid) {
      return ProcedureName{aggregate.name, aggregate.argument_types};
    }
  }
  return std::nullopt;
}

std::string print_procedure(Oid oid, bool with_arguments) {
  const std::optional<ProcedureName> procedure = procedure_name(oid);
  if (!procedure) {
    return std::to_string(oid);
  }
  std::string text = quote_identifier(procedure->name);
  if (with_arguments) {
    text.push_back('(');
    for (const Oid argument : procedure->arguments) {
      text.append(text.back() == '(' ? "" : ",").append(format_type({argument, -1}));
    }
    text.push_back(')');
    return text;
  }
  const bool unique =
      functions_named(procedure->name).size() + aggregates_named(procedure->name).size() <= 1;
  return unique ? text : "pg_catalog." + text;
}

std::optional<Oid> find_operator_oid(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  const std::string_view symbol = dot == std::string_view::npos ? text : text.substr(dot + 1);
  const std::span<const OperatorDef> found = operators_named(symbol);
  if (found.size() > 1) {
    throw SqlError(sqlstate::kAmbiguousFunction,
                   fmt::format("more than one operator named {}", text));
  }
  return found.empty() ? std::nullopt : std::optional(found[0].oid);
}

std::string print_operator(Oid oid) {
  for (const OperatorDef& definition : all_operators()) {
    if (definition.oid == oid) {
      const bool unique = operators_named(definition.name).size() == 1;
      return unique ? std::string(definition.name) : fmt::format("pg_catalog.{}", definition.name);
    }
  }
  return std::to_string(oid);
}

std::optional<Oid> find_role(std::string_view text, const EvalContext& context) {
  const std::vector<std::string> parts = split_qualified_name(text);
  if (parts.size() != 1) {
    throw SqlError(sqlstate::kInvalidName, "invalid name syntax");
  }
  const engine::Role* role =
      context.catalog == nullptr ? nullptr : context.catalog->find_role(parts[0]);
  return role == nullptr ? std::nullopt : std::optional(role->oid);
}

std::optional<Oid> find_namespace(std::string_view text, const EvalContext& context) {
  const std::vector<std::string> parts = split_qualified_name(text);
  if (parts.size() != 1) {
    throw SqlError(sqlstate::kInvalidName, "invalid name syntax");
  }
  return schema_oid(parts[0], context);
}

[[noreturn]] void not_found(Oid reg_type, std::string_view text) {
  switch (reg_type) {
    case type_oid::kRegclass:
      throw SqlError(sqlstate::kUndefinedTable,
                     fmt::format("relation \"{}\" does not exist", text));
    case type_oid::kRegtype:
      throw SqlError(sqlstate::kUndefinedObject, fmt::format("type \"{}\" does not exist", text));
    case type_oid::kRegrole:
      throw SqlError(sqlstate::kUndefinedObject, fmt::format("role \"{}\" does not exist", text));
    case type_oid::kRegnamespace:
      throw SqlError(sqlstate::kInvalidSchemaName,
                     fmt::format("schema \"{}\" does not exist", text));
    case type_oid::kRegoper:
      throw SqlError(sqlstate::kUndefinedFunction,
                     fmt::format("operator does not exist: {}", text));
    default:
      throw SqlError(sqlstate::kUndefinedFunction,
                     fmt::format("function \"{}\" does not exist", text));
  }
}

std::string print_type(Oid oid, const EvalContext& context) {
  if (find_type(oid) != nullptr) {
    return format_type({oid, -1});
  }
  if (context.catalog != nullptr) {
    for (const engine::CatalogEntry* entry : context.catalog->entries()) {
      const auto* table = std::get_if<engine::Table>(entry);
      if (table != nullptr && table->row_type_oid == oid) {
        return print_relation(table->oid, context);
      }
    }
  }
  return std::to_string(oid);
}

}  // namespace

std::vector<std::string> split_qualified_name(std::string_view text) {
  const auto invalid = [] { return SqlError(sqlstate::kInvalidName, "invalid name syntax"); };
  std::vector<std::string> parts;
  std::string_view rest = trim_spaces(text);
  while (true) {
    std::string part;
    if (rest.starts_with('"')) {
      std::size_t at = 1;
      for (; at < rest.size(); ++at) {
        if (rest[at] == '"') {
          if (at + 1 == rest.size() || rest[at + 1] != '"') {
            break;
          }
          ++at;
        }
        part.push_back(rest[at]);
      }
      if (at >= rest.size() || part.empty()) {
        throw invalid();
      }
      rest.remove_prefix(at + 1);
    } else {
      const std::size_t end = std::min(rest.find_first_of(". \t\n\r"), rest.size());
      part = ascii_lower(rest.substr(0, end));
      if (part.empty() || part.find('"') != std::string::npos) {
        throw invalid();
      }
      rest.remove_prefix(end);
    }
    parts.emplace_back(clip_bytes(part, kNameBytesMax));
    rest = trim_spaces(rest);
    if (rest.empty()) {
      return parts;
    }
    if (rest.front() != '.') {
      throw invalid();
    }
    rest = trim_spaces(rest.substr(1));
  }
}

std::vector<std::string> effective_search_path(const EvalContext& context) {
  std::vector<std::string> path;
  if (context.session != nullptr) {
    path = context.session->search_path();
  } else {
    path.emplace_back("public");
  }
  if (std::ranges::find(path, "pg_catalog") == path.end()) {
    path.insert(path.begin(), "pg_catalog");
  }
  return path;
}

std::optional<Oid> find_object(Oid reg_type, std::string_view name, const EvalContext& context) {
  switch (reg_type) {
    case type_oid::kRegclass:
      return find_relation_oid(qualified_name(name), context);
    case type_oid::kRegtype: {
      const std::optional<Type> type = find_type_by_name(name, context);
      return type ? std::optional(type->oid) : std::nullopt;
    }
    case type_oid::kRegproc:
      return find_procedure(name);
    case type_oid::kRegprocedure:
      return find_procedure_signature(name, context);
    case type_oid::kRegoper:
      return find_operator_oid(name);
    case type_oid::kRegrole:
      return find_role(name, context);
    case type_oid::kRegnamespace:
      return find_namespace(name, context);
    default:
      internal_error("not a reg type");
  }
}

Oid resolve_object(Oid reg_type, std::string_view text, const EvalContext& context) {
  if (text == "-") {
    return 0;
  }
  Oid oid = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), oid);
  if (error == std::errc() && stop == text.data() + text.size()) {
    return oid;
  }
  const std::optional<Oid> found = find_object(reg_type, text, context);
  if (!found) {
    not_found(reg_type, text);
  }
  return *found;
}

std::string object_name(Oid reg_type, Oid object, const EvalContext& context) {
  if (object == 0) {
    return "-";
  }
  switch (reg_type) {
    case type_oid::kRegclass:
      return print_relation(object, context);
    case type_oid::kRegtype:
      return print_type(object, context);
    case type_oid::kRegproc:
      return print_procedure(object, false);
    case type_oid::kRegprocedure:
      return print_procedure(object, true);
    case type_oid::kRegoper:
      return print_operator(object);
    case type_oid::kRegrole: {
      const auto* role =
          context.catalog == nullptr ? nullptr : context.catalog->get<engine::Role>(object);
      return role == nullptr ? std::to_string(object) : quote_identifier(role->name);
    }
    case type_oid::kRegnamespace: {
      const std::string name = schema_name(object, context);
      return name.empty() ? std::to_string(object) : quote_identifier(name);
    }
    default:
      internal_error("not a reg type");
  }
}

std::optional<Type> find_type_by_name(std::string_view text, const EvalContext& context) {
  const TypeSpelling spelling = parse_type_spelling(text);
  const TypeInfo* type = nullptr;
  if (spelling.is_sql_name) {
    type = find_type(spelling.name);
  } else {
    const QualifiedName name = qualified_name(spelling.name);
    type = find_type(name.name);
    const bool is_extension = type != nullptr && is_extension_type(type->oid);
    if (is_extension) {
      const engine::Extension* extension =
          context.catalog == nullptr ? nullptr : context.catalog->find_extension("vector");
      const std::vector<std::string> schemas = schemas_to_search(name, context);
      if (extension == nullptr ||
          std::ranges::find(schemas, schema_name(extension->schema_oid, context)) ==
              schemas.end()) {
        return std::nullopt;
      }
    } else if (type != nullptr && !is_pg_catalog(name)) {
      return std::nullopt;
    }
  }
  if (type == nullptr) {
    return std::nullopt;
  }
  Type result{type->oid, -1};
  if (!spelling.modifiers.empty()) {
    result.modifier = type_modifier(type->oid, spelling.modifiers);
  }
  if (spelling.is_array) {
    result.oid = type->array_oid;
  }
  return result.oid == 0 ? std::nullopt : std::optional(result);
}

}  // namespace omen::sql
