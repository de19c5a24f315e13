#include "sql/error/sql_error.h"
#include "sql/parser/convert/converter.h"

namespace omen::sql {

ast::TransactionModes Converter::transaction_modes(GrammarList list) {
  ast::TransactionModes modes;
  for (const ast::Option& given : options(list)) {
    if (given.name == "transaction_isolation") {
      modes.isolation = given.value.value_or("");
    } else if (given.name == "transaction_read_only") {
      modes.read_only = given.value == "1";
    } else if (given.name == "transaction_deferrable") {
      modes.deferrable = given.value == "1";
    } else {
      unsupported("transaction mode \"" + given.name + "\"", given.location);
    }
  }
  return modes;
}

ast::Statement* Converter::transaction(const PgQuery__TransactionStmt& node) {
  using Command = ast::TransactionCommand;
  auto* out = arena_.make<ast::TransactionStatement>();
  switch (node.kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
      out->command = Command::Begin;
      out->started = node.kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START;
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
      out->command = Command::Commit;
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
      out->command = Command::Rollback;
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
      out->command = Command::Savepoint;
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE:
      out->command = Command::Release;
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
      out->command = Command::RollbackTo;
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_PREPARE:
      out->command = Command::PrepareTransaction;
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED:
      out->command = Command::CommitPrepared;
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_PREPARED:
      out->command = Command::RollbackPrepared;
      break;
    default:
      internal_error("unknown transaction command");
  }
  out->modes = transaction_modes({node.options, node.n_options});
  out->savepoint = has_text(node.gid) ? text_of(node.gid) : text_of(node.savepoint_name);
  out->chain = node.chain != 0;
  return out;
}

ast::Statement* Converter::set_variable(const PgQuery__VariableSetStmt& node) {
  using Kind = ast::SetStatement::Kind;
  auto* out = arena_.make<ast::SetStatement>();
  out->name = text_of(node.name);
  out->local = node.is_local != 0;
  const GrammarList arguments{node.args, node.n_args};
  switch (node.kind) {
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE:
      out->type = Kind::Set;
      for (const GrammarNode* argument : arguments) {
        if (argument->node_case != PG_QUERY__NODE__NODE_A_CONST) {
          unsupported("SET TIME ZONE INTERVAL");
        }
        const ast::Constant& value = ast::as<ast::Constant>(*constant(*argument->a_const));
        out->values.push_back(value.type == ast::Constant::Kind::Integer
                                  ? std::to_string(value.integer)
                                  : value.text);
      }
      return out;
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT:
      out->type = Kind::Default;
      return out;
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET:
      out->type = Kind::Reset;
      return out;
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL:
      out->type = Kind::ResetAll;
      return out;
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_CURRENT:
      unsupported("SET ... FROM CURRENT");
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI:
      break;
    default:
      internal_error("unknown kind of SET");
  }
  if (out->name == "TRANSACTION SNAPSHOT") {
    out->type = Kind::Snapshot;
    out->values.push_back(text_of(arguments[0]->a_const->sval->sval));
    return out;
  }
  out->type = out->name == "TRANSACTION" ? Kind::TransactionModes : Kind::SessionModes;
  out->modes = transaction_modes(arguments);
  return out;
}

ast::Statement* Converter::explain(const PgQuery__ExplainStmt& node) {
  auto* out = arena_.make<ast::ExplainStatement>();
  out->query = statement(*node.query);
  out->options = options({node.options, node.n_options});
  return out;
}

ast::Statement* Converter::vacuum(const PgQuery__VacuumStmt& node) {
  auto* out = arena_.make<ast::VacuumStatement>();
  out->analyze_only = node.is_vacuumcmd == 0;
  out->options = options({node.options, node.n_options});
  for (const GrammarNode* item : GrammarList{node.rels, node.n_rels}) {
    if (item->vacuum_relation->n_va_cols > 0) {
      unsupported("a column list in VACUUM or ANALYZE", item->vacuum_relation->relation->location);
    }
    out->tables.push_back(table(item->vacuum_relation->relation));
  }
  return out;
}

ast::Statement* Converter::copy(const PgQuery__CopyStmt& node) {
  auto* out = arena_.make<ast::CopyStatement>();
  out->table = table(node.relation);
  out->columns = strings_of({node.attlist, node.n_attlist});
  if (is_set(node.query)) {
    out->query = statement(*node.query);
  }
  out->from = node.is_from != 0;
  if (has_text(node.filename)) {
    out->file = text_of(node.filename);
  }
  out->program = node.is_program != 0;
  out->options = options({node.options, node.n_options});
  out->where = expression(node.where_clause);
  return out;
}

ast::Statement* Converter::prepare(const PgQuery__PrepareStmt& node) {
  auto* out = arena_.make<ast::PrepareStatement>();
  out->name = text_of(node.name);
  for (const GrammarNode* item : GrammarList{node.argtypes, node.n_argtypes}) {
    out->parameter_types.push_back(type_name(item->type_name));
  }
  out->query = statement(*node.query);
  return out;
}

ast::Statement* Converter::execute(const PgQuery__ExecuteStmt& node) {
  auto* out = arena_.make<ast::ExecuteStatement>();
  out->name = text_of(node.name);
  out->arguments = expressions({node.params, node.n_params});
  return out;
}

ast::Statement* Converter::discard(const PgQuery__DiscardStmt& node) {
  auto* out = arena_.make<ast::DiscardStatement>();
  switch (node.target) {
    case PG_QUERY__DISCARD_MODE__DISCARD_ALL:
      out->target = "ALL";
      break;
    case PG_QUERY__DISCARD_MODE__DISCARD_PLANS:
      out->target = "PLANS";
      break;
    case PG_QUERY__DISCARD_MODE__DISCARD_SEQUENCES:
      out->target = "SEQUENCES";
      break;
    case PG_QUERY__DISCARD_MODE__DISCARD_TEMP:
      out->target = "TEMP";
      break;
    default:
      internal_error("unknown target of DISCARD");
  }
  return out;
}

ast::Statement* Converter::lock_table(const PgQuery__LockStmt& node) {
  auto* out = arena_.make<ast::LockTableStatement>();
  out->tables = tables({node.relations, node.n_relations});
  out->mode = node.mode;
  out->no_wait = node.nowait != 0;
  return out;
}

ast::Statement* Converter::reindex(const PgQuery__ReindexStmt& node) {
  auto* out = arena_.make<ast::ReindexStatement>();
  switch (node.kind) {
    case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX:
      out->object_type = "index";
      break;
    case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE:
      out->object_type = "table";
      break;
    case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA:
      out->object_type = "schema";
      break;
    case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SYSTEM:
      out->object_type = "system";
      break;
    default:
      out->object_type = "database";
      break;
  }
  out->name = node.relation != nullptr ? table(node.relation)->name
                                       : ast::QualifiedName{text_of(node.name)};
  for (const ast::Option& given : options({node.params, node.n_params})) {
    const bool on = !given.value.has_value() || given.value == "true" || given.value == "on" ||
                    given.value == "1";
    if (given.name == "concurrently") {
      out->concurrently = on;
    } else if (given.name != "verbose" || on) {
      unsupported("option \"" + given.name + "\" of REINDEX", given.location);
    }
  }
  return out;
}

}  // namespace omen::sql
