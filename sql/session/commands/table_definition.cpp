#include "sql/session/commands/table_definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sql/binder/deparse.h"
#include "sql/error/sql_error.h"
#include "sql/session/commands/expressions.h"
#include "sql/session/commands/index_definition.h"
#include "sql/session/commands/sequence_options.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr std::size_t kColumnsMax = 1600;
constexpr std::array<std::string_view, 6> kSystemColumns = {"tableoid", "ctid", "xmin",
                                                            "cmin",     "xmax", "cmax"};

/// The integer type behind serial, bigserial, smallserial; 0 for other types.
Oid serial_type(const ast::TypeName& name) {
  if (name.names.size() != 1 || name.array_dimensions > 0) {
    return 0;
  }
  const std::string& word = name.names[0];
  if (word == "serial" || word == "serial4") {
    return type_oid::kInt4;
  }
  if (word == "bigserial" || word == "serial8") {
    return type_oid::kInt8;
  }
  return word == "smallserial" || word == "serial2" ? type_oid::kInt2 : 0;
}

std::string nextval_sql(engine::Oid sequence_oid) {
  return fmt::format("nextval('{}'::regclass)", sequence_oid);
}

}  // namespace

void check_collation(const ast::QualifiedName& collation, int location) {
  if (collation.empty()) {
    return;
  }
  const std::string& name = collation.back();
  if (name != "default" && name != "C" && name != "POSIX" && name != "ucs_basic") {
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("collation \"{}\" for encoding \"UTF8\" does not exist",
                               fmt::join(collation, ".")))
        .at(location);
  }
}

TableDefinition::TableDefinition(CatalogAccess& access, engine::Table table)
    : access_(access), table_(std::move(table)), first_new_column_(table_.columns.size()) {}

void TableDefinition::add_column(const ast::ColumnDefinition& definition) {
  for (const engine::Column& other : table_.columns) {
    if (!other.dropped && other.name == definition.name) {
      throw first_new_column_ > 0
          ? SqlError(sqlstate::kDuplicateColumn,
                     fmt::format("column \"{}\" of relation \"{}\" already exists", definition.name,
                                 table_.name))
          : SqlError(sqlstate::kDuplicateColumn,
                     fmt::format("column \"{}\" specified more than once", definition.name));
    }
  }
  if (std::find(kSystemColumns.begin(), kSystemColumns.end(), definition.name) !=
      kSystemColumns.end()) {
    throw SqlError(
        sqlstate::kDuplicateColumn,
        fmt::format("column name \"{}\" conflicts with a system column name", definition.name));
  }
  if (table_.columns.size() >= kColumnsMax) {
    throw SqlError(sqlstate::kTooManyColumns,
                   fmt::format("tables can have at most {} columns", kColumnsMax));
  }
  engine::Column column;
  column.name = definition.name;
  const Oid serial = serial_type(*definition.type);
  const Type type =
      serial != 0 ? Type{serial, -1} : resolve_type(access_.bind_context(), *definition.type);
  const TypeInfo& info = type_info(type.oid);
  if (info.kind == 'p') {
    throw SqlError(sqlstate::kInvalidTableDefinition,
                   fmt::format("column \"{}\" has pseudo-type {}", column.name, info.sql_name));
  }
  check_collation(definition.collation, definition.location);
  column.type_oid = type.oid;
  column.type_modifier = type.modifier;
  column.physical = info.physical;
  ColumnFlags flags;
  if (serial != 0) {
    add_owned_sequence(column, table_.columns.size(), serial, {});
    column.default_oid = access_.new_oid();
    column.not_null = true;
    flags.has_default = true;
    flags.has_not_null = true;
  }
  for (const ast::Constraint* constraint : definition.constraints) {
    add_column_constraint(*constraint, column, flags);
  }
  table_.columns.push_back(std::move(column));
}

void TableDefinition::add_owned_sequence(engine::Column& column, std::size_t position, Oid type,
                                         const std::vector<ast::Option>& options) {
  engine::Sequence sequence;
  sequence.oid = access_.new_oid();
  sequence.schema_oid = table_.schema_oid;
  sequence.type_oid = type;
  const SequenceRequest request =
      apply_sequence_options(sequence, options, {.is_new = true, .type = type});
  sequence.owner_table_oid = table_.oid;
  sequence.owner_column = static_cast<std::uint16_t>(position);
  sequence.name = request.name ? request.name->back()
                               : access_.unused_relation_name(table_.schema_oid, table_.name,
                                                              column.name, "seq");
  // Names chosen for this table's other sequences are not in the catalog yet.
  for (int n = 1; std::any_of(sequences_.begin(), sequences_.end(),
                              [&](const engine::Sequence& s) { return s.name == sequence.name; });
       ++n) {
    sequence.name = make_object_name(table_.name, column.name, fmt::format("seq{}", n));
  }
  column.default_sql = nextval_sql(sequence.oid);
  sequences_.push_back(std::move(sequence));
}

void TableDefinition::set_default(engine::Column& column, const ast::Expr& expression) {
  if (expression.kind == ast::ExprKind::ColumnRef) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "cannot use column reference in DEFAULT expression")
        .at(expression.location);
  }
  column.default_sql = stored_expression(access_, expression, nullptr,
                                         {column.type_oid, column.type_modifier}, column.name);
  column.default_oid = access_.new_oid();
}

void TableDefinition::set_identity(engine::Column& column, std::size_t position,
                                   const ast::Constraint& constraint) {
  if (column.type_oid != type_oid::kInt2 && column.type_oid != type_oid::kInt4 &&
      column.type_oid != type_oid::kInt8) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "identity column type must be smallint, integer, or bigint");
  }
  add_owned_sequence(column, position, column.type_oid, constraint.options);
  column.identity =
      constraint.identity_always ? engine::Identity::Always : engine::Identity::ByDefault;
  column.not_null = true;
}

void TableDefinition::make_identity(std::uint16_t position, const ast::Constraint& constraint) {
  set_identity(table_.columns[position], position, constraint);
}

void TableDefinition::add_column_constraint(const ast::Constraint& constraint,
                                            engine::Column& column, ColumnFlags& flags) {
  const auto conflicting_null = [&] {
    return SqlError(sqlstate::kSyntaxError,
                    fmt::format("conflicting NULL/NOT NULL declarations for column \"{}\" of "
                                "table \"{}\"",
                                column.name, table_.name))
        .at(constraint.location);
  };
  switch (constraint.kind) {
    case ast::ConstraintKind::Null:
      if (flags.has_not_null) {
        throw conflicting_null();
      }
      flags.has_null = true;
      return;
    case ast::ConstraintKind::NotNull:
      if (flags.has_null) {
        throw conflicting_null();
      }
      flags.has_not_null = true;
      column.not_null = true;
      return;
    case ast::ConstraintKind::Default:
      if (flags.has_default) {
        throw SqlError(sqlstate::kSyntaxError,
                       fmt::format("multiple default values specified for column \"{}\" of table "
                                   "\"{}\"",
                                   column.name, table_.name))
            .at(constraint.location);
      }
      flags.has_default = true;
      set_default(column, *constraint.expression);
      return;
    case ast::ConstraintKind::Identity:
      if (column.identity != engine::Identity::None) {
        throw SqlError(sqlstate::kSyntaxError,
                       fmt::format("multiple identity specifications for column \"{}\" of table "
                                   "\"{}\"",
                                   column.name, table_.name))
            .at(constraint.location);
      }
      if (flags.has_default) {
        throw SqlError(sqlstate::kSyntaxError,
                       fmt::format("both default and identity specified for column \"{}\" of "
                                   "table \"{}\"",
                                   column.name, table_.name))
            .at(constraint.location);
      }
      if (flags.has_null) {
        throw conflicting_null();
      }
      set_identity(column, table_.columns.size(), constraint);
      flags.has_not_null = true;
      return;
    case ast::ConstraintKind::Check:
      checks_.push_back({constraint.name, constraint.expression, column.name});
      return;
    case ast::ConstraintKind::PrimaryKey:
    case ast::ConstraintKind::Unique:
      add_key(constraint, column.name);
      return;
    case ast::ConstraintKind::ForeignKey:
      unsupported("FOREIGN KEY", constraint.location);
    case ast::ConstraintKind::Generated:
      unsupported("GENERATED ALWAYS AS (expression)", constraint.location);
  }
}

void TableDefinition::add_constraint(const ast::Constraint& constraint) {
  switch (constraint.kind) {
    case ast::ConstraintKind::Check:
      checks_.push_back({constraint.name, constraint.expression, ""});
      return;
    case ast::ConstraintKind::PrimaryKey:
    case ast::ConstraintKind::Unique:
      add_key(constraint, "");
      return;
    case ast::ConstraintKind::ForeignKey:
      unsupported("FOREIGN KEY", constraint.location);
    default:
      unsupported("this kind of table constraint", constraint.location);
  }
}

void TableDefinition::add_key(const ast::Constraint& constraint, std::string column) {
  if (constraint.deferrable) {
    unsupported("DEFERRABLE", constraint.location);
  }
  if (!constraint.using_index.empty()) {
    unsupported("USING INDEX of a constraint", constraint.location);
  }
  KeyRequest request{.name = constraint.name,
                     .primary = constraint.kind == ast::ConstraintKind::PrimaryKey,
                     .columns = constraint.columns,
                     .including = constraint.including,
                     .options = constraint.options,
                     .location = constraint.location};
  if (!column.empty()) {
    request.columns = {std::move(column)};
  }
  const bool has_primary =
      std::any_of(keys_.begin(), keys_.end(), [](const KeyRequest& key) { return key.primary; });
  if (request.primary && has_primary) {
    throw SqlError(
        sqlstate::kInvalidTableDefinition,
        fmt::format("multiple primary keys for table \"{}\" are not allowed", table_.name))
        .at(constraint.location);
  }
  // The primary key comes first, whatever the order of writing.
  keys_.insert(request.primary ? keys_.begin() : keys_.end(), std::move(request));
}

std::uint16_t TableDefinition::key_column(const std::string& name, int location) const {
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    if (!table_.columns[i].dropped && table_.columns[i].name == name) {
      return static_cast<std::uint16_t>(i);
    }
  }
  throw SqlError(sqlstate::kUndefinedColumn,
                 fmt::format("column \"{}\" named in key does not exist", name))
      .at(location);
}

void TableDefinition::check_constraint_name_is_free(const std::string& name) {
  for (const engine::CheckConstraint& check : table_.checks) {
    if (check.name == name) {
      throw SqlError(
          sqlstate::kDuplicateObject,
          fmt::format("constraint \"{}\" for relation \"{}\" already exists", name, table_.name));
    }
  }
}

std::string TableDefinition::choose_check_name(const CheckRequest& request,
                                               const std::string& expression_sql) {
  if (!request.name.empty()) {
    check_constraint_name_is_free(request.name);
    return request.name;
  }
  std::string column = request.column;
  if (column.empty()) {
    const std::vector<std::uint16_t> used = columns_used(access_, expression_sql, table_);
    column = used.size() == 1 ? table_.columns[used[0]].name : "";
  }
  for (int n = 0;; ++n) {
    std::string name =
        make_object_name(table_.name, column, n == 0 ? "check" : fmt::format("check{}", n));
    const bool is_taken =
        std::any_of(table_.checks.begin(), table_.checks.end(),
                    [&](const engine::CheckConstraint& check) { return check.name == name; });
    if (!is_taken) {
      return name;
    }
  }
}

void TableDefinition::resolve_checks() {
  for (const CheckRequest& request : checks_) {
    std::string sql =
        stored_expression(access_, *request.expression, &table_, {type_oid::kBool, -1}, "CHECK");
    engine::CheckConstraint check;
    check.oid = access_.new_oid();
    check.name = choose_check_name(request, sql);
    check.expression_sql = std::move(sql);
    table_.checks.push_back(check);
    new_checks_.push_back(std::move(check));
  }
}

void TableDefinition::make_key(const KeyRequest& request) {
  engine::Index index;
  index.oid = access_.new_oid();
  index.schema_oid = table_.schema_oid;
  index.table_oid = table_.oid;
  index.unique = true;
  index.primary = request.primary;
  index.constraint_oid = access_.new_oid();
  index.options = storage_options(request.options, true);
  std::string name2;
  for (const std::string& name : request.columns) {
    const std::uint16_t position = key_column(name, request.location);
    for (const engine::IndexColumn& other : index.columns) {
      if (other.column == position) {
        throw SqlError(sqlstate::kDuplicateColumn,
                       fmt::format("column \"{}\" appears twice in {} constraint", name,
                                   request.primary ? "primary key" : "unique"))
            .at(request.location);
      }
    }
    index.columns.push_back(btree_column(table_, position));
    name2 += name2.empty() ? "" : "_";
    name2 += name;
  }
  index.key_column_count = static_cast<std::uint16_t>(index.columns.size());
  for (const std::string& name : request.including) {
    index.columns.push_back({.column = key_column(name, request.location)});
  }
  if (!request.name.empty()) {
    index.name = request.name;
    if (access_.catalog().find_relation(table_.schema_oid, index.name) != nullptr) {
      throw SqlError(sqlstate::kDuplicateTable,
                     fmt::format("relation \"{}\" already exists", index.name));
    }
  } else if (request.primary) {
    index.name = access_.unused_relation_name(table_.schema_oid, table_.name, "", "pkey");
  } else {
    index.name = access_.unused_relation_name(table_.schema_oid, table_.name, name2, "key");
  }
  build_index(access_, table_, std::move(index));
}

void TableDefinition::put_columns() {
  access_.put(table_);
  table_ = *access_.catalog().get<engine::Table>(table_.oid);  // with its storage
  for (const engine::Sequence& sequence : std::exchange(sequences_, {})) {
    access_.put(sequence);
  }
}

void TableDefinition::finish() {
  for (const KeyRequest& request : keys_) {
    for (const std::string& name : request.columns) {
      engine::Column& column = table_.columns[key_column(name, request.location)];
      column.not_null = column.not_null || request.primary;
    }
  }
  resolve_checks();
  put_columns();
  for (const KeyRequest& request : keys_) {
    make_key(request);
  }
}

}  // namespace omen::sql
