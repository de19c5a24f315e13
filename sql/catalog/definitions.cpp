#include "sql/catalog/definitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>

#include "sql/binder/binder.h"
#include "sql/binder/deparse.h"
#include "sql/catalog/opclass.h"
#include "sql/catalog/system_relation.h"
#include "sql/session/commands/expressions.h"
#include "sql/session/session.h"
#include "sql/types/object_names.h"

namespace omen::sql {
namespace {

using engine::Index;
using engine::Table;

std::string column_list(const Table& table, const Index& index, std::size_t from, std::size_t to) {
  std::string list;
  for (std::size_t i = from; i < to; ++i) {
    list += (i == from ? "" : ", ") + quote_identifier(table.columns[index.columns[i].column].name);
  }
  return list;
}

std::string key_columns(const EvalContext& context, const Table& table, const Index& index) {
  const Oid method = access_method_of(index);
  std::string list;
  for (std::size_t i = 0; i < index.key_column_count; ++i) {
    const engine::IndexColumn& key = index.columns[i];
    const engine::Column& column = table.columns[key.column];
    list += (i == 0 ? "" : ", ") + quote_identifier(column.name);
    const OperatorClass* opclass = find_operator_class(key.opclass_oid);
    const OperatorClass* usual = default_operator_class(method, column.type_oid);
    if (opclass != nullptr && (usual == nullptr || usual->oid != opclass->oid)) {
      const engine::Extension* vector = context.catalog->find_extension("vector");
      const bool qualify = opclass->extension_vector && vector != nullptr &&
                           !schema_is_on_path(context, vector->schema_oid);
      list += " " + (qualify ? schema_name(context, vector->schema_oid) + "." : std::string()) +
              std::string(opclass->name);
    }
    if (key.descending) {
      list += key.nulls_first ? " DESC" : " DESC NULLS LAST";
    } else if (key.nulls_first) {
      list += " NULLS FIRST";
    }
  }
  return list;
}

std::optional<std::string> key_constraint(const EvalContext& context, Oid constraint_oid) {
  for (const engine::CatalogEntry* entry : context.catalog->entries()) {
    const Index* index = std::get_if<Index>(entry);
    if (index == nullptr || index->constraint_oid != constraint_oid) {
      continue;
    }
    const Table& table = *context.catalog->get<Table>(index->table_oid);
    std::string text = fmt::format("{} ({})", index->primary ? "PRIMARY KEY" : "UNIQUE",
                                   column_list(table, *index, 0, index->key_column_count));
    if (index->columns.size() > index->key_column_count) {
      text += fmt::format(" INCLUDE ({})", column_list(table, *index, index->key_column_count,
                                                       index->columns.size()));
    }
    return text;
  }
  return std::nullopt;
}

/// Binds a stored expression again and prints it with the parentheses that are needed.
std::string deparse_stored(const EvalContext& context, const std::string& stored,
                           const Table* table,
                           const std::function<std::string(const ColumnExpression&)>& column_name) {
  std::vector<std::string> path = effective_search_path(context);
  if (const engine::Extension* vector = context.catalog->find_extension("vector")) {
    path.push_back(schema_name(context, vector->schema_oid));  // stored text names its types bare
  }
  ParsedText parsed;
  engine::Arena arena;
  std::vector<Oid> parameter_types;
  BindContext bind{arena, *context.catalog, path, context, parameter_types};
  const Expression* bound =
      bind_expression(bind, parse_expression(stored, parsed), table, {}, "pg_get_expr");
  return deparse(*bound, context, column_name, Parentheses::Needed);
}

}  // namespace

std::string schema_name(const EvalContext& context, Oid schema_oid) {
  if (schema_oid == engine::kPgCatalogSchemaOid) {
    return "pg_catalog";
  }
  if (schema_oid == engine::kInformationSchemaOid) {
    return "information_schema";
  }
  const engine::Schema* schema =
      context.catalog == nullptr ? nullptr : context.catalog->get<engine::Schema>(schema_oid);
  return schema == nullptr ? std::string() : schema->name;
}

bool schema_is_on_path(const EvalContext& context, Oid schema_oid) {
  if (schema_oid == engine::kPgCatalogSchemaOid) {
    return true;
  }
  const std::string name = schema_name(context, schema_oid);
  return context.session != nullptr && !name.empty() &&
         std::ranges::find(context.session->search_path(), name) !=
             context.session->search_path().end();
}

std::optional<bool> relation_is_visible(const EvalContext& context, Oid relation_oid) {
  if (const SystemRelation* system = find_system_relation(relation_oid)) {
    return schema_is_on_path(context, system->schema_oid);
  }
  const engine::CatalogEntry* entry =
      context.catalog == nullptr ? nullptr : context.catalog->find(relation_oid);
  if (entry == nullptr || context.session == nullptr) {
    return std::nullopt;
  }
  Oid schema_oid = 0;
  std::string name;
  std::visit(
      [&](const auto& object) {
        if constexpr (requires { object.schema_oid; }) {
          schema_oid = object.schema_oid;
          name = object.name;
        }
      },
      *entry);
  for (const std::string& schema : context.session->search_path()) {
    const engine::Schema* candidate = context.catalog->find_schema(schema);
    if (candidate != nullptr && context.catalog->find_relation(candidate->oid, name) != nullptr) {
      return candidate->oid == schema_oid;
    }
  }
  return false;
}

std::optional<std::string> index_definition(const EvalContext& context, Oid index_oid,
                                            bool pretty) {
  const Index* index =
      context.catalog == nullptr ? nullptr : context.catalog->get<Index>(index_oid);
  if (index == nullptr) {
    return std::nullopt;
  }
  const Table& table = *context.catalog->get<Table>(index->table_oid);
  const bool bare = pretty && relation_is_visible(context, table.oid).value_or(false);
  std::string text = fmt::format(
      "CREATE {}INDEX {} ON {}{} USING {} ({})", index->unique ? "UNIQUE " : "",
      quote_identifier(index->name),
      bare ? std::string() : quote_identifier(schema_name(context, table.schema_oid)) + ".",
      quote_identifier(table.name), access_method_name(access_method_of(*index)),
      key_columns(context, table, *index));
  if (index->columns.size() > index->key_column_count) {
    text += fmt::format(" INCLUDE ({})",
                        column_list(table, *index, index->key_column_count, index->columns.size()));
  }
  if (!index->options.empty()) {
    text += " WITH (";
    for (std::size_t i = 0; i < index->options.size(); ++i) {
      text += fmt::format("{}{}={}", i == 0 ? "" : ", ", quote_identifier(index->options[i].first),
                          quote_literal(index->options[i].second));
    }
    text += ")";
  }
  return text;
}

std::optional<std::string> index_column_definition(const EvalContext& context, Oid index_oid,
                                                   int column) {
  const Index* index =
      context.catalog == nullptr ? nullptr : context.catalog->get<Index>(index_oid);
  if (index == nullptr) {
    return std::nullopt;
  }
  if (column < 1 || static_cast<std::size_t>(column) > index->columns.size()) {
    return std::string();
  }
  const Table& table = *context.catalog->get<Table>(index->table_oid);
  return quote_identifier(
      table.columns[index->columns[static_cast<std::size_t>(column) - 1].column].name);
}

std::string expression_text(const EvalContext& context, std::string_view stored) {
  constexpr std::string_view kCast = "'::regclass";
  std::string text;
  std::size_t position = 0;
  while (position < stored.size()) {
    const std::size_t start = stored.find_first_of("'\"", position);
    if (start == std::string_view::npos) {
      break;
    }
    // A doubled quote reads as two neighbours here, which changes nothing.
    const std::size_t end = stored.find(stored[start], start + 1);
    if (end == std::string_view::npos) {
      break;
    }
    const std::string_view inner = stored.substr(start + 1, end - start - 1);
    text += stored.substr(position, start - position);
    Oid oid = 0;
    const auto [rest, error] = std::from_chars(inner.data(), inner.data() + inner.size(), oid);
    const bool is_number = error == std::errc() && rest == inner.data() + inner.size();
    if (is_number && stored.substr(end).starts_with(kCast)) {
      text += quote_literal(object_name(type_oid::kRegclass, oid, context));
    } else {
      text += stored.substr(start, end + 1 - start);
    }
    position = end + 1;
  }
  return text += stored.substr(position);
}

std::string pretty_expression_text(const EvalContext& context, const std::string& stored,
                                   const Table* table) {
  return deparse_stored(context, stored, table, [&](const ColumnExpression& column) {
    return column.column < 0
               ? std::string("tableoid")
               : quote_identifier(table->columns[static_cast<std::size_t>(column.column)].name);
  });
}

std::vector<std::int16_t> check_columns(const EvalContext& context, const std::string& stored,
                                        const Table& table) {
  std::set<std::int16_t> numbers;
  static_cast<void>(deparse_stored(context, stored, &table, [&](const ColumnExpression& column) {
    if (column.column >= 0) {
      numbers.insert(static_cast<std::int16_t>(column.column + 1));
    }
    return std::string();
  }));
  return {numbers.begin(), numbers.end()};
}

std::optional<std::string> constraint_definition(const EvalContext& context, Oid constraint_oid,
                                                 bool pretty) {
  if (context.catalog == nullptr) {
    return std::nullopt;
  }
  if (auto key = key_constraint(context, constraint_oid)) {
    return key;
  }
  for (const engine::CatalogEntry* entry : context.catalog->entries()) {
    const Table* table = std::get_if<Table>(entry);
    if (table == nullptr) {
      continue;
    }
    const auto check =
        std::ranges::find(table->checks, constraint_oid, &engine::CheckConstraint::oid);
    if (check != table->checks.end()) {
      return fmt::format("CHECK ({})",
                         pretty ? pretty_expression_text(context, check->expression_sql, table)
                                : expression_text(context, check->expression_sql));
    }
  }
  return std::nullopt;
}

}  // namespace omen::sql
