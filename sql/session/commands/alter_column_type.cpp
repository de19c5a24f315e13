#include "sql/session/commands/alter_column_type.h"

#include <fmt/format.h>

#include <utility>

#include "sql/binder/deparse.h"
#include "sql/catalog/opclass.h"
#include "sql/error/sql_error.h"
#include "sql/session/commands/expressions.h"
#include "sql/session/commands/index_definition.h"
#include "sql/session/commands/internal_query.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

class ColumnTypeChange {
 public:
  ColumnTypeChange(CatalogAccess& access, engine::Oid table_oid, std::uint16_t position,
                   const ast::AlterCommand& command)
      : access_(access),
        session_(access.session()),
        before_(*access.catalog().get<engine::Table>(table_oid)),
        after_(before_),
        position_(position),
        command_(command),
        type_(resolve_type(access.bind_context(), *command.column->type)) {
    column().type_oid = type_.oid;
    column().type_modifier = type_.modifier;
    column().physical = type_info(type_.oid).physical;
  }

  void run() {
    if (type_info(type_.oid).kind == 'p') {
      throw SqlError(sqlstate::kInvalidTableDefinition,
                     fmt::format("column \"{}\" has pseudo-type {}", column().name,
                                 type_info(type_.oid).sql_name));
    }
    if (keeps_bytes()) {
      access_.put(after_);
      return;
    }
    rewrite();
  }

 private:
  engine::Column& column() { return after_.columns[position_]; }
  [[nodiscard]] const engine::Column& old_column() const { return before_.columns[position_]; }

  [[nodiscard]] bool keeps_bytes() const {
    const Type old{old_column().type_oid, old_column().type_modifier};
    const auto is_text = [](Oid oid) {
      return oid == type_oid::kText || oid == type_oid::kVarchar;
    };
    const bool widens = type_.modifier < 0 || (old.modifier >= 0 && type_.modifier >= old.modifier);
    return command_.expression == nullptr &&
           (type_ == old || (is_text(type_.oid) && is_text(old.oid) && widens) ||
            (type_.oid == old.oid && type_.modifier < 0));
  }

  [[noreturn]] void cannot_cast(std::string_view what, std::string hint) {
    SqlError error(sqlstate::kDatatypeMismatch,
                   fmt::format("{} \"{}\" cannot be cast automatically to type {}", what,
                               column().name, format_type(type_)));
    error.diagnostic().hint = std::move(hint);
    throw error;
  }

  /// A stored expression as it reads over the changed table. Its errors have no place.
  std::string rebind(const std::string& expression_sql, const engine::Table* table, Type target,
                     std::string_view name) {
    try {
      ParsedText parsed;
      return stored_expression(access_, parse_expression(expression_sql, parsed), table, target,
                               name);
    } catch (SqlError& error) {
      error.set_location(-1);
      throw;
    }
  }

  void convert_default() {
    if (column().identity != engine::Identity::None) {
      if (type_.oid != type_oid::kInt2 && type_.oid != type_oid::kInt4 &&
          type_.oid != type_oid::kInt8) {
        throw SqlError(sqlstate::kInvalidParameterValue,
                       "identity column type must be smallint, integer, or bigint");
      }
      return;
    }
    if (column().default_sql.empty()) {
      return;
    }
    try {
      column().default_sql = rebind(column().default_sql, nullptr, type_, column().name);
    } catch (const SqlError& error) {
      if (error.diagnostic().sqlstate == sqlstate::kDatatypeMismatch) {
        cannot_cast("default for column", "");
      }
      throw;
    }
  }

  void convert_checks() {
    for (engine::CheckConstraint& check : after_.checks) {
      check.expression_sql = rebind(check.expression_sql, &after_, {type_oid::kBool, -1}, "CHECK");
    }
  }

  /// The table's indexes, with operator classes for the new type.
  void check_indexes() {
    for (const engine::Index* index : access_.catalog().indexes_of(before_.oid)) {
      engine::Index changed = *index;
      for (engine::IndexColumn& key : changed.columns) {
        if (key.column == position_) {
          key.opclass_oid = opclass_for(changed, key);
        }
      }
      indexes_.push_back(std::move(changed));
    }
  }

  Oid opclass_for(const engine::Index& index, const engine::IndexColumn& key) {
    const OperatorClass* old = find_operator_class(key.opclass_oid);
    if (index.method == engine::IndexMethod::Hnsw) {
      if (old != nullptr && old->input_type != type_.oid) {
        throw SqlError(sqlstate::kDatatypeMismatch,
                       fmt::format("operator class \"{}\" does not accept data type {}", old->name,
                                   format_type({type_.oid, -1})));
      }
      if (type_.modifier < 0) {
        throw SqlError(sqlstate::kInvalidParameterValue, "column does not have dimensions");
      }
      return key.opclass_oid;
    }
    return btree_column(after_, key.column).opclass_oid;
  }

  void rewrite() {
    for (engine::Column& written : after_.columns) {
      written.missing.reset();  // every row is written anew
    }
    const std::string from = qualified_name(access_, before_);
    const engine::Table waiting = make_waiting_table();
    const std::string aside = qualified_name(access_, waiting);
    fill(aside, from);
    convert_default();
    convert_checks();
    check_indexes();
    validate(aside);
    for (const engine::Index& index : indexes_) {
      access_.drop(index.oid);
    }
    throw_if_error(access_.transaction().truncate(before_.oid, session_.cancel_token()));
    engine::Table changed = after_;
    const engine::CatalogPtr truncated = access_.transaction().catalog();
    changed.storage_id = truncated->get<engine::Table>(before_.oid)->storage_id;
    access_.put(changed);
    const std::string columns = column_list();
    run_internal(session_,
                 fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}", from,
                             columns, columns, aside));
    access_.drop(waiting.oid);
    for (engine::Index& index : indexes_) {
      index.oid = access_.new_oid();
      index.storage_id = 0;
      index.created_xid = 0;
      build_index(access_, changed, index);
    }
  }

  engine::Table make_waiting_table() {
    engine::Table waiting = after_;
    waiting.oid = access_.new_oid();
    waiting.name = fmt::format("pg_temp_{}", waiting.oid);
    waiting.row_type_oid = 0;
    waiting.storage_id = 0;
    waiting.checks.clear();
    for (engine::Column& copy : waiting.columns) {
      copy.default_sql.clear();
      copy.default_oid = 0;
      copy.identity = engine::Identity::None;
      copy.not_null = false;
    }
    access_.put(waiting);
    return waiting;
  }

  [[nodiscard]] std::string column_list() const {
    std::string list;
    for (const engine::Column& each : before_.columns) {
      if (!each.dropped) {
        list += (list.empty() ? "" : ", ") + quote_identifier(each.name);
      }
    }
    return list;
  }

  /// A literal takes the new type; what else is given keeps its own, to be assigned.
  std::string using_sql() {
    const bool is_literal = command_.expression->kind == ast::ExprKind::Constant;
    return stored_expression(access_, *command_.expression, &before_, is_literal ? type_ : Type{},
                             column().name);
  }

  /// Converts by assignment, as an INSERT of these values would.
  void fill(const std::string& aside, const std::string& from) {
    try {
      std::string values;
      for (std::size_t i = 0; i < before_.columns.size(); ++i) {
        const engine::Column& each = before_.columns[i];
        if (each.dropped) {
          continue;
        }
        const bool is_changed = i == position_ && command_.expression != nullptr;
        values += values.empty() ? "" : ", ";
        values += is_changed ? using_sql() : quote_identifier(each.name);
      }
      run_internal(session_, fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", aside,
                                         column_list(), values, from));
    } catch (SqlError& error) {
      if (error.diagnostic().sqlstate != sqlstate::kDatatypeMismatch) {
        error.set_location(-1);
        throw;
      }
      if (command_.expression != nullptr) {
        cannot_cast("result of USING clause for column", "You might need to add an explicit cast.");
      }
      cannot_cast("column", fmt::format("You might need to specify \"USING {}::{}\".",
                                        quote_identifier(column().name), format_type(type_)));
    }
  }

  void validate(const std::string& aside) {
    const auto* schema = access_.catalog().get<engine::Schema>(before_.schema_oid);
    if (column().not_null &&
        has_row(session_, fmt::format("SELECT 1 FROM {} WHERE {} IS NULL LIMIT 1", aside,
                                      quote_identifier(column().name)))) {
      throw SqlError(sqlstate::kNotNullViolation,
                     fmt::format("column \"{}\" of relation \"{}\" contains null values",
                                 column().name, before_.name))
          .column(schema->name, before_.name, column().name);
    }
    for (const engine::CheckConstraint& check : after_.checks) {
      if (has_row(session_, fmt::format("SELECT 1 FROM {} WHERE NOT ({}) LIMIT 1", aside,
                                        check.expression_sql))) {
        throw SqlError(sqlstate::kCheckViolation,
                       fmt::format("check constraint \"{}\" of relation \"{}\" is violated by "
                                   "some row",
                                   check.name, before_.name))
            .constraint(schema->name, before_.name, check.name);
      }
    }
  }

  CatalogAccess& access_;
  ClientSession& session_;
  const engine::Table before_;
  engine::Table after_;
  const std::uint16_t position_;
  const ast::AlterCommand& command_;
  const Type type_;
  std::vector<engine::Index> indexes_;
};

}  // namespace

void alter_column_type(CatalogAccess& access, engine::Oid table_oid, std::uint16_t position,
                       const ast::AlterCommand& command) {
  ColumnTypeChange(access, table_oid, position, command).run();
}

}  // namespace omen::sql
