#include "sql/error/sql_error.h"
#include "sql/parser/convert/converter.h"

namespace omen::sql {

std::vector<ast::Expr*> Converter::expressions(GrammarList list) {
  std::vector<ast::Expr*> out;
  out.reserve(list.size());
  for (const GrammarNode* node : list) {
    out.push_back(expression(node));
  }
  return out;
}

ast::Expr* Converter::expression(const GrammarNode* node) {
  if (!is_set(node)) {
    return nullptr;
  }
  const DepthGuard guard(*this);
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_A_CONST:
      return constant(*node->a_const);
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return column_reference(*node->column_ref);
    case PG_QUERY__NODE__NODE_A_EXPR:
      return operator_expression(*node->a_expr);
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
      return boolean(*node->bool_expr);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return function_call(*node->func_call);
    case PG_QUERY__NODE__NODE_TYPE_CAST:
      return cast(*node->type_cast);
    case PG_QUERY__NODE__NODE_CASE_EXPR:
      return case_expression(*node->case_expr);
    case PG_QUERY__NODE__NODE_A_INDIRECTION:
      return indirection(*node->a_indirection);
    case PG_QUERY__NODE__NODE_SUB_LINK:
      return sublink(*node->sub_link);
    case PG_QUERY__NODE__NODE_NULL_TEST:
      return null_test(*node->null_test);
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
      return boolean_test(*node->boolean_test);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
      return value_function(*node->sqlvalue_function);
    case PG_QUERY__NODE__NODE_PARAM_REF: {
      auto* out = arena_.make<ast::Parameter>();
      out->number = node->param_ref->number;
      out->location = node->param_ref->location;
      return out;
    }
    case PG_QUERY__NODE__NODE_COALESCE_EXPR: {
      auto* out = arena_.make<ast::Coalesce>();
      out->arguments = expressions({node->coalesce_expr->args, node->coalesce_expr->n_args});
      out->location = node->coalesce_expr->location;
      return out;
    }
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR: {
      auto* out = arena_.make<ast::MinMax>();
      out->greatest = node->min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST;
      out->arguments = expressions({node->min_max_expr->args, node->min_max_expr->n_args});
      out->location = node->min_max_expr->location;
      return out;
    }
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE: {
      const PgQuery__CollateClause& clause = *node->collate_clause;
      auto* out = arena_.make<ast::Collate>();
      out->operand = expression(clause.arg);
      out->collation = strings_of({clause.collname, clause.n_collname});
      out->location = clause.location;
      return out;
    }
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR: {
      auto* out = arena_.make<ast::Array>();
      out->elements = expressions({node->a_array_expr->elements, node->a_array_expr->n_elements});
      out->location = node->a_array_expr->location;
      return out;
    }
    case PG_QUERY__NODE__NODE_ROW_EXPR: {
      auto* out = arena_.make<ast::Row>();
      out->fields = expressions({node->row_expr->args, node->row_expr->n_args});
      out->location = node->row_expr->location;
      return out;
    }
    case PG_QUERY__NODE__NODE_SET_TO_DEFAULT: {
      auto* out = arena_.make<ast::Default>();
      out->location = node->set_to_default->location;
      return out;
    }
    case PG_QUERY__NODE__NODE_GROUPING_FUNC:
      unsupported("GROUPING", node->grouping_func->location);
    case PG_QUERY__NODE__NODE_CURRENT_OF_EXPR:
      unsupported("WHERE CURRENT OF");
    case PG_QUERY__NODE__NODE_XML_EXPR:
      unsupported("XML", node->xml_expr->location);
    case PG_QUERY__NODE__NODE_XML_SERIALIZE:
      unsupported("XML", node->xml_serialize->location);
    default:
      unsupported("this kind of expression");
  }
}

ast::Expr* Converter::constant(const PgQuery__AConst& node) {
  using Kind = ast::Constant::Kind;
  auto* out = arena_.make<ast::Constant>();
  out->location = node.location;
  if (node.isnull != 0) {
    return out;
  }
  switch (node.val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
      out->type = Kind::Integer;
      out->integer = node.ival->ival;
      break;
    case PG_QUERY__A__CONST__VAL_FVAL:
      out->type = Kind::Float;
      out->text = text_of(node.fval->fval);
      break;
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      out->type = Kind::Boolean;
      out->boolean = node.boolval->boolval != 0;
      break;
    case PG_QUERY__A__CONST__VAL_SVAL:
      out->type = Kind::String;
      out->text = text_of(node.sval->sval);
      break;
    case PG_QUERY__A__CONST__VAL_BSVAL:
      out->type = Kind::BitString;
      out->text = text_of(node.bsval->bsval);
      break;
    default:
      internal_error("constant without a value");
  }
  return out;
}

ast::Expr* Converter::column_reference(const PgQuery__ColumnRef& node) {
  auto* out = arena_.make<ast::ColumnRef>();
  out->location = node.location;
  for (const GrammarNode* field : GrammarList{node.fields, node.n_fields}) {
    if (field->node_case == PG_QUERY__NODE__NODE_A_STAR) {
      out->star = true;
    } else {
      out->names.push_back(string_of(*field));
    }
  }
  return out;
}

ast::Expr* Converter::boolean(const PgQuery__BoolExpr& node) {
  using Op = ast::Boolean::Op;
  auto* out = arena_.make<ast::Boolean>();
  out->op = node.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR  ? Op::And
            : node.boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR ? Op::Or
                                                               : Op::Not;
  out->arguments = expressions({node.args, node.n_args});
  out->location = node.location;
  return out;
}

ast::Expr* Converter::null_test(const PgQuery__NullTest& node) {
  auto* out = arena_.make<ast::NullTest>();
  out->operand = expression(node.arg);
  out->negated = node.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL;
  out->location = node.location;
  return out;
}

ast::Expr* Converter::boolean_test(const PgQuery__BooleanTest& node) {
  using Test = ast::BooleanTest::Test;
  auto* out = arena_.make<ast::BooleanTest>();
  out->operand = expression(node.arg);
  out->location = node.location;
  switch (node.booltesttype) {
    case PG_QUERY__BOOL_TEST_TYPE__IS_TRUE:
      out->test = Test::True;
      break;
    case PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE:
      out->test = Test::NotTrue;
      break;
    case PG_QUERY__BOOL_TEST_TYPE__IS_FALSE:
      out->test = Test::False;
      break;
    case PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE:
      out->test = Test::NotFalse;
      break;
    case PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN:
      out->test = Test::Unknown;
      break;
    default:
      out->test = Test::NotUnknown;
      break;
  }
  return out;
}

ast::Expr* Converter::function_call(const PgQuery__FuncCall& node) {
  if (node.agg_within_group != 0) {
    unsupported("WITHIN GROUP", node.location);
  }
  auto* out = arena_.make<ast::FunctionCall>();
  out->name = strings_of({node.funcname, node.n_funcname});
  out->location = node.location;
  out->star = node.agg_star != 0;
  out->distinct = node.agg_distinct != 0;
  out->variadic = node.func_variadic != 0;
  out->has_over = node.over != nullptr;
  out->arguments.reserve(node.n_args);
  out->argument_names.reserve(node.n_args);
  for (const GrammarNode* argument : GrammarList{node.args, node.n_args}) {
    if (argument->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR) {
      out->arguments.push_back(expression(argument->named_arg_expr->arg));
      out->argument_names.push_back(text_of(argument->named_arg_expr->name));
    } else {
      out->arguments.push_back(expression(argument));
      out->argument_names.emplace_back();
    }
  }
  out->order_by = sort_list({node.agg_order, node.n_agg_order});
  out->filter = expression(node.agg_filter);
  return out;
}

ast::Expr* Converter::case_expression(const PgQuery__CaseExpr& node) {
  auto* out = arena_.make<ast::Case>();
  out->location = node.location;
  out->operand = expression(node.arg);
  out->whens.reserve(node.n_args);
  for (const GrammarNode* item : GrammarList{node.args, node.n_args}) {
    out->whens.push_back({expression(item->case_when->expr), expression(item->case_when->result)});
  }
  out->otherwise = expression(node.defresult);
  return out;
}

ast::Expr* Converter::indirection(const PgQuery__AIndirection& node) {
  ast::Expr* operand = expression(node.arg);
  const int location = operand->location;
  ast::Subscript* open = nullptr;  // consecutive [..] make one multi-dimensional subscript
  std::size_t nested = 0;
  for (const GrammarNode* item : GrammarList{node.indirection, node.n_indirection}) {
    if (item->node_case == PG_QUERY__NODE__NODE_A_INDICES) {
      if (open == nullptr) {
        open = arena_.make<ast::Subscript>();
        open->operand = operand;
        open->location = location;
        operand = open;
        ++nested;
      }
      const PgQuery__AIndices& index = *item->a_indices;
      open->indexes.push_back(
          {index.is_slice != 0, expression(index.lidx), expression(index.uidx)});
      continue;
    }
    open = nullptr;
    auto* field = arena_.make<ast::FieldSelect>();
    field->operand = operand;
    field->location = location;
    if (item->node_case != PG_QUERY__NODE__NODE_A_STAR) {
      field->field = string_of(*item);
    }
    operand = field;
    if (depth_ + ++nested > 1000) {
      stack_depth_exceeded();
    }
  }
  return operand;
}

ast::Expr* Converter::sublink(const PgQuery__SubLink& node) {
  using Kind = ast::Subquery::Kind;
  auto* out = arena_.make<ast::Subquery>();
  out->location = node.location;
  switch (node.sub_link_type) {
    case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
      out->type = Kind::Exists;
      break;
    case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
      out->type = Kind::Scalar;
      break;
    case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
      out->type = Kind::Array;
      break;
    case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK:
      out->type = Kind::Any;
      break;
    case PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK:
      out->type = Kind::All;
      break;
    default:
      unsupported("this kind of sub-select", node.location);
  }
  out->operand = expression(node.testexpr);
  out->operator_name = strings_of({node.oper_name, node.n_oper_name});
  if (node.subselect->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
    internal_error("sub-select that is not a SELECT");
  }
  out->query = select(*node.subselect->select_stmt);
  return out;
}

ast::Expr* Converter::value_function(const PgQuery__SQLValueFunction& node) {
  auto* out = arena_.make<ast::ValueFunction>();
  out->location = node.location;
  bool with_precision = false;
  switch (node.op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
      out->name = "current_date";
      break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
      with_precision = true;
      [[fallthrough]];
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME:
      out->name = "current_time";
      break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
      with_precision = true;
      [[fallthrough]];
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
      out->name = "current_timestamp";
      break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
      with_precision = true;
      [[fallthrough]];
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME:
      out->name = "localtime";
      break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
      with_precision = true;
      [[fallthrough]];
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
      out->name = "localtimestamp";
      break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE:
      out->name = "current_role";
      break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER:
      out->name = "current_user";
      break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER:
      out->name = "user";
      break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER:
      out->name = "session_user";
      break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG:
      out->name = "current_catalog";
      break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA:
      out->name = "current_schema";
      break;
    default:
      internal_error("unknown value function");
  }
  if (with_precision) {
    out->precision = node.typmod;
  }
  return out;
}

ast::Expr* Converter::cast(const PgQuery__TypeCast& node) {
  auto* out = arena_.make<ast::Cast>();
  out->operand = expression(node.arg);
  out->type = type_name(node.type_name);
  out->location = node.location;
  return out;
}

ast::TypeName* Converter::type_name(const PgQuery__TypeName* node) {
  if (node == nullptr) {
    return nullptr;
  }
  if (node->setof != 0) {
    unsupported("SETOF", node->location);
  }
  if (node->pct_type != 0) {
    unsupported("%TYPE", node->location);
  }
  auto* out = arena_.make<ast::TypeName>();
  out->names = strings_of({node->names, node->n_names});
  out->modifiers = expressions({node->typmods, node->n_typmods});
  out->array_dimensions = static_cast<int>(node->n_array_bounds);
  out->location = node->location;
  return out;
}

}  // namespace omen::sql
