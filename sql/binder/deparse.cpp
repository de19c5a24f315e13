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
  Deparser(const EvalContext& context, const ColumnName& column_name, Parentheses parentheses)
      : context_(context), column_name_(column_name), pretty_(parentheses == Parentheses::Needed) {}

  void write(const Expression& expression, Implicit implicit);
  std::string take() { return std::move(out_); }

 private:
  /// As write(), in parentheses if `parent` needs them around it.
  void write_operand(const Expression& operand, Implicit implicit, const Expression& parent);
  void open() { out_ += pretty_ ? "" : "("; }
  void close() { out_ += pretty_ ? "" : ")"; }
  void write_constant(const ConstantExpression& constant, bool with_label);
  void write_call(const CallExpression& call, Implicit implicit);
  void write_operator(const CallExpression& call);
  void write_cast(const Expression& operand, const Expression& cast);
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
  bool pretty_;
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

bool is_cast(const CallExpression& call) {
  return call.form == CallExpression::Form::ExplicitCast ||
         call.form == CallExpression::Form::ImplicitCast;
}

/// Whether a parent encloses its operands itself, as functions and ARRAY[...] do; casts do not.
bool encloses_operands(const Expression& parent) {
  switch (parent.kind) {
    case ExpressionKind::Call: {
      const auto& call = as<CallExpression>(parent);
      return call.operator_def == nullptr && !is_cast(call);
    }
    case ExpressionKind::Aggregate:
    case ExpressionKind::ArrayConstruct:
    case ExpressionKind::ArraySubscript:
    case ExpressionKind::Case:
    case ExpressionKind::Coalesce:
    case ExpressionKind::MinMax:
    case ExpressionKind::NullIf:
    case ExpressionKind::Row:
    case ExpressionKind::SetCall:
      return true;
    default:
      return false;
  }
}

bool is_boolean(const Expression& expression) {
  return expression.kind == ExpressionKind::And || expression.kind == ExpressionKind::Or ||
         expression.kind == ExpressionKind::Not;
}

/// How tightly + - (1) and * / % (2) bind; 0 for other operators and other expressions.
int arithmetic_rank(const Expression& expression) {
  if (expression.kind != ExpressionKind::Call) {
    return 0;
  }
  const auto& call = as<CallExpression>(expression);
  if (call.operator_def == nullptr || call.arguments.size() != 2) {
    return 0;
  }
  const std::string_view name = call.operator_def->name;
  if (name == "+" || name == "-") {
    return 1;
  }
  return name == "*" || name == "/" || name == "%" ? 2 : 0;
}

bool operator_stands_alone(const CallExpression& operand, const Expression& parent) {
  const int rank = arithmetic_rank(operand);
  const int parent_rank = arithmetic_rank(parent);
  if (rank > 0 && parent_rank > 0) {
    return rank > parent_rank ||
           (rank == parent_rank && as<CallExpression>(parent).arguments[0] == &operand);
  }
  return is_boolean(parent) || encloses_operands(parent);
}

/// Whether an operand of `parent` reads right without parentheses.
bool stands_alone(const Expression& operand, const Expression& parent) {
  switch (operand.kind) {
    case ExpressionKind::Call: {
      const auto& call = as<CallExpression>(operand);
      return is_cast(call) || call.operator_def == nullptr || operator_stands_alone(call, parent);
    }
    case ExpressionKind::InputOutputCast:
      return stands_alone(*as<InputOutputCastExpression>(operand).operand, operand);
    case ExpressionKind::ArrayCast:
      return stands_alone(*as<ArrayCastExpression>(operand).operand, operand);
    case ExpressionKind::Relabel:
      return stands_alone(*as<RelabelExpression>(operand).operand, operand);
    case ExpressionKind::Subquery:
    case ExpressionKind::IsNull:
    case ExpressionKind::BooleanTest:
    case ExpressionKind::IsDistinct:
      return is_boolean(parent) || encloses_operands(parent);
    case ExpressionKind::And:
    case ExpressionKind::Not:
      return parent.kind == ExpressionKind::And || parent.kind == ExpressionKind::Or ||
             encloses_operands(parent);
    case ExpressionKind::Or:
      return parent.kind == ExpressionKind::Or || encloses_operands(parent);
    case ExpressionKind::AnyAll:
      return false;
    default:
      return true;
  }
}

void Deparser::write_constant(const ConstantExpression& constant, bool with_label) {
  const std::string label = "::" + format_type_exactly(constant.type);
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

void Deparser::write_operand(const Expression& operand, Implicit implicit,
                             const Expression& parent) {
  const bool enclosed = pretty_ && !stands_alone(operand, parent);
  out_ += enclosed ? "(" : "";
  write(operand, implicit);
  out_ += enclosed ? ")" : "";
}

void Deparser::write_cast(const Expression& operand, const Expression& cast) {
  const Type& target = cast.type;
  if (operand.kind == ExpressionKind::Constant && operand.type.oid == target.oid &&
      operand.type.modifier < 0) {
    write_constant(as<ConstantExpression>(operand), false);
  } else {
    open();
    write_operand(operand, Implicit::Hidden, cast);
    close();
  }
  out_ += "::" + format_type_exactly(target);
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
  open();
  if (call.arguments.size() == 1) {
    out_ += call.operator_def->name;
    out_ += ' ';
    write_operand(*call.arguments[0], Implicit::Shown, call);
  } else {
    write_operand(*call.arguments[0], Implicit::Shown, call);
    out_ += fmt::format(" {} ", call.operator_def->name);
    write_operand(*call.arguments[1], Implicit::Shown, call);
  }
  close();
}

void Deparser::write_call(const CallExpression& call, Implicit implicit) {
  if (call.form == CallExpression::Form::ImplicitCast && implicit == Implicit::Hidden) {
    write(*call.arguments[0], Implicit::Hidden);
  } else if (call.form == CallExpression::Form::ExplicitCast ||
             call.form == CallExpression::Form::ImplicitCast) {
    write_cast(*call.arguments[0], call);
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
  open();
  if (boolean.kind == ExpressionKind::Not) {
    out_ += "NOT ";
    write_operand(*boolean.arguments[0], Implicit::Hidden, boolean);
  } else {
    const std::string_view word = boolean.kind == ExpressionKind::And ? " AND " : " OR ";
    for (std::size_t i = 0; i < boolean.arguments.size(); ++i) {
      out_ += i == 0 ? "" : word;
      write_operand(*boolean.arguments[i], Implicit::Hidden, boolean);
    }
  }
  close();
}

void Deparser::write_any_all(const AnyAllExpression& any_all) {
  open();
  write_operand(*any_all.left, Implicit::Shown, any_all);
  out_ += fmt::format(" {} {} (", any_all.operator_def->name, any_all.all ? "ALL" : "ANY");
  write_operand(*any_all.right, Implicit::Shown, any_all);
  out_ += ')';
  close();
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
      open();
      write_operand(*test.operand, Implicit::Shown, test);
      out_ += test.negated ? " IS NOT NULL" : " IS NULL";
      close();
      return;
    }
    case ExpressionKind::BooleanTest: {
      const auto& test = as<BooleanTestExpression>(expression);
      open();
      write_operand(*test.operand, Implicit::Hidden, test);
      out_ += fmt::format(" {}", boolean_test_text(test.test));
      close();
      return;
    }
    case ExpressionKind::IsDistinct: {
      const auto& test = as<IsDistinctExpression>(expression);
      open();
      out_ += test.negated ? "NOT (" : "";
      write_operand(*test.left, Implicit::Shown, test);
      out_ += " IS DISTINCT FROM ";
      write_operand(*test.right, Implicit::Shown, test);
      out_ += test.negated ? ")" : "";
      close();
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
        write_cast(*cast.operand, cast);
      }
      return;
    }
    case ExpressionKind::ArrayCast: {
      const auto& cast = as<ArrayCastExpression>(expression);
      if (!cast.is_explicit && implicit == Implicit::Hidden) {
        write(*cast.operand, Implicit::Hidden);
      } else {
        write_cast(*cast.operand, cast);
      }
      return;
    }
    case ExpressionKind::Relabel: {
      const auto& relabel = as<RelabelExpression>(expression);
      if (!relabel.is_explicit && implicit == Implicit::Hidden) {
        write(*relabel.operand, Implicit::Hidden);
      } else {
        write_cast(*relabel.operand, relabel);
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
                    const std::function<std::string(const ColumnExpression&)>& column_name,
                    Parentheses parentheses) {
  Deparser deparser(context, column_name, parentheses);
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
