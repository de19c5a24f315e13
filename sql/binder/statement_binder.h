#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/binder/coercion.h"
#include "sql/binder/names.h"
#include "sql/binder/overload.h"
#include "sql/binder/scope.h"

namespace omen::sql {

/// Binds one statement: members by topic in sql/binder/*.cpp. The scope of the query at work is a
/// member, so that expressions need no extra argument. Not thread-safe, used once.
class StatementBinder {
 public:
  explicit StatementBinder(BindContext& context) : state_(context) {}

  BoundQuery* bind_statement(const ast::Statement& statement);
  Expression* bind_standalone(const ast::Expr& expression, const engine::Table* table, Type target,
                              std::string_view target_name);
  [[nodiscard]] const BindState& state() const { return state_; }

 private:
  // --- expression.cpp ---
  Expression* bind(const ast::Expr& expression);
  ExpressionList bind_all(const std::vector<ast::Expr*>& list);
  Expression* bind_constant(const ast::Constant& node);
  Expression* bind_boolean(const ast::Boolean& node);
  Expression* bind_null_test(const ast::NullTest& node);
  Expression* null_test(Expression* operand, bool negated, int location);
  Expression* bind_boolean_test(const ast::BooleanTest& node);
  Expression* bind_cast(const ast::Cast& node);
  Expression* bind_collate(const ast::Collate& node);
  Expression* bind_value_function(const ast::ValueFunction& node);
  Expression* bind_field_select(const ast::FieldSelect& node);
  Expression* bind_subscript(const ast::Subscript& node);
  Expression* bind_row(const ast::Row& node);
  Expression* to_boolean(Expression* expression, std::string_view clause);

  // --- conditional.cpp: CASE, COALESCE, GREATEST, NULLIF, ARRAY ---
  Expression* bind_case(const ast::Case& node);
  Expression* bind_coalesce(const ast::Coalesce& node);
  Expression* bind_min_max(const ast::MinMax& node);
  Expression* bind_null_if(const ast::NullIf& node);
  Expression* bind_array(const ast::Array& node, Type wanted);

  // --- comparison.cpp ---
  Expression* bind_operator(const ast::Operator& node);
  Expression* make_operator(const ast::QualifiedName& name, Expression* left, Expression* right,
                            int location);
  Expression* make_row_operator(const ast::QualifiedName& name, const ExpressionList& left,
                                const ExpressionList& right, int location);
  Expression* ordered_row_operator(const std::string& name, const ExpressionList& left,
                                   const ExpressionList& right, std::size_t from, int location);
  Expression* bind_any_all(const ast::AnyAll& node);
  Expression* make_any_all(const ast::QualifiedName& name, bool all, Expression* left,
                           Expression* right, int location);
  Expression* bind_in(const ast::In& node);
  Expression* in_array(const ast::In& node, Expression* operand, const ExpressionList& items);
  Expression* bind_between(const ast::Between& node);
  Expression* bind_like(const ast::Like& node);
  Expression* bind_distinct(const ast::DistinctTest& node);
  Expression* make_distinct(Expression* left, Expression* right, bool negated, int location);
  Expression* make_boolean(ExpressionKind kind, ExpressionList arguments, int location);
  Expression* make_not(Expression* operand, int location);

  // --- function_call.cpp ---
  Expression* bind_call(const ast::FunctionCall& node);
  std::vector<Candidate> function_candidates(const ast::FunctionCall& node, std::size_t count);
  Expression* call_as_cast(const ast::FunctionCall& node, ExpressionList& arguments);
  Expression* bind_spread_call(const ast::FunctionCall& node, ExpressionList arguments);
  Expression* finish_call(const ast::FunctionCall& node, Candidate candidate,
                          ExpressionList arguments);
  Expression* finish_aggregate(const ast::FunctionCall& node, const Candidate& candidate,
                               ExpressionList arguments);
  /// Arguments in the order of the function's parameters: names are only known for OUT columns, so
  /// named notation is refused.
  Expression* call_named(std::string_view name, ExpressionList arguments, int location);
  void refuse_aggregate(int location) const;
  void refuse_set_call(int location) const;

  // --- column.cpp ---
  Expression* bind_column(const ast::ColumnRef& node);
  Expression* find_column(const std::string& name, int location);
  Expression* find_qualified(const ast::QualifiedName& name, int location);
  Expression* column_of(Scope& owner, int levels, const NamespaceItem& item,
                        const std::string& name, int location);
  Expression* system_column(Scope& owner, int levels, const NamespaceItem& item,
                            const std::string& name, int location);
  Expression* use_column(Scope& owner, int levels, const VisibleColumn& column, int location);
  const NamespaceItem* find_item(const ast::QualifiedName& qualifier, Scope** owner, int* levels);
  Expression* whole_row(Scope& owner, int levels, const NamespaceItem& item, int location);
  [[noreturn]] void missing_column(const ast::QualifiedName& name, int location);
  [[noreturn]] void missing_item(const ast::QualifiedName& qualifier, int location);
  void mark_outer(int levels);
  std::vector<BoundTarget> expand_star(const ast::ColumnRef& node);

  // --- subquery.cpp ---
  Expression* bind_subquery(const ast::Subquery& node);
  void compare_with_columns(const ast::Subquery& node, SubqueryExpression& out);
  /// Coerces an output column of a query, in place.
  void coerce_column(BoundQuery& query, std::size_t column, const CoercionRequest& request);

  // --- select.cpp ---
  /// What a query needs of the queries around it.
  struct OuterUse {
    bool any = false;     ///< a column of some outer query
    bool parent = false;  ///< ... of the nearest one
  };
  struct SelectOptions {
    bool keep_unknown = false;  ///< literals stay untyped: arms of UNION, sources of INSERT
  };
  BoundQuery* bind_select(const ast::SelectStatement& node, SelectOptions options,
                          OuterUse* use = nullptr);
  void bind_plain_select(const ast::SelectStatement& node, BoundQuery& out);
  std::vector<BoundTarget> bind_targets(const std::vector<ast::Target*>& targets);
  void set_origin(BoundTarget& target) const;
  Expression* bind_limit(const ast::Expr* node, Place place);
  void bind_locking(const ast::SelectStatement& node, BoundQuery& out);
  void bind_values(const ast::SelectStatement& node, BoundQuery& out);
  static std::size_t visible_count(const BoundQuery& query);
  void resolve_unknown_targets(BoundQuery& query);

  // --- order.cpp: ORDER BY, GROUP BY, DISTINCT ---
  void bind_order_by(const ast::SelectStatement& node, BoundQuery& out);
  void bind_group_by(const ast::SelectStatement& node, BoundQuery& out);
  void bind_distinct(const ast::SelectStatement& node, BoundQuery& out);
  int find_target(const ast::Expr& node, BoundQuery& out, std::string_view clause);
  int position_or_name(const ast::Expr& node, BoundQuery& out, std::string_view clause);
  int add_target(Expression* expression, BoundQuery& out);
  bool names_input_column(const std::string& name);
  BoundQuery::OrderBy sort_direction(const ast::SortBy& node, Oid type) const;

  // --- grouping.cpp ---
  void check_grouping(BoundQuery& query);

  // --- from.cpp ---
  void bind_from(const std::vector<ast::FromItem*>& list, BoundQuery& out);
  struct FromResult {
    JoinTree* tree = nullptr;
    std::vector<NamespaceItem> items;
  };
  FromResult from_item(const ast::FromItem& node);
  FromResult from_table(const ast::FromTable& node);
  FromResult from_subquery(const ast::FromSubquery& node);
  FromResult from_function(const ast::FromFunction& node);
  FromResult from_join(const ast::FromJoin& node);
  FromResult from_cte(const ast::FromTable& node, CommonTable& table, int index, int levels);
  FromResult add_relation(Relation* relation, const ast::FromItem& node, std::string schema);
  Relation* table_relation(const engine::Table& table);
  Relation* system_relation(const SystemRelation& system);
  void check_alias(const std::vector<NamespaceItem>& items,
                   const std::vector<NamespaceItem>& added) const;
  void function_columns(Relation& relation, const ast::FromFunction& node, const ast::Expr& call,
                        Expression& bound);
  NamespaceItem using_columns(const ast::FromJoin& node, JoinTree& tree, FromResult& left,
                              FromResult& right);

  // --- with.cpp ---
  void bind_with(const ast::With* node, BoundQuery& out);
  void bind_recursive(const ast::CommonTableExpression& node, CommonTable& table);
  void name_cte_columns(const ast::CommonTableExpression& node, CommonTable& table) const;
  CommonTable* find_cte(const std::string& name, int* index, int* levels);

  // --- set_operation.cpp ---
  void bind_set_operation(const ast::SelectStatement& node, BoundQuery& out);
  void unify_arms(BoundQuery& out, std::string_view clause);

  // --- modify.cpp, insert.cpp, on_conflict.cpp ---
  /// INSERT, UPDATE or DELETE.
  BoundQuery* bind_modifying(const ast::Statement& statement);
  BoundQuery* bind_insert(const ast::InsertStatement& node);
  BoundQuery* bind_update(const ast::UpdateStatement& node);
  BoundQuery* bind_delete(const ast::DeleteStatement& node);
  const engine::Table& target_table(const ast::FromTable& node);
  int add_target_relation(const engine::Table& table, const ast::FromTable& node, BoundQuery& out);
  int column_index(const engine::Table& table, const std::string& name, int location) const;
  std::vector<BoundAssignment> bind_assignments(const std::vector<ast::Assignment*>& list,
                                                const engine::Table& table);
  void bind_returning(const std::vector<ast::Target*>& list, BoundQuery& out);
  void bind_checks(const engine::Table& table, BoundQuery& out);
  struct InsertColumns {
    const engine::Table& table;
    std::vector<int> positions;  ///< of the columns given, in order
    std::vector<int> locations;
    ast::InsertStatement::Overriding overriding;
  };
  InsertColumns insert_columns(const ast::InsertStatement& node, const engine::Table& table) const;
  void insert_rows(const ast::InsertStatement& node, const InsertColumns& columns, BoundQuery& out);
  ExpressionList bind_insert_row(const std::vector<ast::Expr*>& row, const InsertColumns& columns);
  void insert_query(const ast::InsertStatement& node, const InsertColumns& columns,
                    BoundQuery& out);
  void check_arity(const InsertColumns& columns, std::size_t count, int extra_location) const;
  void check_identity(const InsertColumns& columns, int position, bool is_default) const;
  Expression* default_value(const engine::Table& table, int position);
  /// An expression stored as text, bound in `scope`. Its errors have no place in the statement.
  Expression* bind_stored(const std::string& sql, Scope& scope);
  Expression* identity_value(const engine::Table& table, int position);
  void bind_on_conflict(const ast::OnConflict& node, const engine::Table& table, BoundQuery& out);
  std::vector<Oid> infer_arbiters(const ast::OnConflict& node, const engine::Table& table) const;

  /// A query level that is at work until the end of a block.
  class ScopeGuard;
  class PlaceGuard;

  BindState state_;
  Scope* scope_ = nullptr;
};

class StatementBinder::ScopeGuard {
 public:
  ScopeGuard(StatementBinder& binder, BoundQuery* query) : binder_(binder) {
    scope.parent = binder.scope_;
    scope.query = query;
    binder.scope_ = &scope;
  }
  ~ScopeGuard() { binder_.scope_ = scope.parent; }
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;

  Scope scope;

 private:
  StatementBinder& binder_;
};

class StatementBinder::PlaceGuard {
 public:
  PlaceGuard(StatementBinder& binder, Place place)
      : scope_(*binder.scope_), place_(std::exchange(scope_.place, place)) {}
  ~PlaceGuard() { scope_.place = place_; }
  PlaceGuard(const PlaceGuard&) = delete;
  PlaceGuard& operator=(const PlaceGuard&) = delete;

 private:
  Scope& scope_;
  Place place_;
};

/// The name PostgreSQL gives an output column without alias.
std::string derived_name(const ast::Expr& expression);
/// "WHERE", "JOIN conditions"...: a place as errors about aggregates name it.
std::string_view place_name(Place place);

}  // namespace omen::sql
