#include "sql/error/sql_error.h"
#include "sql/parser/convert/converter.h"

namespace omen::sql {
namespace {

struct StatementName {
  PgQuery__Node__NodeCase node;
  const char* name;
};

/// Statements of the grammar that have no place in the AST.
constexpr StatementName kRefusedStatements[] = {
    {PG_QUERY__NODE__NODE_MERGE_STMT, "MERGE"},
    {PG_QUERY__NODE__NODE_ALTER_DOMAIN_STMT, "ALTER DOMAIN"},
    {PG_QUERY__NODE__NODE_GRANT_STMT, "GRANT or REVOKE"},
    {PG_QUERY__NODE__NODE_GRANT_ROLE_STMT, "GRANT or REVOKE of a role"},
    {PG_QUERY__NODE__NODE_ALTER_DEFAULT_PRIVILEGES_STMT, "ALTER DEFAULT PRIVILEGES"},
    {PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT, "CLOSE"},
    {PG_QUERY__NODE__NODE_CLUSTER_STMT, "CLUSTER"},
    {PG_QUERY__NODE__NODE_DEFINE_STMT, "CREATE of this kind of object"},
    {PG_QUERY__NODE__NODE_FETCH_STMT, "FETCH or MOVE"},
    {PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT, "CREATE FUNCTION"},
    {PG_QUERY__NODE__NODE_ALTER_FUNCTION_STMT, "ALTER FUNCTION"},
    {PG_QUERY__NODE__NODE_DO_STMT, "DO"},
    {PG_QUERY__NODE__NODE_RULE_STMT, "CREATE RULE"},
    {PG_QUERY__NODE__NODE_NOTIFY_STMT, "NOTIFY"},
    {PG_QUERY__NODE__NODE_LISTEN_STMT, "LISTEN"},
    {PG_QUERY__NODE__NODE_UNLISTEN_STMT, "UNLISTEN"},
    {PG_QUERY__NODE__NODE_VIEW_STMT, "CREATE VIEW"},
    {PG_QUERY__NODE__NODE_LOAD_STMT, "LOAD"},
    {PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT, "CREATE DOMAIN"},
    {PG_QUERY__NODE__NODE_CREATEDB_STMT, "CREATE DATABASE"},
    {PG_QUERY__NODE__NODE_DROPDB_STMT, "DROP DATABASE"},
    {PG_QUERY__NODE__NODE_CREATE_TRIG_STMT, "CREATE TRIGGER"},
    {PG_QUERY__NODE__NODE_CREATE_PLANG_STMT, "CREATE LANGUAGE"},
    {PG_QUERY__NODE__NODE_ALTER_DATABASE_STMT, "ALTER DATABASE"},
    {PG_QUERY__NODE__NODE_ALTER_DATABASE_SET_STMT, "ALTER DATABASE ... SET"},
    {PG_QUERY__NODE__NODE_ALTER_ROLE_SET_STMT, "ALTER ROLE ... SET"},
    {PG_QUERY__NODE__NODE_CREATE_CONVERSION_STMT, "CREATE CONVERSION"},
    {PG_QUERY__NODE__NODE_CREATE_CAST_STMT, "CREATE CAST"},
    {PG_QUERY__NODE__NODE_CREATE_OP_CLASS_STMT, "CREATE OPERATOR CLASS"},
    {PG_QUERY__NODE__NODE_CREATE_OP_FAMILY_STMT, "CREATE OPERATOR FAMILY"},
    {PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT, "DECLARE CURSOR"},
    {PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT, "CREATE TABLESPACE"},
    {PG_QUERY__NODE__NODE_DROP_TABLE_SPACE_STMT, "DROP TABLESPACE"},
    {PG_QUERY__NODE__NODE_ALTER_TYPE_STMT, "ALTER TYPE"},
    {PG_QUERY__NODE__NODE_DROP_OWNED_STMT, "DROP OWNED"},
    {PG_QUERY__NODE__NODE_REASSIGN_OWNED_STMT, "REASSIGN OWNED"},
    {PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT, "CREATE TYPE"},
    {PG_QUERY__NODE__NODE_CREATE_ENUM_STMT, "CREATE TYPE"},
    {PG_QUERY__NODE__NODE_CREATE_RANGE_STMT, "CREATE TYPE"},
    {PG_QUERY__NODE__NODE_ALTER_ENUM_STMT, "ALTER TYPE"},
    {PG_QUERY__NODE__NODE_SEC_LABEL_STMT, "SECURITY LABEL"},
    {PG_QUERY__NODE__NODE_CREATE_FOREIGN_TABLE_STMT, "CREATE FOREIGN TABLE"},
    {PG_QUERY__NODE__NODE_CREATE_FDW_STMT, "CREATE FOREIGN DATA WRAPPER"},
    {PG_QUERY__NODE__NODE_CREATE_FOREIGN_SERVER_STMT, "CREATE SERVER"},
    {PG_QUERY__NODE__NODE_IMPORT_FOREIGN_SCHEMA_STMT, "IMPORT FOREIGN SCHEMA"},
    {PG_QUERY__NODE__NODE_ALTER_EXTENSION_CONTENTS_STMT, "ALTER EXTENSION ... ADD or DROP"},
    {PG_QUERY__NODE__NODE_CREATE_EVENT_TRIG_STMT, "CREATE EVENT TRIGGER"},
    {PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT, "REFRESH MATERIALIZED VIEW"},
    {PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT, "ALTER SYSTEM"},
    {PG_QUERY__NODE__NODE_CREATE_POLICY_STMT, "CREATE POLICY"},
    {PG_QUERY__NODE__NODE_CREATE_AM_STMT, "CREATE ACCESS METHOD"},
    {PG_QUERY__NODE__NODE_CREATE_PUBLICATION_STMT, "CREATE PUBLICATION"},
    {PG_QUERY__NODE__NODE_CREATE_SUBSCRIPTION_STMT, "CREATE SUBSCRIPTION"},
    {PG_QUERY__NODE__NODE_CREATE_STATS_STMT, "CREATE STATISTICS"},
    {PG_QUERY__NODE__NODE_CALL_STMT, "CALL"},
};

}  // namespace

ast::Statement* Converter::raw_statement(const PgQuery__RawStmt& raw) {
  ast::Statement* out = statement(*raw.stmt);
  out->location = raw.stmt_location;
  out->length = raw.stmt_len;
  return out;
}

ast::Statement* Converter::statement(const GrammarNode& node) {
  const DepthGuard guard(*this);
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
      return top_level_select(*node.select_stmt);
    case PG_QUERY__NODE__NODE_INSERT_STMT:
      return insert(*node.insert_stmt);
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
      return update(*node.update_stmt);
    case PG_QUERY__NODE__NODE_DELETE_STMT:
      return remove(*node.delete_stmt);
    case PG_QUERY__NODE__NODE_CREATE_STMT:
      return create_table(*node.create_stmt);
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
      return create_table_as(*node.create_table_as_stmt);
    case PG_QUERY__NODE__NODE_INDEX_STMT:
      return create_index(*node.index_stmt);
    case PG_QUERY__NODE__NODE_DROP_STMT:
      return drop(*node.drop_stmt);
    case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
      return truncate(*node.truncate_stmt);
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
      return alter_table(*node.alter_table_stmt);
    case PG_QUERY__NODE__NODE_RENAME_STMT:
      return rename(*node.rename_stmt);
    case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
      return set_schema(*node.alter_object_schema_stmt);
    case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT:
      return set_owner(*node.alter_owner_stmt);
    case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT:
      return create_schema(*node.create_schema_stmt);
    case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
      return create_sequence(*node.create_seq_stmt);
    case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT:
      return alter_sequence(*node.alter_seq_stmt);
    case PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT:
      return create_extension(*node.create_extension_stmt);
    case PG_QUERY__NODE__NODE_ALTER_EXTENSION_STMT:
      return alter_extension(*node.alter_extension_stmt);
    case PG_QUERY__NODE__NODE_CREATE_ROLE_STMT:
      return create_role(*node.create_role_stmt);
    case PG_QUERY__NODE__NODE_DROP_ROLE_STMT:
      return drop_role(*node.drop_role_stmt);
    case PG_QUERY__NODE__NODE_ALTER_ROLE_STMT:
      return alter_role(*node.alter_role_stmt);
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
      return transaction(*node.transaction_stmt);
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
      return set_variable(*node.variable_set_stmt);
    case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT: {
      auto* out = arena_.make<ast::ShowStatement>();
      out->name = text_of(node.variable_show_stmt->name);
      return out;
    }
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
      return explain(*node.explain_stmt);
    case PG_QUERY__NODE__NODE_VACUUM_STMT:
      return vacuum(*node.vacuum_stmt);
    case PG_QUERY__NODE__NODE_COPY_STMT:
      return copy(*node.copy_stmt);
    case PG_QUERY__NODE__NODE_PREPARE_STMT:
      return prepare(*node.prepare_stmt);
    case PG_QUERY__NODE__NODE_EXECUTE_STMT:
      return execute(*node.execute_stmt);
    case PG_QUERY__NODE__NODE_DEALLOCATE_STMT: {
      auto* out = arena_.make<ast::DeallocateStatement>();
      out->name = text_of(node.deallocate_stmt->name);
      return out;
    }
    case PG_QUERY__NODE__NODE_DISCARD_STMT:
      return discard(*node.discard_stmt);
    case PG_QUERY__NODE__NODE_LOCK_STMT:
      return lock_table(*node.lock_stmt);
    case PG_QUERY__NODE__NODE_COMMENT_STMT:
      return comment(*node.comment_stmt);
    case PG_QUERY__NODE__NODE_CHECK_POINT_STMT:
      return arena_.make<ast::CheckpointStatement>();
    case PG_QUERY__NODE__NODE_REINDEX_STMT:
      return reindex(*node.reindex_stmt);
    case PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT: {
      if (node.constraints_set_stmt->n_constraints > 0) {
        unsupported("SET CONSTRAINTS of named constraints");
      }
      auto* out = arena_.make<ast::ConstraintsStatement>();
      out->deferred = node.constraints_set_stmt->deferred != 0;
      return out;
    }
    default:
      break;
  }
  for (const StatementName& refused : kRefusedStatements) {
    if (refused.node == node.node_case) {
      unsupported(refused.name);
    }
  }
  unsupported("this kind of statement");
}

}  // namespace omen::sql
