#include <algorithm>

#include "sql/error/sql_error.h"
#include "sql/planner/plan_context.h"

namespace omen::sql {
namespace {

/// The element of an ArrayCast is column 0 of a batch of its own.
Expression* convert_element_cast(PlanContext& context, const Expression& cast) {
  return transform(context.arena(), cast, [&](const Expression& e) -> Expression* {
    if (e.kind != ExpressionKind::Column) {
      return nullptr;
    }
    auto* element = context.make<PlannedColumn>(e.type);
    element->source = PlannedColumn::Source::Input;
    element->position = 0;
    element->relation = -1;
    return element;
  });
}

Expression* convert_column(PlanContext& context, const ColumnExpression& column, PlanScope& scope) {
  PlanScope* owner = &scope;
  SlotFrame* frame = nullptr;
  for (int level = 0; level < column.levels_up; ++level) {
    if (owner->frame != nullptr) {
      frame = owner->frame;
    }
    owner = owner->parent;
    if (owner == nullptr) {
      internal_error("column reference beyond the outermost query");
    }
  }
  Expression* value = resolve_column(context, *owner, column);
  if (frame == nullptr) {
    return value;
  }
  return context.outer_column(*frame, *value);
}

Expression* convert_subquery(PlanContext& context, const SubqueryExpression& bound,
                             PlanScope& scope) {
  auto* planned = context.make<PlannedSubquery>(bound);
  for (Expression*& operand : planned->left) {
    operand = convert(context, *operand, scope);
  }
  auto* plan = context.make<SubPlan>();
  auto* inner = context.make<PlanScope>();
  inner->parent = &scope;
  inner->query = bound.query;
  inner->frame = context.make_frame();
  context.begin_recording();
  plan->root = plan_bound_query(context, *bound.query, *inner).node;
  plan->used_slots = context.end_recording(inner->frame->number);
  for (const SlotFrame::Entry& entry : inner->frame->entries) {
    plan->parameter_slots.push_back(entry.slot);
    planned->arguments.push_back(entry.value);
  }
  context.root().sub_plans.push_back(plan);
  plan->number = static_cast<int>(context.root().sub_plans.size());
  planned->plan = plan;
  return planned;
}

}  // namespace

PlannedColumn* leaf_column(PlanContext& context, const Leaf& leaf, int column) {
  Type type{type_oid::kInt8, -1};
  if (column >= 0) {
    const auto at = static_cast<std::size_t>(column);
    type = leaf.relation->columns.at(at).type;
  } else if (column == engine::kDistanceColumn) {
    type = Type{type_oid::kFloat8, -1};
  }
  auto* made = context.make<PlannedColumn>(type);
  made->relation = leaf.number;
  made->column = column;
  return made;
}

Expression* resolve_column(PlanContext& context, PlanScope& scope, const ColumnExpression& column) {
  const PlanScope::Source& source = scope.sources.at(static_cast<std::size_t>(column.relation));
  if (source.is_flattened) {
    return source.flattened.at(static_cast<std::size_t>(column.column));
  }
  if (source.leaf == nullptr) {
    internal_error("column of a relation that is not in the plan");
  }
  int wanted = column.column;
  if (wanted == kTableOidColumn && source.leaf->relation->kind == RelationKind::Table) {
    auto* oid = context.make<ConstantExpression>(column.type);
    oid->value = static_cast<std::int64_t>(source.leaf->relation->table->oid);
    return oid;
  }
  // A row's tid is its row id: stable over UPDATE, unlike PostgreSQL's.
  wanted = wanted == kCtidColumn ? engine::kRowIdColumn : wanted;
  wanted = wanted == kXminColumn ? engine::kXidColumn : wanted;
  PlannedColumn* made = leaf_column(context, *source.leaf, wanted);
  made->type = column.type;
  made->location = column.location;
  return made;
}

Expression* convert(PlanContext& context, const Expression& expression, PlanScope& scope) {
  Expression* converted =
      transform(context.arena(), expression, [&](const Expression& e) -> Expression* {
        switch (e.kind) {
          case ExpressionKind::Column:
            return convert_column(context, static_cast<const ColumnExpression&>(e), scope);
          case ExpressionKind::Parameter:
            context.note_parameter(static_cast<const ParameterExpression&>(e));
            return nullptr;
          case ExpressionKind::Subquery:
            return convert_subquery(context, static_cast<const SubqueryExpression&>(e), scope);
          case ExpressionKind::ArrayCast: {
            auto* copy = static_cast<ArrayCastExpression*>(shallow_copy(context.arena(), e));
            copy->operand = convert(context, *copy->operand, scope);
            copy->element_cast = convert_element_cast(context, *copy->element_cast);
            return copy;
          }
          default:
            return nullptr;
        }
      });
  return fold(context, *converted);
}

Expression* place(PlanContext& context, const Expression& expression, const ExpressionList& layout,
                  SlotFrame* frame) {
  return transform(context.arena(), expression, [&](const Expression& e) -> Expression* {
    const bool is_column = e.kind == ExpressionKind::Column;
    if (is_column && static_cast<const PlannedColumn&>(e).source != PlannedColumn::Source::Leaf) {
      return context.make<PlannedColumn>(static_cast<const PlannedColumn&>(e));
    }
    if (e.kind == ExpressionKind::Constant || e.kind == ExpressionKind::Parameter) {
      return nullptr;
    }
    for (std::size_t i = 0; i < layout.size(); ++i) {
      const Expression& entry = *layout[i];
      const bool same =
          is_column && entry.kind == ExpressionKind::Column
              ? static_cast<const PlannedColumn&>(entry).source == PlannedColumn::Source::Leaf &&
                    static_cast<const PlannedColumn&>(entry).relation ==
                        static_cast<const PlannedColumn&>(e).relation &&
                    static_cast<const PlannedColumn&>(entry).column ==
                        static_cast<const PlannedColumn&>(e).column
              : same_value(e, entry);
      if (!same) {
        continue;
      }
      auto* column = context.make<PlannedColumn>(e.type);
      column->source = PlannedColumn::Source::Input;
      column->position = static_cast<int>(i);
      if (is_column) {
        column->relation = static_cast<const PlannedColumn&>(e).relation;
        column->column = static_cast<const PlannedColumn&>(e).column;
      } else {
        column->relation = -1;
        column->origin = &entry;
      }
      return column;
    }
    if (is_column) {
      if (frame == nullptr) {
        internal_error("column is missing from the input of its plan node");
      }
      return context.outer_column(*frame, *shallow_copy(context.arena(), e));
    }
    if (e.kind == ExpressionKind::ArrayCast) {
      auto* copy = static_cast<ArrayCastExpression*>(shallow_copy(context.arena(), e));
      copy->operand = place(context, *copy->operand, layout, frame);
      return copy;
    }
    return nullptr;
  });
}

ExpressionList place_all(PlanContext& context, const ExpressionList& expressions,
                         const ExpressionList& layout, SlotFrame* frame) {
  ExpressionList placed;
  for (const Expression* expression : expressions) {
    placed.push_back(place(context, *expression, layout, frame));
  }
  return placed;
}

std::set<int> leaves_of(const Expression& expression) {
  std::set<int> leaves;
  if (expression.kind == ExpressionKind::Column) {
    const auto& column = static_cast<const PlannedColumn&>(expression);
    if (column.source == PlannedColumn::Source::Leaf) {
      leaves.insert(column.relation);
    }
  }
  for_each_child(expression, [&](const Expression& child) { leaves.merge(leaves_of(child)); });
  return leaves;
}

void note_columns(const Expression& expression, const std::vector<Leaf*>& leaves,
                  const Expression* except) {
  if (except != nullptr && same_value(expression, *except)) {
    return;
  }
  if (expression.kind == ExpressionKind::Column) {
    const auto& column = static_cast<const PlannedColumn&>(expression);
    if (column.source != PlannedColumn::Source::Leaf) {
      return;
    }
    for (Leaf* leaf : leaves) {
      if (leaf->number == column.relation && std::find(leaf->needed.begin(), leaf->needed.end(),
                                                       column.column) == leaf->needed.end()) {
        leaf->needed.push_back(column.column);
      }
    }
    return;
  }
  for_each_child(expression, [&](const Expression& child) { note_columns(child, leaves, except); });
}

bool reads_no_row(const Expression& expression) {
  return leaves_of(expression).empty() && !is_volatile(expression) &&
         !any_of(expression, [](const Expression& e) {
           return e.kind == ExpressionKind::Aggregate || e.kind == ExpressionKind::SetCall;
         });
}

}  // namespace omen::sql
