#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sql/binder/binder.h"
#include "sql/binder/deparse.h"
#include "sql/error/sql_error.h"
#include "sql/parser/parser.h"
#include "tests/support/memory_catalog.h"

namespace omen::sql {

/// Binds texts against two tables: items (id int8 key, name varchar(10), v vector(3)) and
/// tags (id int8, item_id int4, label text).
class BindFixture {
 public:
  BindFixture() {
    using engine::PhysicalType;
    catalog.add_vector_extension();
    engine::Table& items =
        catalog.add_table("items", {column("id", type_oid::kInt8, PhysicalType::Int64),
                                    column("name", type_oid::kVarchar, PhysicalType::Bytes, 14),
                                    column("v", type_oid::kVector, PhysicalType::Bytes, 3)});
    catalog.add_unique_index(items, 0, true);
    catalog.add_table("tags", {column("id", type_oid::kInt8, PhysicalType::Int64),
                               column("item_id", type_oid::kInt4, PhysicalType::Int32),
                               column("label", type_oid::kText, PhysicalType::Bytes)});
  }

  static engine::Column column(std::string name, Oid type, engine::PhysicalType physical,
                               std::int32_t modifier = -1) {
    engine::Column out;
    out.name = std::move(name);
    out.type_oid = type;
    out.type_modifier = modifier;
    out.physical = physical;
    return out;
  }

  const BoundQuery& bind(std::string_view text) {
    parsed_ = parse(text);
    parameters.clear();
    BindContext context{arena_, catalog, search_path, eval_, parameters};
    return *bind_query(context, *parsed_.statements.at(0));
  }
  /// SQL of output column `i`, columns as relation.column positions.
  std::string target(const BoundQuery& query, std::size_t i) {
    return text(*query.targets.at(i).expression);
  }
  std::string text(const Expression& expression) {
    return deparse(expression, eval_, [](const ColumnExpression& column) {
      return std::to_string(column.levels_up) + "." + std::to_string(column.relation) + "." +
             std::to_string(column.column);
    });
  }
  SqlError error_of(std::string_view text) {
    try {
      bind(text);
    } catch (const SqlError& error) {
      return error;
    }
    FAIL("bound: " << text);
    throw;
  }
  std::string message_of(std::string_view text) {
    const SqlError error = error_of(text);
    return std::string(error.diagnostic().sqlstate) + " " + error.diagnostic().message;
  }

  void without_extension() { catalog.remove_vector_extension(); }

  MemoryCatalog catalog;
  std::vector<Oid> parameters;
  std::vector<std::string> search_path{"public"};

 private:
  engine::Arena arena_;
  EvalContext eval_;
  ParsedText parsed_;
};

}  // namespace omen::sql
