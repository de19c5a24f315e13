#include "sql/error/sql_error.h"
#include "sql/parser/convert/converter.h"

namespace omen::sql {

ast::Statement* Converter::insert(const PgQuery__InsertStmt& node) {
  using Overriding = ast::InsertStatement::Overriding;
  auto* out = arena_.make<ast::InsertStatement>();
  out->with = with(node.with_clause);
  out->table = table(node.relation);
  for (const GrammarNode* item : GrammarList{node.cols, node.n_cols}) {
    const PgQuery__ResTarget& source = *item->res_target;
    if (source.n_indirection > 0) {
      unsupported("a subscript or field in INSERT's column list", source.location);
    }
    auto* column = arena_.make<ast::Assignment>();
    column->column = text_of(source.name);
    column->location = source.location;
    out->columns.push_back(column);
  }
  if (is_set(node.select_stmt)) {
    out->source = select(*node.select_stmt->select_stmt);
  }
  out->on_conflict = on_conflict(node.on_conflict_clause);
  out->returning = targets({node.returning_list, node.n_returning_list});
  if (node.override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE) {
    out->overriding = Overriding::User;
  } else if (node.override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE) {
    out->overriding = Overriding::System;
  }
  return out;
}

ast::OnConflict* Converter::on_conflict(const PgQuery__OnConflictClause* node) {
  if (node == nullptr) {
    return nullptr;
  }
  auto* out = arena_.make<ast::OnConflict>();
  out->do_update = node->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
  out->location = node->location;
  if (const PgQuery__InferClause* infer = node->infer; infer != nullptr) {
    out->constraint = text_of(infer->conname);
    out->target_where = expression(infer->where_clause);
    for (const GrammarNode* item : GrammarList{infer->index_elems, infer->n_index_elems}) {
      const PgQuery__IndexElem& element = *item->index_elem;
      if (element.n_collation > 0 || element.n_opclass > 0) {
        unsupported("a collation or operator class in ON CONFLICT", infer->location);
      }
      if (is_set(element.expr)) {
        out->target_columns.push_back(expression(element.expr));
      } else {
        auto* column = arena_.make<ast::ColumnRef>();
        column->names.push_back(text_of(element.name));
        column->location = infer->location;
        out->target_columns.push_back(column);
      }
    }
  }
  out->assignments = assignments({node->target_list, node->n_target_list});
  out->where = expression(node->where_clause);
  return out;
}

std::vector<ast::Assignment*> Converter::assignments(GrammarList list) {
  std::vector<ast::Assignment*> out;
  out.reserve(list.size());
  for (const GrammarNode* item : list) {
    const PgQuery__ResTarget& source = *item->res_target;
    if (source.n_indirection > 0) {
      unsupported("assignment to a subscript or field", source.location);
    }
    auto* assignment = arena_.make<ast::Assignment>();
    assignment->column = text_of(source.name);
    assignment->location = source.location;
    if (source.val->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF) {
      // (a, b) = (1, 2): every column refers to the same row and takes its field
      const PgQuery__MultiAssignRef& reference = *source.val->multi_assign_ref;
      if (reference.source->node_case != PG_QUERY__NODE__NODE_ROW_EXPR) {
        unsupported("assignment of several columns from a sub-select", source.location);
      }
      const PgQuery__RowExpr& row = *reference.source->row_expr;
      if (static_cast<int>(row.n_args) != reference.ncolumns) {
        throw SqlError(sqlstate::kSyntaxError, "number of columns does not match number of values")
            .at(row.location);
      }
      assignment->expression = expression(row.args[reference.colno - 1]);
    } else {
      assignment->expression = expression(source.val);
    }
    out.push_back(assignment);
  }
  return out;
}

ast::Statement* Converter::update(const PgQuery__UpdateStmt& node) {
  auto* out = arena_.make<ast::UpdateStatement>();
  out->with = with(node.with_clause);
  out->table = table(node.relation);
  out->assignments = assignments({node.target_list, node.n_target_list});
  out->from = from_list({node.from_clause, node.n_from_clause});
  out->where = expression(node.where_clause);
  out->returning = targets({node.returning_list, node.n_returning_list});
  return out;
}

ast::Statement* Converter::remove(const PgQuery__DeleteStmt& node) {
  auto* out = arena_.make<ast::DeleteStatement>();
  out->with = with(node.with_clause);
  out->table = table(node.relation);
  out->using_items = from_list({node.using_clause, node.n_using_clause});
  out->where = expression(node.where_clause);
  out->returning = targets({node.returning_list, node.n_returning_list});
  return out;
}

}  // namespace omen::sql
