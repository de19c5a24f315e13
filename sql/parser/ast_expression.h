#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Expressions of the raw parse tree; see ast.h.
namespace omen::sql::ast {

enum class ExprKind : std::uint8_t {
  Constant,
  Parameter,
  ColumnRef,
  Star,
  FunctionCall,
  Operator,
  AnyAll,
  Between,
  Like,
  In,
  Boolean,
  NullTest,
  BooleanTest,
  DistinctTest,
  NullIf,
  Case,
  Coalesce,
  MinMax,
  Cast,
  Collate,
  Array,
  Subscript,
  FieldSelect,
  Row,
  Subquery,
  ValueFunction,
  Default
};

struct Expr {
  ExprKind kind;
  int location = -1;
  explicit Expr(ExprKind k) : kind(k) {}
};

struct SelectStatement;
struct TypeName;
struct SortBy;

/// Schema and name, or name alone (or with database)
using QualifiedName = std::vector<std::string>;

struct Constant : Expr {
  enum class Kind : std::uint8_t {
    Null,
    Boolean,
    Integer,
    Float,
    String,
    BitString
  } type = Kind::Null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string text;  ///< Float: as typed; String; BitString: b... or x...
  Constant() : Expr(ExprKind::Constant) {}
};
struct Parameter : Expr {
  int number = 0;
  Parameter() : Expr(ExprKind::Parameter) {}
};
/// a, t.a, s.t.a; ends_with_star: t.*
struct ColumnRef : Expr {
  QualifiedName names;
  bool star = false;
  ColumnRef() : Expr(ExprKind::ColumnRef) {}
};
struct FunctionCall : Expr {
  QualifiedName name;
  std::vector<Expr*> arguments;
  std::vector<std::string> argument_names;  ///< parallel to arguments; empty string if positional
  bool star = false;                        ///< count(*)
  bool distinct = false;
  bool variadic = false;  ///< last argument marked VARIADIC
  std::vector<SortBy*> order_by;
  Expr* filter = nullptr;
  bool has_over = false;  ///< window call
  FunctionCall() : Expr(ExprKind::FunctionCall) {}
};
/// left is null for a prefix operator
struct Operator : Expr {
  QualifiedName name;
  Expr* left = nullptr;
  Expr* right = nullptr;
  Operator() : Expr(ExprKind::Operator) {}
};
/// left op ANY/ALL (array expression)
struct AnyAll : Expr {
  QualifiedName name;
  bool all = false;
  Expr* left = nullptr;
  Expr* right = nullptr;
  AnyAll() : Expr(ExprKind::AnyAll) {}
};
struct Between : Expr {
  bool negated = false;
  bool symmetric = false;
  Expr* operand = nullptr;
  Expr* low = nullptr;
  Expr* high = nullptr;
  Between() : Expr(ExprKind::Between) {}
};
/// LIKE, ILIKE, SIMILAR TO: `name` is the operator (~~, !~~, ~~*, !~~*, ~, !~)
struct Like : Expr {
  std::string name;
  bool similar = false;
  Expr* left = nullptr;
  Expr* right = nullptr;  ///< with ESCAPE: a call of like_escape / similar_to_escape
  Like() : Expr(ExprKind::Like) {}
};
struct In : Expr {
  bool negated = false;
  Expr* operand = nullptr;
  std::vector<Expr*> list;
  In() : Expr(ExprKind::In) {}
};
struct Boolean : Expr {
  enum class Op : std::uint8_t { And, Or, Not } op = Op::And;
  std::vector<Expr*> arguments;
  Boolean() : Expr(ExprKind::Boolean) {}
};
struct NullTest : Expr {
  Expr* operand = nullptr;
  bool negated = false;
  NullTest() : Expr(ExprKind::NullTest) {}
};
struct BooleanTest : Expr {
  enum class Test : std::uint8_t {
    True,
    NotTrue,
    False,
    NotFalse,
    Unknown,
    NotUnknown
  } test = Test::True;
  Expr* operand = nullptr;
  BooleanTest() : Expr(ExprKind::BooleanTest) {}
};
/// IS [NOT] DISTINCT FROM
struct DistinctTest : Expr {
  bool negated = false;
  Expr* left = nullptr;
  Expr* right = nullptr;
  DistinctTest() : Expr(ExprKind::DistinctTest) {}
};
struct NullIf : Expr {
  Expr* left = nullptr;
  Expr* right = nullptr;
  NullIf() : Expr(ExprKind::NullIf) {}
};
struct Case : Expr {
  Expr* operand = nullptr;
  struct When {
    Expr* condition;
    Expr* result;
  };
  std::vector<When> whens;
  Expr* otherwise = nullptr;
  Case() : Expr(ExprKind::Case) {}
};
struct Coalesce : Expr {
  std::vector<Expr*> arguments;
  Coalesce() : Expr(ExprKind::Coalesce) {}
};
struct MinMax : Expr {
  bool greatest = false;
  std::vector<Expr*> arguments;
  MinMax() : Expr(ExprKind::MinMax) {}
};
struct Cast : Expr {
  Expr* operand = nullptr;
  TypeName* type = nullptr;
  Cast() : Expr(ExprKind::Cast) {}
};
struct Collate : Expr {
  Expr* operand = nullptr;
  QualifiedName collation;
  Collate() : Expr(ExprKind::Collate) {}
};
struct Array : Expr {
  std::vector<Expr*> elements;
  Array() : Expr(ExprKind::Array) {}
};
struct Subscript : Expr {
  Expr* operand = nullptr;
  /// [upper] or [lower:upper]
  struct Index {
    bool slice = false;
    Expr* lower = nullptr;
    Expr* upper = nullptr;
  };
  std::vector<Index> indexes;
  Subscript() : Expr(ExprKind::Subscript) {}
};
/// (operand).field; empty name: (operand).*
struct FieldSelect : Expr {
  Expr* operand = nullptr;
  std::string field;
  FieldSelect() : Expr(ExprKind::FieldSelect) {}
};
struct Row : Expr {
  std::vector<Expr*> fields;
  Row() : Expr(ExprKind::Row) {}
};
struct Subquery : Expr {
  enum class Kind : std::uint8_t { Exists, Scalar, Array, Any, All } type = Kind::Scalar;
  Expr* operand = nullptr;      ///< Any, All: left side
  QualifiedName operator_name;  ///< Any, All: empty means IN (=)
  SelectStatement* query = nullptr;
  Subquery() : Expr(ExprKind::Subquery) {}
};
/// CURRENT_DATE, CURRENT_TIMESTAMP(n), CURRENT_USER, ...: `name` in lower case
struct ValueFunction : Expr {
  std::string name;
  int precision = -1;
  ValueFunction() : Expr(ExprKind::ValueFunction) {}
};
/// DEFAULT in VALUES, SET or INSERT
struct Default : Expr {
  Default() : Expr(ExprKind::Default) {}
};

struct TypeName {
  QualifiedName names;
  std::vector<Expr*> modifiers;
  int array_dimensions = 0;
  int location = -1;
};

/// Safe downcast by kind is the caller's duty: `switch (e->kind)`.
template <typename T, typename Base>
const T& as(const Base& node) {
  return static_cast<const T&>(node);
}

}  // namespace omen::sql::ast
