#include "sql/error/sql_error.h"
#include "sql/parser/convert/converter.h"

namespace omen::sql {
namespace {

ast::SetOperation set_operation(PgQuery__SetOperation operation) {
  switch (operation) {
    case PG_QUERY__SET_OPERATION__SETOP_UNION:
      return ast::SetOperation::Union;
    case PG_QUERY__SET_OPERATION__SETOP_INTERSECT:
      return ast::SetOperation::Intersect;
    case PG_QUERY__SET_OPERATION__SETOP_EXCEPT:
      return ast::SetOperation::Except;
    default:
      return ast::SetOperation::None;
  }
}

/// SELECT ... INTO of a set operation is written in its leftmost arm.
const PgQuery__IntoClause* find_into(const PgQuery__SelectStmt& node) {
  const PgQuery__SelectStmt* leftmost = &node;
  while (leftmost->larg != nullptr) {
    leftmost = leftmost->larg;
  }
  return leftmost->into_clause;
}

}  // namespace

ast::Statement* Converter::top_level_select(const PgQuery__SelectStmt& node) {
  const PgQuery__IntoClause* clause = find_into(node);
  if (clause == nullptr) {
    return select(node);
  }
  PgQuery__SelectStmt* leftmost = const_cast<PgQuery__SelectStmt*>(&node);
  while (leftmost->larg != nullptr) {
    leftmost = leftmost->larg;
  }
  leftmost->into_clause = nullptr;  // so that select() does not meet it in the wrong place
  ast::CreateTableAsStatement* out = into(*clause);
  out->query = select(node);
  leftmost->into_clause = const_cast<PgQuery__IntoClause*>(clause);
  return out;
}

ast::SelectStatement* Converter::select(const PgQuery__SelectStmt& node) {
  const DepthGuard guard(*this);
  auto* out = arena_.make<ast::SelectStatement>();
  out->with = with(node.with_clause);
  out->set_operation = set_operation(node.op);
  if (out->set_operation != ast::SetOperation::None) {
    out->all = node.all != 0;
    out->left = select(*node.larg);
    out->right = select(*node.rarg);
  } else {
    plain_select(node, *out);
  }
  out->order_by = sort_list({node.sort_clause, node.n_sort_clause});
  if (node.limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES) {
    unsupported("FETCH FIRST ... WITH TIES");
  }
  out->limit = expression(node.limit_count);
  out->offset = expression(node.limit_offset);
  for (const GrammarNode* clause : GrammarList{node.locking_clause, node.n_locking_clause}) {
    out->locking.push_back(locking(*clause->locking_clause));
  }
  return out;
}

void Converter::plain_select(const PgQuery__SelectStmt& node, ast::SelectStatement& out) {
  if (node.into_clause != nullptr) {
    throw SqlError(sqlstate::kSyntaxError, "SELECT ... INTO is not allowed here")
        .at(node.into_clause->rel->location);
  }
  if (node.n_window_clause > 0) {
    unsupported("WINDOW", node.window_clause[0]->window_def->location);
  }
  out.values.reserve(node.n_values_lists);
  for (const GrammarNode* row : GrammarList{node.values_lists, node.n_values_lists}) {
    out.values.push_back(expressions({row->list->items, row->list->n_items}));
  }
  if (node.n_distinct_clause > 0) {
    out.distinct = true;
    if (is_set(node.distinct_clause[0])) {
      out.distinct_on = expressions({node.distinct_clause, node.n_distinct_clause});
    }
  }
  out.targets = targets({node.target_list, node.n_target_list});
  out.from = from_list({node.from_clause, node.n_from_clause});
  out.where = expression(node.where_clause);
  for (const GrammarNode* item : GrammarList{node.group_clause, node.n_group_clause}) {
    if (item->node_case == PG_QUERY__NODE__NODE_GROUPING_SET) {
      unsupported("GROUPING SETS, ROLLUP or CUBE", item->grouping_set->location);
    }
    out.group_by.push_back(expression(item));
  }
  out.group_distinct = node.group_distinct != 0;
  out.having = expression(node.having_clause);
}

std::vector<ast::Target*> Converter::targets(GrammarList list) {
  std::vector<ast::Target*> out;
  out.reserve(list.size());
  for (const GrammarNode* node : list) {
    const PgQuery__ResTarget& item = *node->res_target;
    auto* target = arena_.make<ast::Target>();
    target->expression = expression(item.val);
    target->alias = text_of(item.name);
    target->location = item.location;
    out.push_back(target);
  }
  return out;
}

std::vector<ast::SortBy*> Converter::sort_list(GrammarList list) {
  std::vector<ast::SortBy*> out;
  out.reserve(list.size());
  for (const GrammarNode* node : list) {
    const PgQuery__SortBy& item = *node->sort_by;
    auto* sort = arena_.make<ast::SortBy>();
    sort->expression = expression(item.node);
    sort->descending = item.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    if (item.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST) {
      sort->nulls_first = true;
    } else if (item.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST) {
      sort->nulls_first = false;
    }
    sort->using_operator = strings_of({item.use_op, item.n_use_op});
    sort->location = item.location >= 0 ? item.location : sort->expression->location;
    out.push_back(sort);
  }
  return out;
}

std::vector<ast::FromItem*> Converter::from_list(GrammarList list) {
  std::vector<ast::FromItem*> out;
  out.reserve(list.size());
  for (const GrammarNode* node : list) {
    out.push_back(from_item(*node));
  }
  return out;
}

namespace {

void set_alias(ast::FromItem& item, const PgQuery__Alias* alias) {
  if (alias != nullptr) {
    item.alias = text_of(alias->aliasname);
    item.column_aliases = strings_of({alias->colnames, alias->n_colnames});
  }
}

}  // namespace

ast::FromItem* Converter::from_item(const GrammarNode& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
      return table(node.range_var);
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
      return join(*node.join_expr);
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
      return from_function(*node.range_function);
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT: {
      auto* out = arena_.make<ast::FromSubquery>();
      out->lateral = node.range_subselect->lateral != 0;
      out->query = select(*node.range_subselect->subquery->select_stmt);
      set_alias(*out, node.range_subselect->alias);
      return out;
    }
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
      unsupported("TABLESAMPLE", node.range_table_sample->location);
    case PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC:
      unsupported("XMLTABLE", node.range_table_func->location);
    default:
      unsupported("this kind of FROM item");
  }
}

ast::FromItem* Converter::join(const PgQuery__JoinExpr& node) {
  const DepthGuard guard(*this);
  auto* out = arena_.make<ast::FromJoin>();
  switch (node.jointype) {
    case PG_QUERY__JOIN_TYPE__JOIN_LEFT:
      out->type = ast::JoinType::Left;
      break;
    case PG_QUERY__JOIN_TYPE__JOIN_RIGHT:
      out->type = ast::JoinType::Right;
      break;
    case PG_QUERY__JOIN_TYPE__JOIN_FULL:
      out->type = ast::JoinType::Full;
      break;
    default:
      out->type = ast::JoinType::Inner;
      break;
  }
  out->natural = node.is_natural != 0;
  out->left = from_item(*node.larg);
  out->right = from_item(*node.rarg);
  out->condition = expression(node.quals);
  out->using_columns = strings_of({node.using_clause, node.n_using_clause});
  if (node.join_using_alias != nullptr) {
    unsupported("an alias for JOIN USING");
  }
  set_alias(*out, node.alias);
  return out;
}

ast::FromItem* Converter::from_function(const PgQuery__RangeFunction& node) {
  if (node.n_coldeflist > 0) {
    unsupported("a column definition list", node.coldeflist[0]->column_def->location);
  }
  auto* out = arena_.make<ast::FromFunction>();
  out->lateral = node.lateral != 0;
  out->with_ordinality = node.ordinality != 0;
  for (const GrammarNode* item : GrammarList{node.functions, node.n_functions}) {
    const GrammarList pair{item->list->items, item->list->n_items};
    if (pair.size() > 1 && is_set(pair[1])) {
      unsupported("a column definition list");
    }
    out->functions.push_back(expression(pair[0]));
  }
  out->location = out->functions.front()->location;
  set_alias(*out, node.alias);
  return out;
}

ast::FromTable* Converter::table(const PgQuery__RangeVar* node) {
  if (node == nullptr) {
    return nullptr;
  }
  auto* out = arena_.make<ast::FromTable>();
  if (has_text(node->catalogname)) {
    out->name.push_back(text_of(node->catalogname));
  }
  if (has_text(node->schemaname)) {
    out->name.push_back(text_of(node->schemaname));
  }
  out->name.push_back(text_of(node->relname));
  out->only = node->inh == 0;
  out->location = node->location;
  set_alias(*out, node->alias);
  return out;
}

std::vector<ast::FromTable*> Converter::tables(GrammarList list) {
  std::vector<ast::FromTable*> out;
  out.reserve(list.size());
  for (const GrammarNode* node : list) {
    out.push_back(table(node->range_var));
  }
  return out;
}

ast::With* Converter::with(const PgQuery__WithClause* node) {
  if (node == nullptr) {
    return nullptr;
  }
  auto* out = arena_.make<ast::With>();
  out->recursive = node->recursive != 0;
  out->location = node->location;
  for (const GrammarNode* item : GrammarList{node->ctes, node->n_ctes}) {
    const PgQuery__CommonTableExpr& source = *item->common_table_expr;
    if (source.search_clause != nullptr) {
      unsupported("SEARCH", source.search_clause->location);
    }
    if (source.cycle_clause != nullptr) {
      unsupported("CYCLE", source.cycle_clause->location);
    }
    auto* cte = arena_.make<ast::CommonTableExpression>();
    cte->name = text_of(source.ctename);
    cte->column_aliases = strings_of({source.aliascolnames, source.n_aliascolnames});
    if (source.ctematerialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways) {
      cte->materialized = true;
    } else if (source.ctematerialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeNever) {
      cte->materialized = false;
    }
    cte->query = source.ctequery->node_case == PG_QUERY__NODE__NODE_SELECT_STMT
                     ? select(*source.ctequery->select_stmt)
                     : statement(*source.ctequery);
    cte->location = source.location;
    out->expressions.push_back(cte);
  }
  return out;
}

ast::LockingClause Converter::locking(const PgQuery__LockingClause& node) {
  ast::LockingClause out;
  switch (node.strength) {
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE:
      out.strength = ast::LockStrength::KeyShare;
      break;
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE:
      out.strength = ast::LockStrength::Share;
      break;
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE:
      out.strength = ast::LockStrength::NoKeyUpdate;
      break;
    default:
      out.strength = ast::LockStrength::Update;
      break;
  }
  for (const ast::FromTable* locked : tables({node.locked_rels, node.n_locked_rels})) {
    out.tables.push_back(locked->name);
  }
  out.no_wait = node.wait_policy == PG_QUERY__LOCK_WAIT_POLICY__LockWaitError;
  out.skip_locked = node.wait_policy == PG_QUERY__LOCK_WAIT_POLICY__LockWaitSkip;
  return out;
}

}  // namespace omen::sql
