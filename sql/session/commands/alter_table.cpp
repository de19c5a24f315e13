#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "sql/binder/deparse.h"
#include "sql/error/sql_error.h"
#include "sql/planner/planned_expression.h"
#include "sql/session/commands/alter_column_type.h"
#include "sql/session/commands/commands.h"
#include "sql/session/commands/dependencies.h"
#include "sql/session/commands/expressions.h"
#include "sql/session/commands/internal_query.h"
#include "sql/session/commands/rename.h"
#include "sql/session/commands/roles.h"
#include "sql/session/commands/table_definition.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

/// As engine::Column::missing has it.
std::string stored_bytes(const engine::Value& value) {
  return std::visit(
      []<typename T>(const T& v) {
        if constexpr (std::is_same_v<T, std::string>) {
          return v;
        } else {
          std::string bits(8, '\0');
          if constexpr (!std::is_same_v<T, std::monostate>) {
            std::memcpy(bits.data(), &v, sizeof v);
          }
          return bits;
        }
      },
      value);
}

/// ALTER TABLE's commands, one after the other; each sees the catalog as its predecessors left it.
class TableAlteration {
 public:
  TableAlteration(CatalogAccess& access, engine::Oid table_oid)
      : access_(access), session_(access.session()), table_oid_(table_oid) {}

  void run(const ast::AlterCommand& command) {
    switch (command.kind) {
      case ast::AlterKind::AddColumn:
        add_column(command);
        return;
      case ast::AlterKind::DropColumn:
        drop_column(command);
        return;
      case ast::AlterKind::AddConstraint:
        add_constraint(*command.constraint);
        return;
      case ast::AlterKind::DropConstraint:
        drop_constraint(command);
        return;
      case ast::AlterKind::SetDefault:
      case ast::AlterKind::DropDefault:
        set_default(command);
        return;
      case ast::AlterKind::SetNotNull:
        set_not_null(command.name);
        return;
      case ast::AlterKind::DropNotNull:
        drop_not_null(command.name);
        return;
      case ast::AlterKind::AlterType:
        alter_column_type(access_, table_oid_,
                          column(command.name.empty() ? command.column->name : command.name),
                          command);
        return;
      case ast::AlterKind::SetOptions:
      case ast::AlterKind::ResetOptions:
        set_options(command);
        return;
      case ast::AlterKind::OwnerTo:
        check_owner(access_, command.new_name);
        return;
      case ast::AlterKind::SetStorage:
      case ast::AlterKind::SetStatistics:
        static_cast<void>(column(command.name));
        return;
      case ast::AlterKind::EnableTriggers:
        return;  // there are no triggers
      case ast::AlterKind::AddIdentity:
        add_identity(command);
        return;
      case ast::AlterKind::DropIdentity:
        drop_identity(command);
        return;
      default:
        unsupported("ALTER TABLE ... " + command.text);
    }
  }

 private:
  engine::Table table() { return *access_.catalog().get<engine::Table>(table_oid_); }

  std::uint16_t column(const std::string& name) {
    const engine::Table current = table();
    for (std::size_t i = 0; i < current.columns.size(); ++i) {
      if (!current.columns[i].dropped && current.columns[i].name == name) {
        return static_cast<std::uint16_t>(i);
      }
    }
    throw SqlError(
        sqlstate::kUndefinedColumn,
        fmt::format("column \"{}\" of relation \"{}\" does not exist", name, current.name));
  }

  [[nodiscard]] static bool has_column(const engine::Table& table, const std::string& name) {
    return std::any_of(table.columns.begin(), table.columns.end(),
                       [&](const auto& column) { return !column.dropped && column.name == name; });
  }

  void add_column(const ast::AlterCommand& command) {
    engine::Table current = table();
    if (command.if_not_exists && has_column(current, command.column->name)) {
      session_.notice(sqlstate::kDuplicateColumn,
                      fmt::format("column \"{}\" of relation \"{}\" already exists, skipping",
                                  command.column->name, current.name));
      return;
    }
    TableDefinition definition(access_, std::move(current));
    definition.add_column(*command.column);
    engine::Column& added = definition.table().columns.back();
    const std::string name = added.name;
    const bool not_null = std::exchange(added.not_null, false);
    const bool has_default = !added.default_sql.empty();
    const bool has_key = definition.has_keys();
    const bool must_fill = has_default && !set_missing(added);
    if (has_key) {
      // The key's index is built from the filled column.
      definition.put_columns();
      fill_column(name, must_fill);
      if (not_null) {
        set_not_null(name);
      }
      definition.refresh(table());
      definition.finish();
    } else {
      definition.finish();
      fill_column(name, must_fill);
      if (not_null) {
        set_not_null(name);
      }
    }
    validate(definition.new_checks());
  }

  /// The default of present rows, computed once and kept in the catalog. False if it is another one
  /// for each row, or too long.
  bool set_missing(engine::Column& added) {
    ParsedText parsed;
    const ast::Expr& expression = parse_expression(added.default_sql, parsed);
    const Type type{added.type_oid, added.type_modifier};
    if (is_volatile(
            *bind_expression(access_.bind_context(), expression, nullptr, type, added.name))) {
      return false;
    }
    const engine::Value value = evaluate_constant(session_, expression, type, added.name);
    if (engine::is_null(value)) {
      return true;
    }
    std::string bytes = stored_bytes(value);
    if (bytes.size() > engine::kMissingBytesMax) {
      return false;
    }
    added.missing = std::move(bytes);
    return true;
  }

  void fill_column(const std::string& name, bool must_fill) {
    if (must_fill) {
      run_internal(session_, fmt::format("UPDATE {} SET {} = DEFAULT",
                                         qualified_name(access_, table()), quote_identifier(name)));
    }
  }

  void validate(const std::vector<engine::CheckConstraint>& checks) {
    for (const engine::CheckConstraint& check : checks) {
      const engine::Table current = table();
      if (has_row(session_, fmt::format("SELECT 1 FROM {} WHERE NOT ({}) LIMIT 1",
                                        qualified_name(access_, current), check.expression_sql))) {
        throw SqlError(sqlstate::kCheckViolation,
                       fmt::format("check constraint \"{}\" of relation \"{}\" is violated by "
                                   "some row",
                                   check.name, current.name))
            .constraint(schema_name(current), current.name, check.name);
      }
    }
  }

  std::string schema_name(const engine::Table& current) {
    return access_.catalog().get<engine::Schema>(current.schema_oid)->name;
  }

  void drop_column(const ast::AlterCommand& command) {
    const engine::Table current = table();
    if (command.if_exists && !has_column(current, command.name)) {
      session_.notice(sqlstate::kSuccessfulCompletion,
                      fmt::format("column \"{}\" of relation \"{}\" does not exist, skipping",
                                  command.name, current.name));
      return;
    }
    const std::uint16_t position = column(command.name);
    DropPlan plan(access_);
    plan.add_column(current, position);
    plan.run(fmt::format("column {} of table {}", command.name, current.name), command.cascade);
  }

  void add_constraint(const ast::Constraint& constraint) {
    TableDefinition definition(access_, table());
    if (constraint.kind == ast::ConstraintKind::PrimaryKey) {
      for (const engine::Index* index : access_.catalog().indexes_of(table_oid_)) {
        if (index->primary) {
          throw SqlError(
              sqlstate::kInvalidTableDefinition,
              fmt::format("multiple primary keys for table \"{}\" are not allowed", table().name));
        }
      }
    }
    definition.add_constraint(constraint);
    // As in PostgreSQL, the index is made before the rows are looked at for NULLs.
    definition.finish();
    if (constraint.kind == ast::ConstraintKind::PrimaryKey) {
      for (const std::string& name : constraint.columns) {
        if (has_column(definition.table(), name)) {
          set_not_null(name);
        }
      }
    }
    validate(definition.new_checks());
  }

  void drop_constraint(const ast::AlterCommand& command) {
    engine::Table current = table();
    for (const engine::Index* index : access_.catalog().indexes_of(table_oid_)) {
      if (index->constraint_oid != 0 && index->name == command.name) {
        access_.drop(index->oid);
        return;
      }
    }
    const auto found = std::find_if(
        current.checks.begin(), current.checks.end(),
        [&](const engine::CheckConstraint& check) { return check.name == command.name; });
    if (found != current.checks.end()) {
      current.checks.erase(found);
      access_.put(std::move(current));
      return;
    }
    const std::string message = fmt::format("constraint \"{}\" of relation \"{}\" does not exist",
                                            command.name, current.name);
    if (!command.if_exists) {
      throw SqlError(sqlstate::kUndefinedObject, message);
    }
    session_.notice(sqlstate::kSuccessfulCompletion, message + ", skipping");
  }

  void set_default(const ast::AlterCommand& command) {
    const std::uint16_t position = column(command.name);
    engine::Table changed = table();
    engine::Column& target = changed.columns[position];
    if (target.identity != engine::Identity::None) {
      throw SqlError(sqlstate::kSyntaxError,
                     fmt::format("column \"{}\" of relation \"{}\" is an identity column",
                                 command.name, changed.name))
          .hint(command.expression == nullptr
                    ? "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead."
                    : "");
    }
    target.default_sql.clear();
    target.default_oid = 0;
    if (command.expression != nullptr) {
      target.default_sql = stored_expression(access_, *command.expression, nullptr,
                                             {target.type_oid, target.type_modifier}, target.name);
      target.default_oid = access_.new_oid();
    }
    access_.put(std::move(changed));
  }

  void set_not_null(const std::string& name) {
    const std::uint16_t position = column(name);
    engine::Table changed = table();
    if (changed.columns[position].not_null) {
      return;
    }
    if (has_row(session_, fmt::format("SELECT 1 FROM {} WHERE {} IS NULL LIMIT 1",
                                      qualified_name(access_, changed), quote_identifier(name)))) {
      throw SqlError(
          sqlstate::kNotNullViolation,
          fmt::format("column \"{}\" of relation \"{}\" contains null values", name, changed.name))
          .column(schema_name(changed), changed.name, name);
    }
    changed.columns[position].not_null = true;
    access_.put(std::move(changed));
  }

  void drop_not_null(const std::string& name) {
    const std::uint16_t position = column(name);
    engine::Table changed = table();
    for (const engine::Index* index : access_.catalog().indexes_of(table_oid_)) {
      for (std::size_t i = 0; index->primary && i < index->key_column_count; ++i) {
        if (index->columns[i].column == position) {
          throw SqlError(sqlstate::kInvalidTableDefinition,
                         fmt::format("column \"{}\" is in a primary key", name));
        }
      }
    }
    if (changed.columns[position].identity != engine::Identity::None) {
      throw SqlError(sqlstate::kSyntaxError,
                     fmt::format("column \"{}\" of relation \"{}\" is an identity column", name,
                                 changed.name));
    }
    changed.columns[position].not_null = false;
    access_.put(std::move(changed));
  }

  void set_options(const ast::AlterCommand& command) {
    engine::Table changed = table();
    for (const ast::Option& option : command.options) {
      std::erase_if(changed.options, [&](const auto& have) { return have.first == option.name; });
    }
    if (command.kind == ast::AlterKind::SetOptions) {
      for (auto& option : storage_options(command.options, false)) {
        changed.options.push_back(std::move(option));
      }
    }
    access_.put(std::move(changed));
  }

  void add_identity(const ast::AlterCommand& command) {
    const std::uint16_t position = column(command.name);
    engine::Table current = table();
    const engine::Column& target = current.columns[position];
    if (target.identity != engine::Identity::None) {
      throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                     fmt::format("column \"{}\" of relation \"{}\" is already an identity column",
                                 command.name, current.name));
    }
    if (!target.default_sql.empty()) {
      throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                     fmt::format("column \"{}\" of relation \"{}\" already has a default value",
                                 command.name, current.name));
    }
    if (!target.not_null) {
      throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                     fmt::format("column \"{}\" of relation \"{}\" must be declared NOT NULL "
                                 "before identity can be added",
                                 command.name, current.name));
    }
    TableDefinition definition(access_, std::move(current));
    definition.make_identity(position, *command.constraint);
    definition.finish();
  }

  void drop_identity(const ast::AlterCommand& command) {
    const std::uint16_t position = column(command.name);
    engine::Table changed = table();
    engine::Column& target = changed.columns[position];
    if (target.identity == engine::Identity::None) {
      const std::string message = fmt::format(
          "column \"{}\" of relation \"{}\" is not an "
          "identity column",
          command.name, changed.name);
      if (!command.if_exists) {
        throw SqlError(sqlstate::kObjectNotInPrerequisiteState, message);
      }
      session_.notice(sqlstate::kSuccessfulCompletion, message + ", skipping");
      return;
    }
    target.identity = engine::Identity::None;
    target.default_sql.clear();
    target.default_oid = 0;
    access_.put(std::move(changed));
    for (const engine::Sequence* sequence : access_.sequences_of(table_oid_)) {
      if (sequence->owner_column == position) {
        access_.drop(sequence->oid);
        return;
      }
    }
  }

  CatalogAccess& access_;
  ClientSession& session_;
  engine::Oid table_oid_;
};

bool is_rename(const ast::AlterCommand& command) {
  return command.kind == ast::AlterKind::RenameTable ||
         command.kind == ast::AlterKind::RenameColumn ||
         command.kind == ast::AlterKind::RenameConstraint ||
         command.kind == ast::AlterKind::SetSchema;
}

/// ALTER INDEX and ALTER SEQUENCE through the same statement.
void alter_other(CatalogAccess& access, const engine::CatalogEntry& entry,
                 const ast::AlterCommand& command) {
  if (command.kind == ast::AlterKind::OwnerTo) {
    check_owner(access, command.new_name);
    return;
  }
  const auto* index = std::get_if<engine::Index>(&entry);
  const bool sets = command.kind == ast::AlterKind::SetOptions;
  if (index == nullptr || index->method != engine::IndexMethod::Btree ||
      (!sets && command.kind != ast::AlterKind::ResetOptions)) {
    unsupported(fmt::format("this ALTER of {}", relation_kind(entry)));
  }
  engine::Index changed = *index;
  for (const ast::Option& option : command.options) {
    std::erase_if(changed.options, [&](const auto& have) { return have.first == option.name; });
  }
  if (sets) {
    for (auto& option : storage_options(command.options, true)) {
      changed.options.push_back(std::move(option));
    }
  }
  access.put(std::move(changed));
}

}  // namespace

std::string alter_table(ClientSession& session, const ast::AlterTableStatement& statement) {
  CatalogAccess access(session);
  std::string tag(command_name(statement));
  const bool has_own_namespace =
      statement.object == ast::DropKind::Schema || statement.object == ast::DropKind::Extension;
  if (has_own_namespace) {
    alter_schema_or_extension(access, statement);
    return tag;
  }
  const ast::QualifiedName& name = statement.table->name;
  const engine::CatalogEntry* entry = access.find_relation(name);
  if (entry == nullptr && statement.if_exists) {
    session.notice(sqlstate::kSuccessfulCompletion,
                   fmt::format("relation \"{}\" does not exist, skipping", joined(name)));
    return tag;
  }
  if (entry != nullptr && statement.commands.size() == 1 && is_rename(*statement.commands[0])) {
    rename(access, *entry, statement, *statement.commands[0]);
    return tag;
  }
  if (entry != nullptr && !std::holds_alternative<engine::Table>(*entry)) {
    for (const ast::AlterCommand* command : statement.commands) {
      alter_other(access, *entry, *command);
    }
    return tag;
  }
  const engine::Oid oid =
      access.lock_table(name, statement.table->location, engine::TableLock::AccessExclusive).oid;
  TableAlteration alteration(access, oid);
  for (const ast::AlterCommand* command : statement.commands) {
    alteration.run(*command);
  }
  return tag;
}

}  // namespace omen::sql
