#include <fmt/format.h>

#include "sql/binder/expression_tree.h"
#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

std::string_view operation_name(ast::SetOperation operation) {
  switch (operation) {
    case ast::SetOperation::Union:
      return "UNION";
    case ast::SetOperation::Intersect:
      return "INTERSECT";
    case ast::SetOperation::Except:
      return "EXCEPT";
    case ast::SetOperation::None:
      break;
  }
  return "";
}

}  // namespace

void StatementBinder::bind_set_operation(const ast::SelectStatement& node, BoundQuery& out) {
  out.kind = QueryKind::SetOperation;
  out.set_operation = node.set_operation;
  out.set_all = node.all;
  out.left = bind_select(*node.left, {.keep_unknown = true});
  out.right = bind_select(*node.right, {.keep_unknown = true});
  unify_arms(out, operation_name(node.set_operation));
}

/// Gives both arms the same column types and makes the output columns, named by the left arm.
void StatementBinder::unify_arms(BoundQuery& out, std::string_view clause) {
  const std::size_t columns = visible_count(*out.left);
  if (columns != visible_count(*out.right)) {
    throw SqlError(sqlstate::kSyntaxError,
                   fmt::format("each {} query must have the same number of columns", clause))
        .at(out.right->targets.empty() ? -1 : start_of(*out.right->targets[0].expression));
  }
  for (std::size_t i = 0; i < columns; ++i) {
    const ExpressionList pair{out.left->targets[i].expression, out.right->targets[i].expression};
    const Oid common = common_type(state_, pair, clause);
    const Type type{common, common_modifier(pair, common)};
    for (BoundQuery* arm : {out.left, out.right}) {
      const Oid source = arm->targets[i].expression->type.oid;
      if (source == common) {
        continue;
      }
      if (!can_coerce(state_, {&source, 1}, {&common, 1}, CastContext::Implicit)) {
        throw SqlError(sqlstate::kCannotCoerce,
                       fmt::format("{} could not convert type {} to {}", clause, type_text(source),
                                   type_text(common)))
            .at(start_of(*arm->targets[i].expression));
      }
      coerce_column(*arm, i, {{common, -1}, CastContext::Implicit, -1});
    }
    if ((out.set_operation != ast::SetOperation::Union || !out.set_all) && !is_orderable(common)) {
      throw SqlError(
          sqlstate::kUndefinedFunction,
          fmt::format("could not identify an equality operator for type {}", type_text(common)));
    }
    auto* expression = state_.make<ColumnExpression>(type);
    expression->column = static_cast<int>(i);
    expression->location = pair[0]->location;
    BoundTarget target;
    target.expression = expression;
    target.name = out.left->targets[i].name;
    out.targets.push_back(std::move(target));
  }
}

}  // namespace omen::sql
