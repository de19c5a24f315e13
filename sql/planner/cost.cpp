#include <algorithm>
#include <cmath>

#include "sql/planner/plan_context.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

// PostgreSQL's defaults for tables without statistics (selfuncs.h).
constexpr double kEqualSelectivity = 0.005;
constexpr double kInequalitySelectivity = 1.0 / 3.0;
constexpr double kMatchSelectivity = 0.005;
constexpr double kUnknownSelectivity = 0.5;
constexpr double kDistinctDefault = 200;
constexpr int kBytesWidth = 32;

const Leaf* find_leaf(int number, const std::vector<Leaf*>& leaves) {
  for (const Leaf* leaf : leaves) {
    if (leaf->number == number) {
      return leaf;
    }
  }
  return nullptr;
}

double equality_selectivity(const PlanContext& context, const Expression& left,
                            const Expression& right, const std::vector<Leaf*>& leaves) {
  const double distinct =
      std::max(distinct_values(context, left, leaves), distinct_values(context, right, leaves));
  return 1.0 / std::max(distinct, 1.0);
}

double condition_selectivity(const PlanContext& context, const Expression& e,
                             const std::vector<Leaf*>& leaves);

double operator_selectivity(const PlanContext& context, std::string_view name,
                            const Expression& left, const Expression& right,
                            const std::vector<Leaf*>& leaves) {
  if (name == "=") {
    return equality_selectivity(context, left, right, leaves);
  }
  if (name == "<>") {
    return 1 - equality_selectivity(context, left, right, leaves);
  }
  if (name == "<" || name == "<=" || name == ">" || name == ">=") {
    return kInequalitySelectivity;
  }
  if (name == "!~~" || name == "!~~*" || name == "!~" || name == "!~*") {
    return 1 - kMatchSelectivity;
  }
  return kMatchSelectivity;
}

double boolean_selectivity(const PlanContext& context, const BooleanExpression& e,
                           const std::vector<Leaf*>& leaves) {
  if (e.kind == ExpressionKind::Not) {
    return 1 - condition_selectivity(context, *e.arguments[0], leaves);
  }
  double result = e.kind == ExpressionKind::And ? 1 : 0;
  for (const Expression* argument : e.arguments) {
    const double s = condition_selectivity(context, *argument, leaves);
    result = e.kind == ExpressionKind::And ? result * s : result + s - result * s;
  }
  return result;
}

double condition_selectivity(const PlanContext& context, const Expression& e,
                             const std::vector<Leaf*>& leaves) {
  switch (e.kind) {
    case ExpressionKind::Constant: {
      const auto* value = std::get_if<bool>(&static_cast<const ConstantExpression&>(e).value);
      return value != nullptr && *value ? 1 : 0;
    }
    case ExpressionKind::Call: {
      const auto& call = static_cast<const CallExpression&>(e);
      if (call.operator_def == nullptr || call.arguments.size() != 2) {
        return kInequalitySelectivity;
      }
      return operator_selectivity(context, call.operator_def->name, *call.arguments[0],
                                  *call.arguments[1], leaves);
    }
    case ExpressionKind::AnyAll: {
      const auto& any = static_cast<const AnyAllExpression&>(e);
      const double s =
          operator_selectivity(context, any.operator_def->name, *any.left, *any.right, leaves);
      return any.all ? std::pow(s, 5) : std::min(1.0, 5 * s);
    }
    case ExpressionKind::And:
    case ExpressionKind::Or:
    case ExpressionKind::Not:
      return boolean_selectivity(context, static_cast<const BooleanExpression&>(e), leaves);
    case ExpressionKind::IsNull:
      return static_cast<const IsNullExpression&>(e).negated ? 1 - kEqualSelectivity
                                                             : kEqualSelectivity;
    default:
      return kUnknownSelectivity;
  }
}

}  // namespace

double table_rows(const PlanContext& context, const engine::Table& table) {
  return std::max(context.engine().table_statistics(table.oid).live_rows, 1.0);
}

bool is_unique_column(const PlanContext& context, const engine::Table& table, int column) {
  for (const engine::Index* index : context.catalog().indexes_of(table.oid)) {
    if (index->unique && index->key_column_count == 1 && index->columns[0].column == column) {
      return true;
    }
  }
  return false;
}

double distinct_values(const PlanContext& context, const Expression& expression,
                       const std::vector<Leaf*>& leaves) {
  const Expression& e = strip_relabel(expression);
  if (e.kind != ExpressionKind::Column) {
    return leaves_of(e).empty() ? 1 : kDistinctDefault;
  }
  const auto& column = static_cast<const PlannedColumn&>(e);
  const Leaf* leaf =
      column.source == PlannedColumn::Source::Leaf ? find_leaf(column.relation, leaves) : nullptr;
  if (leaf == nullptr) {
    return 1;
  }
  if (leaf->relation->kind == RelationKind::Table &&
      is_unique_column(context, *leaf->relation->table, column.column)) {
    return leaf->rows;
  }
  return std::min(leaf->rows, kDistinctDefault);
}

double selectivity(const PlanContext& context, const ExpressionList& conditions,
                   const std::vector<Leaf*>& leaves) {
  double result = 1;
  int ranges = 0;
  for (const Expression* condition : conditions) {
    const double s = condition_selectivity(context, *condition, leaves);
    ranges += s == kInequalitySelectivity ? 1 : 0;
    result *= s;
  }
  // A pair of inequalities is taken for a range, as PostgreSQL does.
  return ranges == 2 ? result * 9 * kEqualSelectivity : result;
}

int estimated_width(const std::vector<Type>& types) {
  int width = 0;
  for (const Type& type : types) {
    const TypeInfo& info = type_info(type.oid);
    if (type.oid == type_oid::kVector && type.modifier > 0) {
      width += 8 + 4 * type.modifier;
    } else if (type.oid == type_oid::kHalfvec && type.modifier > 0) {
      width += 8 + 2 * type.modifier;
    } else {
      width += info.length > 0 ? info.length : kBytesWidth;
    }
  }
  return width;
}

void set_output(PlanNode& node, const ExpressionList& layout) {
  node.output = layout;
  node.output_types.clear();
  node.column_types.clear();
  for (const Expression* expression : layout) {
    node.column_types.push_back(expression->type);
    node.output_types.push_back(type_info(expression->type.oid).physical);
  }
  node.width = estimated_width(node.column_types);
}

std::optional<double> constant_number(const Expression* expression) {
  if (expression == nullptr || expression->kind != ExpressionKind::Constant) {
    return std::nullopt;
  }
  const auto* value =
      std::get_if<std::int64_t>(&static_cast<const ConstantExpression*>(expression)->value);
  return value == nullptr ? std::nullopt : std::optional<double>(static_cast<double>(*value));
}

}  // namespace omen::sql
