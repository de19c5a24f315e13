#include "sql/binder/deparse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sql/error/sql_error.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

using ColumnName = std::function<std::string(const ColumnExpression&)>;

/// Whether an implicit cast is written out: yes within operators and calls, no at the top and in
/// conditions. PostgreSQL's `showimplicit`.
enum class Implicit : std::uint8_t { Hidden, Shown };

class Deparser {
 public:
  Deparser(const EvalContext& context, const ColumnName& column_name)
      : context_(context), column_name_(column_name) {}

  void write(const Expression& expression, Implicit implicit);
  std::string take() { return std::move(out_); }

 private:
  void write_constant(const ConstantExpression& constant, bool with_label);
  void write_call(const CallExpression& call, Implicit implicit);
  void write_operator(const CallExpression& call);
  void write_cast(const Expression& operand, const Type& target);
  void write_list(const ExpressionList& list);
  void write_boolean(const BooleanExpression& boolean);
  void write_any_all(const AnyAllExpression& any_all);
  void write_case(const CaseExpression& expression);
  void write_aggregate(const AggregateExpression& aggregate);
  void write_subscript(const ArraySubscriptExpression& subscript);
  void write_sort_keys(const std::vector<SortKey>& keys);
  void write_subquery(const SubqueryExpression& subquery);

  const EvalContext& context_;
  const ColumnName& column_name_;
  std::string out_;
};

template <typename T>
const T& as(const Expression& expression) {
  return static_cast<const T&>(expression);
}

/// Numbers that read back as themselves without a cast: `1`, `0.5`; not `-1`, not `1` as numeric.
bool is_bare_number(const Type& type, const std::string& text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) == 0) {
    return false;
  }
  if (type.oid == type_oid::kInt4) {
    return true;
  }
  return type.oid == type_oid::kNumeric && type.modifier < 0 &&
         text.find_first_of(".eE") != std::string::npos;
}

std::string_view boolean_test_text(ast::BooleanTest::Test test) {
  using Test = ast::BooleanTest::Test;
  switch (test) {
    case Test::True:
      return "IS TRUE";
    case Test::NotTrue:
      return "IS NOT TRUE";
    case Test::False:
      return "IS FALSE";
    case Test::NotFalse:
      return "IS NOT FALSE";
    case Test::Unknown:
      return "IS UNKNOWN";
    case Test::NotUnknown:
      return "IS NOT UNKNOWN";
  }
  return "";
}

void Deparser::write_constant(const ConstantExpression& constant, bool with_label) {
  const std::string label = "::" + format_type(constant.type);
  if (engine::is_null(constant.value)) {
    out_ += "NULL";
    out_ += with_label ? label : "";
    return;
  }
  const std::string text = value_to_text(constant.type.oid, constant.value, context_);
  if (constant.type.oid == type_oid::kBool) {
    out_ += text == "t" || text == "true" ? "true" : "false";
    return;
  }
  if (is_bare_number(constant.type, text)) {
    out_ += text;
    return;
  }
  out_ += quote_literal(text);
  if (with_label && constant.type.oid != type_oid::kUnknown) {
    out_ += label;
  }
}

void Deparser::write_cast(const Expression& operand, const Type& target) {
  if (operand.kind == ExpressionKind::Constant && operand.type.oid == target.oid &&
      operand.type.modifier < 0) {
    write_constant(as<ConstantExpression>(operand), false);
  } else {
    out_ += '(';
    write(operand, Implicit::Hidden);
    out_ += ')';
  }
  out_ += "::" + format_type(target);
}

void Deparser::write_list(const ExpressionList& list) {
  bool is_first = true;
  for (const Expression* item : list) {
    out_ += is_first ? "" : ", ";
    is_first = false;
    write(*item, Implicit::Shown);
  }
}

void Deparser::write_operator(const CallExpression& call) {
  out_ += '(';
  if (call.arguments.size() == 1) {
    out_ += call.operator_def->name;
    out_ += ' ';
    write(*call.arguments[0], Implicit::Shown);
  } else {
    write(*call.arguments[0], Implicit::Shown);
    out_ += fmt::format(" {} ", call.operator_def->name);
    write(*call.arguments[1], Implicit::Shown);
  }
  out_ += ')';
}

void Deparser::write_call(const CallExpression& call, Implicit implicit) {
  if (call.form == CallExpression::Form::ImplicitCast && implicit == Implicit::Hidden) {
    write(*call.arguments[0], Implicit::Hidden);
  } else if (call.form == CallExpression::Form::ExplicitCast ||
             call.form == CallExpression::Form::ImplicitCast) {
    write_cast(*call.arguments[0], call.type);
  } else if (call.operator_def != nullptr) {
    write_operator(call);
  } else {
    out_ += quote_identifier(call.function->name);
    out_ += '(';
    write_list(call.arguments);
    out_ += ')';
  }
}

void Deparser::write_boolean(const BooleanExpression& boolean) {
  out_ += '(';
  if (boolean.kind == ExpressionKind::Not) {
    out_ += "NOT ";
    write(*boolean.arguments[0], Implicit::Hidden);
  } else {
    const std::string_view word = boolean.kind == ExpressionKind::And ? " AND " : " OR ";
    for (std::size_t i = 0; i < boolean.arguments.size(); ++i) {
      out_ += i == 0 ? "" : word;
      write(*boolean.arguments[i], Implicit::Hidden);
    }
  }
  out_ += ')';
}

void Deparser::write_any_all(const AnyAllExpression& any_all) {
  out_ += '(';
  write(*any_all.left, Implicit::Shown);
  out_ += fmt::format(" {} {} (", any_all.operator_def->name, any_all.all ? "ALL" : "ANY");
  write(*any_all.right, Implicit::Shown);
  out_ += "))";
}

void Deparser::write_case(const CaseExpression& expression) {
  out_ += "CASE";
  for (const CaseExpression::When& when : expression.whens) {
    out_ += " WHEN ";
    write(*when.condition, Implicit::Hidden);
    out_ += " THEN ";
    write(*when.result, Implicit::Shown);
  }
  out_ += " ELSE ";
  write(*expression.otherwise, Implicit::Shown);
  out_ += " END";
}

void Deparser::write_sort_keys(const std::vector<SortKey>& keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    out_ += i == 0 ? "" : ", ";
    write(*keys[i].expression, Implicit::Hidden);
    out_ += keys[i].descending ? " DESC" : "";
    if (keys[i].nulls_first != keys[i].descending) {
      out_ += keys[i].nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
  }
}

void Deparser::write_aggregate(const AggregateExpression& aggregate) {
  out_ += quote_identifier(aggregate.aggregate->name);
  out_ += aggregate.distinct ? "(DISTINCT " : "(";
  if (aggregate.star) {
    out_ += '*';
  } else {
    write_list(aggregate.arguments);
  }
  if (!aggregate.order_by.empty()) {
    out_ += " ORDER BY ";
    write_sort_keys(aggregate.order_by);
  }
  out_ += ')';
  if (aggregate.filter != nullptr) {
    out_ += " FILTER (WHERE ";
    write(*aggregate.filter, Implicit::Hidden);
    out_ += ')';
  }
}

void Deparser::write_subscript(const ArraySubscriptExpression& subscript) {
  const bool is_plain = subscript.array->kind == ExpressionKind::Column ||
                        subscript.array->kind == ExpressionKind::ArraySubscript;
  out_ += is_plain ? "" : "(";
  write(*subscript.array, Implicit::Shown);
  out_ += is_plain ? "" : ")";
  for (const ArraySubscriptExpression::Index& index : subscript.indexes) {
    out_ += '[';
    if (index.slice) {
      if (index.lower != nullptr) {
        write(*index.lower, Implicit::Hidden);
      }
      out_ += ':';
    }
    if (index.upper != nullptr) {
      write(*index.upper, Implicit::Hidden);
    }
    out_ += ']';
  }
}

void Deparser::write_subquery(const SubqueryExpression& subquery) {
  using Kind = ast::Subquery::Kind;
  switch (subquery.subquery_kind) {
    case Kind::Exists:
      out_ += "EXISTS(SubPlan)";
      return;
    case Kind::Array:
      out_ += "ARRAY(SubPlan)";
      return;
    case Kind::Scalar:
    case Kind::Any:
    case Kind::All:
      out_ += "(SubPlan)";
      return;
  }
}

void Deparser::write(const Expression& expression, Implicit implicit) {
  switch (expression.kind) {
    case ExpressionKind::Constant:
      write_constant(as<ConstantExpression>(expression), true);
      return;
    case ExpressionKind::Parameter:
      out_ += fmt::format("${}", as<ParameterExpression>(expression).number);
      return;
    case ExpressionKind::Column:
      out_ += column_name_(as<ColumnExpression>(expression));
      return;
    case ExpressionKind::Call:
      write_call(as<CallExpression>(expression), implicit);
      return;
    case ExpressionKind::AnyAll:
      write_any_all(as<AnyAllExpression>(expression));
      return;
    case ExpressionKind::And:
    case ExpressionKind::Or:
    case ExpressionKind::Not:
      write_boolean(as<BooleanExpression>(expression));
      return;
    case ExpressionKind::IsNull: {
      const auto& test = as<IsNullExpression>(expression);
      out_ += '(';
      write(*test.operand, Implicit::Shown);
      out_ += test.negated ? " IS NOT NULL)" : " IS NULL)";
      return;
    }
    case ExpressionKind::BooleanTest: {
      const auto& test = as<BooleanTestExpression>(expression);
      out_ += '(';
      write(*test.operand, Implicit::Hidden);
      out_ += fmt::format(" {})", boolean_test_text(test.test));
      return;
    }
    case ExpressionKind::IsDistinct: {
      const auto& test = as<IsDistinctExpression>(expression);
      out_ += test.negated ? "(NOT (" : "(";
      write(*test.left, Implicit::Shown);
      out_ += " IS DISTINCT FROM ";
      write(*test.right, Implicit::Shown);
      out_ += test.negated ? "))" : ")";
      return;
    }
    case ExpressionKind::NullIf: {
      const auto& null_if = as<NullIfExpression>(expression);
      out_ += "NULLIF(";
      write_list({null_if.left, null_if.right});
      out_ += ')';
      return;
    }
    case ExpressionKind::Case:
      write_case(as<CaseExpression>(expression));
      return;
    case ExpressionKind::Coalesce:
      out_ += "COALESCE(";
      write_list(as<CoalesceExpression>(expression).arguments);
      out_ += ')';
      return;
    case ExpressionKind::MinMax:
      out_ += as<MinMaxExpression>(expression).greatest ? "GREATEST(" : "LEAST(";
      write_list(as<MinMaxExpression>(expression).arguments);
      out_ += ')';
      return;
    case ExpressionKind::ArrayConstruct: {
      const auto& array = as<ArrayConstructExpression>(expression);
      out_ += "ARRAY[";
      write_list(array.elements);
      out_ += ']';
      out_ += array.elements.empty() ? "::" + format_type(array.type) : "";
      return;
    }
    case ExpressionKind::ArraySubscript:
      write_subscript(as<ArraySubscriptExpression>(expression));
      return;
    case ExpressionKind::Row:
      out_ += "ROW(";
      write_list(as<RowExpression>(expression).fields);
      out_ += ')';
      return;
    case ExpressionKind::Subquery:
      write_subquery(as<SubqueryExpression>(expression));
      return;
    case ExpressionKind::Aggregate:
      write_aggregate(as<AggregateExpression>(expression));
      return;
    case ExpressionKind::InputOutputCast: {
      const auto& cast = as<InputOutputCastExpression>(expression);
      if (!cast.is_explicit && implicit == Implicit::Hidden) {
        write(*cast.operand, Implicit::Hidden);
      } else {
        write_cast(*cast.operand, cast.type);
      }
      return;
    }
    case ExpressionKind::ArrayCast: {
      const auto& cast = as<ArrayCastExpression>(expression);
      if (!cast.is_explicit && implicit == Implicit::Hidden) {
        write(*cast.operand, Implicit::Hidden);
      } else {
        write_cast(*cast.operand, cast.type);
      }
      return;
    }
    case ExpressionKind::Relabel: {
      const auto& relabel = as<RelabelExpression>(expression);
      if (!relabel.is_explicit && implicit == Implicit::Hidden) {
        write(*relabel.operand, Implicit::Hidden);
      } else {
        write_cast(*relabel.operand, relabel.type);
      }
      return;
    }
    case ExpressionKind::SetCall: {
      const auto& call = as<SetCallExpression>(expression);
      out_ += quote_identifier(call.function->name);
      out_ += '(';
      write_list(call.arguments);
      out_ += ')';
      return;
    }
  }
  internal_error("deparse met an unknown expression");
}

}  // namespace

std::string deparse(const Expression& expression, const EvalContext& context,
                    const std::function<std::string(const ColumnExpression&)>& column_name) {
  Deparser deparser(context, column_name);
  deparser.write(expression, Implicit::Hidden);
  return deparser.take();
}

std::string quote_literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c;
    quoted += c == '\'' ? "'" : "";
  }
  return quoted + '\'';
}

}  // namespace omen::sql
