#include <fmt/format.h>

#include <algorithm>

#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

/// Whether a SELECT names `table` anywhere in its FROM items or set operation arms; deep enough to
/// tell a recursive CTE from a plain one. A false alarm only costs an error for odd shadowing.
class TableSearch {
 public:
  explicit TableSearch(std::string_view table) : table_(table) {}

  bool found_in(const ast::SelectStatement& select) {
    if (select.set_operation != ast::SetOperation::None) {
      return found_in(*select.left) || found_in(*select.right);
    }
    return std::any_of(select.from.begin(), select.from.end(),
                       [this](const ast::FromItem* item) { return found_in(*item); });
  }

 private:
  bool found_in(const ast::FromItem& item) {
    switch (item.kind) {
      case ast::FromKind::Table: {
        const auto& name = ast::as<ast::FromTable>(item).name;
        return name.size() == 1 && name[0] == table_;
      }
      case ast::FromKind::Subquery:
        return found_in(*ast::as<ast::FromSubquery>(item).query);
      case ast::FromKind::Join: {
        const auto& join = ast::as<ast::FromJoin>(item);
        return found_in(*join.left) || found_in(*join.right);
      }
      case ast::FromKind::Function:
        return false;
    }
    return false;
  }

  std::string_view table_;
};

}  // namespace

void StatementBinder::bind_with(const ast::With* node, BoundQuery& out) {
  if (node == nullptr) {
    return;
  }
  for (const ast::CommonTableExpression* expression : node->expressions) {
    for (const CommonTable* other : out.ctes) {
      if (other->name == expression->name) {
        throw SqlError(
            sqlstate::kDuplicateAlias,
            fmt::format("WITH query name \"{}\" specified more than once", expression->name))
            .at(expression->location);
      }
    }
    auto* table = state_.make<CommonTable>();
    table->name = expression->name;
    table->materialized = expression->materialized;
    if (expression->query->kind != ast::StatementKind::Select) {
      if (scope_->parent != nullptr) {
        throw SqlError(sqlstate::kFeatureNotSupported,
                       "WITH clause containing a data-modifying statement must be at the top level")
            .at(expression->location);
      }
      table->query = bind_modifying(*expression->query);
      name_cte_columns(*expression, *table);
      out.ctes.push_back(table);
      continue;
    }
    const auto& select = ast::as<ast::SelectStatement>(*expression->query);
    if (node->recursive && TableSearch(expression->name).found_in(select)) {
      table->recursive = true;
      bind_recursive(*expression, *table);
      continue;
    }
    table->query = bind_select(select, {});
    name_cte_columns(*expression, *table);
    out.ctes.push_back(table);
  }
}

void StatementBinder::name_cte_columns(const ast::CommonTableExpression& node,
                                       CommonTable& table) const {
  table.columns.clear();
  for (const BoundTarget& target :
       is_modifying(*table.query) ? table.query->returning : table.query->targets) {
    if (!target.hidden) {
      table.columns.push_back({target.name, target.expression->type, false});
    }
  }
  if (node.column_aliases.size() > table.columns.size()) {
    throw SqlError(
        sqlstate::kInvalidColumnReference,
        fmt::format("WITH query \"{}\" has {} columns available but {} columns specified",
                    node.name, table.columns.size(), node.column_aliases.size()))
        .at(node.location);
  }
  for (std::size_t i = 0; i < node.column_aliases.size(); ++i) {
    table.columns[i].name = node.column_aliases[i];
  }
}

/// base UNION [ALL] recursive: the base alone decides the columns, then both are bound as usual.
void StatementBinder::bind_recursive(const ast::CommonTableExpression& node, CommonTable& table) {
  const auto& select = ast::as<ast::SelectStatement>(*node.query);
  const auto malformed = [&] {
    throw SqlError(
        sqlstate::kInvalidRecursion,
        fmt::format("recursive query \"{}\" does not have the form non-recursive-term UNION "
                    "[ALL] recursive-term",
                    node.name))
        .at(node.location);
  };
  if (select.set_operation != ast::SetOperation::Union) {
    malformed();
  }
  if (TableSearch(node.name).found_in(*select.left)) {
    throw SqlError(sqlstate::kInvalidRecursion,
                   fmt::format("recursive reference to query \"{}\" must not appear within its "
                               "non-recursive term",
                               node.name))
        .at(node.location);
  }
  if (!select.order_by.empty() || select.limit != nullptr || select.offset != nullptr) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   select.order_by.empty() ? "LIMIT in a recursive query is not implemented"
                                           : "ORDER BY in a recursive query is not implemented")
        .at(node.location);
  }
  auto* query = state_.make<BoundQuery>();
  BoundQuery& owner = *scope_->query;
  ScopeGuard guard(*this, query);
  bind_with(select.with, *query);
  query->kind = QueryKind::SetOperation;
  query->set_operation = select.set_operation;
  query->set_all = select.all;
  query->left = bind_select(*select.left, {});
  table.query = query->left;
  name_cte_columns(node, table);
  table.query = query;
  owner.ctes.push_back(&table);
  query->right = bind_select(*select.right, {.keep_unknown = true});
  const std::size_t columns = visible_count(*query->left);
  for (std::size_t i = 0; i < columns && i < visible_count(*query->right); ++i) {
    const Oid from_base = query->left->targets[i].expression->type.oid;
    const ExpressionList pair{query->left->targets[i].expression,
                              query->right->targets[i].expression};
    const Oid overall = common_type(state_, pair, "UNION");
    if (overall != from_base) {
      throw SqlError(
          sqlstate::kDatatypeMismatch,
          fmt::format("recursive query \"{}\" column {} has type {} in non-recursive term but "
                      "type {} overall",
                      node.name, i + 1, type_text(from_base), type_text(overall)))
          .hint("Cast the output of the non-recursive term to the correct type.")
          .at(query->left->targets[i].expression->location);
    }
  }
  unify_arms(*query, "UNION");
}

CommonTable* StatementBinder::find_cte(const std::string& name, int* index, int* levels) {
  *levels = 0;
  for (Scope* scope = scope_; scope != nullptr; scope = scope->parent, ++*levels) {
    if (scope->query != nullptr) {
      const std::vector<CommonTable*>& tables = scope->query->ctes;
      for (std::size_t i = 0; i < tables.size(); ++i) {
        if (tables[i]->name == name) {
          *index = static_cast<int>(i);
          return tables[i];
        }
      }
    }
    if (scope->barrier) {
      break;
    }
  }
  return nullptr;
}

}  // namespace omen::sql
