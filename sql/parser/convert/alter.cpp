#include <fmt/format.h>

#include <utility>

#include "sql/error/sql_error.h"
#include "sql/parser/convert/converter.h"

namespace omen::sql {
namespace {

struct CommandName {
  PgQuery__AlterTableType type;
  const char* text;
};

/// Commands without a kind of their own: AlterKind::Other, refused by name when executed.
constexpr CommandName kOtherCommands[] = {
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropExpression, "ALTER COLUMN ... DROP EXPRESSION"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions, "ALTER COLUMN ... SET"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions, "ALTER COLUMN ... RESET"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression, "ALTER COLUMN ... SET COMPRESSION"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AlterConstraint, "ALTER CONSTRAINT"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint, "VALIDATE CONSTRAINT"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn, "CLUSTER ON"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster, "SET WITHOUT CLUSTER"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged, "SET LOGGED"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged, "SET UNLOGGED"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropOids, "SET WITHOUT OIDS"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetAccessMethod, "SET ACCESS METHOD"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace, "SET TABLESPACE"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_EnableRule, "ENABLE RULE"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysRule, "ENABLE ALWAYS RULE"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaRule, "ENABLE REPLICA RULE"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DisableRule, "DISABLE RULE"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AddInherit, "INHERIT"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropInherit, "NO INHERIT"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AddOf, "OF"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropOf, "NOT OF"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity, "REPLICA IDENTITY"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_EnableRowSecurity, "ENABLE ROW LEVEL SECURITY"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DisableRowSecurity, "DISABLE ROW LEVEL SECURITY"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_ForceRowSecurity, "FORCE ROW LEVEL SECURITY"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_NoForceRowSecurity, "NO FORCE ROW LEVEL SECURITY"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_GenericOptions, "OPTIONS"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnGenericOptions, "ALTER COLUMN ... OPTIONS"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition, "ATTACH PARTITION"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition, "DETACH PARTITION"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartitionFinalize, "DETACH PARTITION FINALIZE"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetIdentity, "ALTER COLUMN ... SET GENERATED"},
};

const char* trigger_command(PgQuery__AlterTableType type) {
  switch (type) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig:
      return "ENABLE TRIGGER";
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysTrig:
      return "ENABLE ALWAYS TRIGGER";
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaTrig:
      return "ENABLE REPLICA TRIGGER";
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig:
      return "DISABLE TRIGGER";
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll:
      return "ENABLE TRIGGER ALL";
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll:
      return "DISABLE TRIGGER ALL";
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser:
      return "ENABLE TRIGGER USER";
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser:
      return "DISABLE TRIGGER USER";
    default:
      return nullptr;
  }
}

}  // namespace

ast::Statement* Converter::alter_table(const PgQuery__AlterTableStmt& node) {
  auto* out = arena_.make<ast::AlterTableStatement>();
  out->object = object_kind(node.objtype);
  out->table = table(node.relation);
  out->if_exists = node.missing_ok != 0;
  for (const GrammarNode* item : GrammarList{node.cmds, node.n_cmds}) {
    out->commands.push_back(alter_command(*item->alter_table_cmd));
  }
  return out;
}

ast::AlterCommand* Converter::alter_command(const PgQuery__AlterTableCmd& node) {
  using Kind = ast::AlterKind;
  auto* out = arena_.make<ast::AlterCommand>();
  out->name = text_of(node.name);
  out->cascade = node.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
  switch (node.subtype) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
      out->kind = Kind::AddColumn;
      out->column = column_definition(*node.def->column_def);
      out->if_not_exists = node.missing_ok != 0;
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
      out->kind = Kind::DropColumn;
      out->if_exists = node.missing_ok != 0;
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
      out->kind = is_set(node.def) ? Kind::SetDefault : Kind::DropDefault;
      out->expression = expression(node.def);
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
      out->kind = Kind::SetNotNull;
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
      out->kind = Kind::DropNotNull;
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
      out->kind = Kind::AlterType;
      out->column = column_definition(*node.def->column_def);
      out->expression = expression(node.def->column_def->raw_default);
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
      out->kind = Kind::AddConstraint;
      out->constraint = constraint(*node.def->constraint);
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
      out->kind = Kind::DropConstraint;
      out->if_exists = node.missing_ok != 0;
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions:
      out->kind = node.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions ? Kind::SetOptions
                                                                               : Kind::ResetOptions;
      out->options = options({node.def->list->items, node.def->list->n_items});
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner:
      out->kind = Kind::OwnerTo;
      out->new_name = role_name(node.newowner);
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage:
      out->kind = Kind::SetStorage;
      out->text = string_of(*node.def);
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics:
      out->kind = Kind::SetStatistics;
      out->text = fmt::to_string(node.def->integer->ival);
      if (out->name.empty()) {
        out->name = fmt::to_string(node.num);
      }
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity:
      out->kind = Kind::AddIdentity;
      out->constraint = constraint(*node.def->constraint);
      return out;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity:
      out->kind = Kind::DropIdentity;
      out->if_exists = node.missing_ok != 0;
      return out;
    default:
      break;
  }
  if (const char* trigger = trigger_command(node.subtype); trigger != nullptr) {
    out->kind = Kind::EnableTriggers;
    out->text = trigger;
    return out;
  }
  for (const CommandName& other : kOtherCommands) {
    if (other.type == node.subtype) {
      out->kind = Kind::Other;
      out->text = other.text;
      return out;
    }
  }
  unsupported("this ALTER TABLE command");
}

ast::Statement* Converter::rename(const PgQuery__RenameStmt& node) {
  auto* out = arena_.make<ast::AlterTableStatement>();
  auto* command = arena_.make<ast::AlterCommand>();
  command->new_name = text_of(node.newname);
  out->if_exists = node.missing_ok != 0;
  out->table = table(node.relation);
  switch (node.rename_type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN:
      command->kind = ast::AlterKind::RenameColumn;
      command->name = text_of(node.subname);
      out->object = object_kind(node.relation_type);
      break;
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
      command->kind = ast::AlterKind::RenameConstraint;
      command->name = text_of(node.subname);
      break;
    case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA:
      command->kind = ast::AlterKind::RenameTable;
      out->object = ast::DropKind::Schema;
      out->table = arena_.make<ast::FromTable>();
      out->table->name.push_back(text_of(node.subname));
      break;
    default:
      if (node.relation == nullptr) {
        unsupported("renaming this kind of object");
      }
      command->kind = ast::AlterKind::RenameTable;
      out->object = object_kind(node.rename_type);
      break;
  }
  out->commands.push_back(command);
  return out;
}

ast::Statement* Converter::set_schema(const PgQuery__AlterObjectSchemaStmt& node) {
  auto* out = arena_.make<ast::AlterTableStatement>();
  out->object = object_kind(node.object_type);
  out->if_exists = node.missing_ok != 0;
  out->table = table(node.relation);
  if (out->table == nullptr) {
    if (node.object_type != PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION) {
      unsupported("SET SCHEMA for this kind of object");
    }
    out->table = arena_.make<ast::FromTable>();
    out->table->name.push_back(string_of(*node.object));
  }
  auto* command = arena_.make<ast::AlterCommand>();
  command->kind = ast::AlterKind::SetSchema;
  command->new_name = text_of(node.newschema);
  out->commands.push_back(command);
  return out;
}

ast::Statement* Converter::set_owner(const PgQuery__AlterOwnerStmt& node) {
  if (node.object_type != PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA) {
    unsupported("OWNER TO for this kind of object");
  }
  auto* out = arena_.make<ast::AlterTableStatement>();
  out->object = ast::DropKind::Schema;
  out->table = arena_.make<ast::FromTable>();
  out->table->name.push_back(string_of(*node.object));
  auto* command = arena_.make<ast::AlterCommand>();
  command->kind = ast::AlterKind::OwnerTo;
  command->new_name = role_name(node.newowner);
  out->commands.push_back(command);
  return out;
}

}  // namespace omen::sql
