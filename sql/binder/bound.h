#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/catalog.h"
#include "engine/base/value.h"
#include "sql/functions/function.h"
#include "sql/parser/ast.h"
#include "sql/types/type.h"

/// The bound tree: every name resolved to a relation, column, function or type; every type known;
/// implicit casts written out. Immutable once made; lives in the plan's Arena.
namespace omen::sql {

struct BoundQuery;

// ---------------------------------------------------------------- expressions

enum class ExpressionKind : std::uint8_t {
  Constant,
  Parameter,
  Column,
  Call,
  AnyAll,
  And,
  Or,
  Not,
  IsNull,
  BooleanTest,
  IsDistinct,
  NullIf,
  Case,
  Coalesce,
  MinMax,
  ArrayConstruct,
  ArraySubscript,
  Row,
  Subquery,
  Aggregate,
  InputOutputCast,
  ArrayCast,
  Relabel,
  SetCall
};

struct Expression {
  ExpressionKind kind;
  Type type;  ///< of the value
  int location = -1;
  Expression(ExpressionKind k, Type t) : kind(k), type(t) {}
};
using ExpressionList = std::vector<Expression*>;

struct ConstantExpression : Expression {
  engine::Value value;  ///< of the type's PhysicalType
  explicit ConstantExpression(Type t) : Expression(ExpressionKind::Constant, t) {}
};
struct ParameterExpression : Expression {
  int number = 0;  ///< $1 is 1
  explicit ParameterExpression(Type t) : Expression(ExpressionKind::Parameter, t) {}
};
/// Column `column` of relation `relation` of the query `levels_up` queries out (0: this one).
/// column: position in the relation's columns; kTableOidColumn and engine pseudo columns are
/// negative.
struct ColumnExpression : Expression {
  int levels_up = 0;
  int relation = 0;
  int column = 0;
  explicit ColumnExpression(Type t) : Expression(ExpressionKind::Column, t) {}
};
constexpr int kTableOidColumn = -100;
constexpr int kCtidColumn = -101;  ///< tid made of the row id and xid
constexpr int kXminColumn = -102;

/// A function, or an operator through its function.
struct CallExpression : Expression {
  const FunctionDef* function = nullptr;
  /// If written as an operator (EXPLAIN, index matching)
  const OperatorDef* operator_def = nullptr;
  ExpressionList arguments;
  std::vector<Type> argument_types;  ///< resolved
  enum class Form : std::uint8_t {
    Function,
    Operator,
    ExplicitCast,
    ImplicitCast
  } form = Form::Function;
  explicit CallExpression(Type t) : Expression(ExpressionKind::Call, t) {}
};
/// left op ANY/ALL(array); also IN lists of more than one constant
struct AnyAllExpression : Expression {
  const OperatorDef* operator_def = nullptr;
  bool all = false;
  Expression* left = nullptr;
  Expression* right = nullptr;
  AnyAllExpression() : Expression(ExpressionKind::AnyAll, {type_oid::kBool, -1}) {}
};
/// And, Or (any number of arguments), Not (one)
struct BooleanExpression : Expression {
  ExpressionList arguments;
  explicit BooleanExpression(ExpressionKind k) : Expression(k, {type_oid::kBool, -1}) {}
};
struct IsNullExpression : Expression {
  Expression* operand = nullptr;
  bool negated = false;
  IsNullExpression() : Expression(ExpressionKind::IsNull, {type_oid::kBool, -1}) {}
};
struct BooleanTestExpression : Expression {
  Expression* operand = nullptr;
  ast::BooleanTest::Test test = ast::BooleanTest::Test::True;
  BooleanTestExpression() : Expression(ExpressionKind::BooleanTest, {type_oid::kBool, -1}) {}
};
/// IS [NOT] DISTINCT FROM, through the = operator
struct IsDistinctExpression : Expression {
  const OperatorDef* equality = nullptr;
  Expression* left = nullptr;
  Expression* right = nullptr;
  bool negated = false;
  IsDistinctExpression() : Expression(ExpressionKind::IsDistinct, {type_oid::kBool, -1}) {}
};
struct NullIfExpression : Expression {
  const OperatorDef* equality = nullptr;
  Expression* left = nullptr;
  Expression* right = nullptr;
  explicit NullIfExpression(Type t) : Expression(ExpressionKind::NullIf, t) {}
};
/// CASE with conditions only (CASE x WHEN y is bound as x = y; x may be evaluated more than once)
struct CaseExpression : Expression {
  struct When {
    Expression* condition;
    Expression* result;
  };
  std::vector<When> whens;
  Expression* otherwise = nullptr;  ///< never null: a NULL constant if not written
  explicit CaseExpression(Type t) : Expression(ExpressionKind::Case, t) {}
};
struct CoalesceExpression : Expression {
  ExpressionList arguments;
  explicit CoalesceExpression(Type t) : Expression(ExpressionKind::Coalesce, t) {}
};
struct MinMaxExpression : Expression {
  bool greatest = false;
  ExpressionList arguments;
  explicit MinMaxExpression(Type t) : Expression(ExpressionKind::MinMax, t) {}
};
/// ARRAY[...]; multidimensional: elements are arrays of the same array type
struct ArrayConstructExpression : Expression {
  Type element_type;
  bool nested = false;
  ExpressionList elements;
  explicit ArrayConstructExpression(Type t) : Expression(ExpressionKind::ArrayConstruct, t) {}
};
struct ArraySubscriptExpression : Expression {
  Expression* array = nullptr;
  struct Index {
    bool slice = false;
    Expression* lower = nullptr;
    Expression* upper = nullptr;
  };
  std::vector<Index> indexes;  ///< int4
  explicit ArraySubscriptExpression(Type t) : Expression(ExpressionKind::ArraySubscript, t) {}
};
/// ROW(...) as a value of type record: only printed, compared by the binder's expansion
struct RowExpression : Expression {
  ExpressionList fields;
  RowExpression() : Expression(ExpressionKind::Row, {type_oid::kRecord, -1}) {}
};
struct SubqueryExpression : Expression {
  ast::Subquery::Kind subquery_kind = ast::Subquery::Kind::Scalar;
  BoundQuery* query = nullptr;
  bool correlated = false;  ///< refers to columns of outer queries
  /// Any, All: `operators[i]` compares left[i] with column i of the query.
  ExpressionList left;
  std::vector<const OperatorDef*> operators;
  explicit SubqueryExpression(Type t) : Expression(ExpressionKind::Subquery, t) {}
};
struct SortKey {
  Expression* expression = nullptr;
  bool descending = false;
  bool nulls_first = false;
};
struct AggregateExpression : Expression {
  const AggregateDef* aggregate = nullptr;
  ExpressionList arguments;
  std::vector<Type> argument_types;
  bool distinct = false;
  bool star = false;
  Expression* filter = nullptr;
  std::vector<SortKey> order_by;
  explicit AggregateExpression(Type t) : Expression(ExpressionKind::Aggregate, t) {}
};
/// Conversion through text: output function of the source, input function of the target
struct InputOutputCastExpression : Expression {
  Expression* operand = nullptr;
  bool is_explicit = true;
  explicit InputOutputCastExpression(Type t) : Expression(ExpressionKind::InputOutputCast, t) {}
};
/// Element-wise cast of an array by a one-argument (or with modifier) cast function
struct ArrayCastExpression : Expression {
  Expression* operand = nullptr;
  /// Over a ColumnExpression{relation -1, column 0}: the element
  Expression* element_cast = nullptr;
  bool is_explicit = true;
  explicit ArrayCastExpression(Type t) : Expression(ExpressionKind::ArrayCast, t) {}
};
/// Same bits, another type (varchar as text)
struct RelabelExpression : Expression {
  Expression* operand = nullptr;
  bool is_explicit = false;
  explicit RelabelExpression(Type t) : Expression(ExpressionKind::Relabel, t) {}
};
/// Set-returning function in a select list (ProjectSet)
struct SetCallExpression : Expression {
  const FunctionDef* function = nullptr;
  ExpressionList arguments;
  std::vector<Type> argument_types;
  explicit SetCallExpression(Type t) : Expression(ExpressionKind::SetCall, t) {}
};

// ---------------------------------------------------------------- queries

struct RelationColumn {
  std::string name;
  Type type;
  bool hidden = false;  ///< dropped columns keep their place
};

/// A system relation (sql/catalog) whose rows are made on the fly.
struct SystemRelation;

enum class RelationKind : std::uint8_t { Table, System, Subquery, Function, CommonTable, Values };
/// One range-table entry of a query.
struct Relation {
  RelationKind kind = RelationKind::Table;
  std::string alias;  ///< as it can be referred to
  std::vector<RelationColumn> columns;
  const engine::Table* table = nullptr;       ///< Table: pinned by the plan's catalog
  const SystemRelation* system = nullptr;     ///< System
  BoundQuery* query = nullptr;                ///< Subquery
  bool lateral = false;                       ///< Subquery, Function: refers to earlier items
  std::vector<SetCallExpression*> functions;  ///< Function: one, or ROWS FROM
  Expression* scalar_function = nullptr;      ///< Function: a scalar function used as a table
  bool with_ordinality = false;
  int common_table = -1;               ///< CommonTable: index into the `ctes` of ...
  int common_table_levels_up = 0;      ///< ... the query this many levels out
  std::vector<ExpressionList> values;  ///< Values
};

/// FROM as a tree: a leaf is a relation, an inner node a join.
struct JoinTree {
  int relation = -1;  ///< leaf, or -1
  ast::JoinType type = ast::JoinType::Inner;
  JoinTree* left = nullptr;
  JoinTree* right = nullptr;
  Expression* condition = nullptr;  ///< ON / USING, null for a cross join
};

struct BoundTarget {
  Expression* expression = nullptr;
  std::string name;
  bool hidden = false;  ///< only for ORDER BY / GROUP BY / DISTINCT ON
  Oid table_oid = 0;    ///< a plain column's origin, for RowDescription
  std::int16_t column_number = 0;
};

struct CommonTable {
  std::string name;
  BoundQuery* query = nullptr;
  std::vector<RelationColumn> columns;
  bool recursive = false;  ///< query is the UNION of a base and a recursive term
  std::optional<bool> materialized;
  int reference_count = 0;
};

enum class QueryKind : std::uint8_t { Select, SetOperation, Values, Insert, Update, Delete };

struct BoundAssignment {
  int column = 0;                    ///< position in the target table
  Expression* expression = nullptr;  ///< of the column's type
};
struct BoundOnConflict {
  bool do_update = false;
  std::vector<Oid> arbiter_indexes;  ///< empty: any unique index (DO NOTHING)
  /// Over relation `target_relation` (the existing row) and `excluded_relation` (the proposed one).
  std::vector<BoundAssignment> assignments;
  Expression* where = nullptr;
};

struct RowLock {
  int relation = 0;
  ast::LockStrength strength = ast::LockStrength::Update;
  bool no_wait = false;
  bool skip_locked = false;
};

/// "FOR UPDATE" and so on.
std::string_view lock_strength_name(ast::LockStrength strength);

/// A query with every name resolved. Clauses apply in SQL's order: FROM, WHERE, GROUP BY, HAVING,
/// targets, DISTINCT, set operation, ORDER BY, OFFSET, LIMIT.
struct BoundQuery {
  QueryKind kind = QueryKind::Select;
  std::vector<CommonTable*> ctes;
  std::vector<Relation*> relations;
  JoinTree* from = nullptr;  ///< null: one row without columns
  Expression* where = nullptr;
  ExpressionList group_by;
  bool has_aggregates = false;  ///< aggregates, GROUP BY or HAVING are present
  Expression* having = nullptr;
  std::vector<BoundTarget> targets;  ///< visible first, hidden last
  bool has_set_calls = false;        ///< a SetCall in targets
  bool distinct = false;
  std::vector<int> distinct_on;  ///< target positions
  /// Sort keys refer to targets by position (hidden ones added for other expressions).
  struct OrderBy {
    int target = 0;
    bool descending = false;
    bool nulls_first = false;
  };
  std::vector<OrderBy> order_by;
  Expression* limit = nullptr;  ///< int8
  Expression* offset = nullptr;
  std::vector<RowLock> row_locks;
  // SetOperation: targets name the output columns (ColumnExpression{relation 0, column i} over it)
  ast::SetOperation set_operation = ast::SetOperation::None;
  bool set_all = false;
  BoundQuery* left = nullptr;
  BoundQuery* right = nullptr;
  // Values: rows of expressions, targets as for SetOperation
  std::vector<ExpressionList> values;
  // Insert, Update, Delete
  int target_relation = -1;      ///< index into relations
  int excluded_relation = -1;    ///< ON CONFLICT DO UPDATE
  BoundQuery* source = nullptr;  ///< Insert: rows to insert; null: one row of defaults
  /// Insert: one per table column (null for dropped ones), over ColumnExpression{relation =
  /// source_relation}.
  ExpressionList insert_values;
  int source_relation = -1;                  ///< Insert: stands for a row of `source`
  std::vector<BoundAssignment> assignments;  ///< Update
  BoundOnConflict* on_conflict = nullptr;
  std::vector<BoundTarget> returning;
  std::vector<Expression*> checks;  ///< CHECK constraints of the target over target_relation
  std::vector<std::string> check_names;
};

inline bool is_modifying(const BoundQuery& query) {
  return query.kind == QueryKind::Insert || query.kind == QueryKind::Update ||
         query.kind == QueryKind::Delete;
}

}  // namespace omen::sql
