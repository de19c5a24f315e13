#include "sql/error/sql_error.h"
#include "sql/parser/convert/converter.h"

namespace omen::sql {
namespace {

char on_commit_of(PgQuery__OnCommitAction action) {
  switch (action) {
    case PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_PRESERVE_ROWS:
      return 'p';
    case PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DELETE_ROWS:
      return 'd';
    case PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DROP:
      return 'D';
    default:
      return '\0';
  }
}

char persistence_of(const PgQuery__RangeVar& table) {
  return has_text(table.relpersistence) ? table.relpersistence[0] : 'p';
}

}  // namespace

ast::Statement* Converter::create_table(const PgQuery__CreateStmt& node) {
  const int location = node.relation->location;
  if (node.n_inh_relations > 0) {
    unsupported(node.partbound != nullptr ? "PARTITION OF" : "INHERITS", location);
  }
  if (node.partspec != nullptr) {
    unsupported("PARTITION BY", node.partspec->location);
  }
  if (node.of_typename != nullptr) {
    unsupported("CREATE TABLE OF a type", location);
  }
  if (has_text(node.tablespacename)) {
    unsupported("TABLESPACE", location);
  }
  auto* out = arena_.make<ast::CreateTableStatement>();
  out->table = table(node.relation);
  out->if_not_exists = node.if_not_exists != 0;
  out->persistence = persistence_of(*node.relation);
  for (const GrammarNode* element : GrammarList{node.table_elts, node.n_table_elts}) {
    if (element->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF) {
      out->columns.push_back(column_definition(*element->column_def));
    } else if (element->node_case == PG_QUERY__NODE__NODE_CONSTRAINT) {
      out->constraints.push_back(constraint(*element->constraint));
    } else {
      unsupported("LIKE in CREATE TABLE", location);
    }
  }
  constraints({node.constraints, node.n_constraints}, out->constraints);
  out->options = options({node.options, node.n_options});
  out->access_method = text_of(node.access_method);
  out->on_commit = on_commit_of(node.oncommit);
  return out;
}

ast::CreateTableAsStatement* Converter::into(const PgQuery__IntoClause& node) {
  const int location = node.rel->location;
  if (has_text(node.table_space_name)) {
    unsupported("TABLESPACE", location);
  }
  if (has_text(node.access_method)) {
    unsupported("USING in CREATE TABLE AS", location);
  }
  const char on_commit = on_commit_of(node.on_commit);
  if (on_commit != '\0' && on_commit != 'p') {
    unsupported("ON COMMIT in CREATE TABLE AS", location);
  }
  auto* out = arena_.make<ast::CreateTableAsStatement>();
  out->table = table(node.rel);
  out->column_names = strings_of({node.col_names, node.n_col_names});
  out->with_no_data = node.skip_data != 0;
  out->persistence = persistence_of(*node.rel);
  out->options = options({node.options, node.n_options});
  return out;
}

ast::Statement* Converter::create_table_as(const PgQuery__CreateTableAsStmt& node) {
  if (node.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW) {
    unsupported("CREATE MATERIALIZED VIEW");
  }
  if (node.query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
    unsupported("CREATE TABLE AS EXECUTE");
  }
  ast::CreateTableAsStatement* out = into(*node.into);
  out->query = select(*node.query->select_stmt);
  out->if_not_exists = node.if_not_exists != 0;
  return out;
}

ast::ColumnDefinition* Converter::column_definition(const PgQuery__ColumnDef& node) {
  if (has_text(node.compression)) {
    unsupported("COMPRESSION", node.location);
  }
  if (node.n_fdwoptions > 0) {
    unsupported("OPTIONS of a column", node.location);
  }
  auto* out = arena_.make<ast::ColumnDefinition>();
  out->name = text_of(node.colname);
  out->type = type_name(node.type_name);
  if (node.coll_clause != nullptr) {
    out->collation = strings_of({node.coll_clause->collname, node.coll_clause->n_collname});
  }
  constraints({node.constraints, node.n_constraints}, out->constraints);
  out->location = node.location;
  return out;
}

void Converter::constraints(GrammarList list, std::vector<ast::Constraint*>& out) {
  for (const GrammarNode* item : list) {
    const PgQuery__Constraint& source = *item->constraint;
    switch (source.contype) {
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE:
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_NOT_DEFERRABLE:
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED:
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_IMMEDIATE:
        if (out.empty()) {
          throw SqlError(sqlstate::kSyntaxError, "misplaced DEFERRABLE clause").at(source.location);
        }
        if (source.contype == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE) {
          out.back()->deferrable = true;
        } else if (source.contype == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED) {
          out.back()->deferrable = true;
          out.back()->initially_deferred = true;
        }
        break;
      default:
        out.push_back(constraint(source));
        break;
    }
  }
}

namespace {

ast::ConstraintKind constraint_kind(const PgQuery__Constraint& node) {
  switch (node.contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
      return ast::ConstraintKind::Null;
    case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
      return ast::ConstraintKind::NotNull;
    case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
      return ast::ConstraintKind::Default;
    case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY:
      return ast::ConstraintKind::Identity;
    case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
      return ast::ConstraintKind::Generated;
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
      return ast::ConstraintKind::Check;
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
      return ast::ConstraintKind::PrimaryKey;
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
      return ast::ConstraintKind::Unique;
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
      return ast::ConstraintKind::ForeignKey;
    case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
      unsupported("EXCLUDE", node.location);
    default:
      unsupported("this kind of constraint", node.location);
  }
}

/// Refuses the parts of a constraint that ast::Constraint cannot hold.
void refuse_rest(const PgQuery__Constraint& node) {
  if (node.is_no_inherit != 0) {
    unsupported("NO INHERIT", node.location);
  }
  if (node.nulls_not_distinct != 0) {
    unsupported("NULLS NOT DISTINCT", node.location);
  }
  if (has_text(node.indexspace)) {
    unsupported("USING INDEX TABLESPACE", node.location);
  }
  if (node.skip_validation != 0) {
    unsupported("NOT VALID", node.location);
  }
  if (has_text(node.fk_matchtype) && node.fk_matchtype[0] == 'f') {
    unsupported("MATCH FULL", node.location);
  }
  if (node.n_fk_del_set_cols > 0) {
    unsupported("ON DELETE SET with a column list", node.location);
  }
}

}  // namespace

ast::Constraint* Converter::constraint(const PgQuery__Constraint& node) {
  auto* out = arena_.make<ast::Constraint>();
  out->kind = constraint_kind(node);
  refuse_rest(node);
  out->name = text_of(node.conname);
  out->expression = expression(node.raw_expr);
  out->columns = strings_of({node.keys, node.n_keys});
  out->including = strings_of({node.including, node.n_including});
  out->options = options({node.options, node.n_options});
  out->identity_always = has_text(node.generated_when) && node.generated_when[0] == 'a';
  out->deferrable = node.deferrable != 0;
  out->initially_deferred = node.initdeferred != 0;
  out->using_index = text_of(node.indexname);
  if (node.pktable != nullptr) {
    out->referenced_table = table(node.pktable)->name;
    out->columns = strings_of({node.fk_attrs, node.n_fk_attrs});
    out->referenced_columns = strings_of({node.pk_attrs, node.n_pk_attrs});
    out->on_delete = has_text(node.fk_del_action) ? node.fk_del_action[0] : 'a';
    out->on_update = has_text(node.fk_upd_action) ? node.fk_upd_action[0] : 'a';
  }
  out->location = node.location;
  return out;
}

ast::Statement* Converter::create_index(const PgQuery__IndexStmt& node) {
  if (has_text(node.table_space)) {
    unsupported("TABLESPACE", node.relation->location);
  }
  auto* out = arena_.make<ast::CreateIndexStatement>();
  out->name = text_of(node.idxname);
  out->table = table(node.relation);
  out->method = has_text(node.access_method) ? text_of(node.access_method) : "btree";
  for (const GrammarNode* item : GrammarList{node.index_params, node.n_index_params}) {
    out->elements.push_back(index_element(*item->index_elem));
  }
  for (const GrammarNode* item :
       GrammarList{node.index_including_params, node.n_index_including_params}) {
    out->including.push_back(index_element(*item->index_elem));
  }
  out->options = options({node.options, node.n_options});
  out->where = expression(node.where_clause);
  out->unique = node.unique != 0;
  out->nulls_not_distinct = node.nulls_not_distinct != 0;
  out->concurrently = node.concurrent != 0;
  out->if_not_exists = node.if_not_exists != 0;
  return out;
}

ast::IndexElement* Converter::index_element(const PgQuery__IndexElem& node) {
  if (node.n_opclassopts > 0) {
    unsupported("parameters of an operator class");
  }
  auto* out = arena_.make<ast::IndexElement>();
  out->column = text_of(node.name);
  out->expression = expression(node.expr);
  out->opclass = strings_of({node.opclass, node.n_opclass});
  out->collation = strings_of({node.collation, node.n_collation});
  out->descending = node.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
  out->explicit_order = out->descending || node.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_ASC;
  if (node.nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST) {
    out->nulls_first = true;
  } else if (node.nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST) {
    out->nulls_first = false;
  }
  return out;
}

}  // namespace omen::sql
