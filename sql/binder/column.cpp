#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/binder/expression_tree.h"
#include "sql/binder/similar_name.h"
#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

/// Whether a scope's FROM items may be named at the moment.
bool usable(const Scope& scope) {
  return !scope.building_from || scope.lateral_active;
}

}  // namespace

void StatementBinder::mark_outer(int levels) {
  Scope* scope = scope_;
  for (int i = 0; i < levels; ++i) {
    scope->refers_outer = true;
    if (i + 1 == levels) {
      scope->refers_parent = true;
    }
    scope = scope->parent;
  }
}

Expression* StatementBinder::use_column(Scope& owner, int levels, const VisibleColumn& column,
                                        int location) {
  static_cast<void>(owner);
  mark_outer(levels);
  if (column.expression->kind == ExpressionKind::Column) {
    auto* out =
        state_.make<ColumnExpression>(static_cast<const ColumnExpression&>(*column.expression));
    out->levels_up += levels;
    out->location = location;
    return out;
  }
  return raised(state_.context().arena, *column.expression, levels);
}

Expression* StatementBinder::find_column(const std::string& name, int location) {
  int levels = 0;
  for (Scope* scope = scope_; scope != nullptr; scope = scope->parent, ++levels) {
    if (usable(*scope)) {
      const VisibleColumn* found = nullptr;
      const NamespaceItem* only_table = nullptr;
      std::size_t table_count = 0;
      for (const NamespaceItem& item : scope->items) {
        if (!item.columns_visible) {
          continue;
        }
        for (const VisibleColumn& column : item.columns) {
          if (column.name != name) {
            continue;
          }
          if (found != nullptr) {
            throw SqlError(sqlstate::kAmbiguousColumn,
                           fmt::format("column reference \"{}\" is ambiguous", name))
                .at(location);
          }
          found = &column;
        }
        if (item.relation >= 0) {
          only_table = &item;
          ++table_count;
        }
      }
      if (found != nullptr) {
        return use_column(*scope, levels, *found, location);
      }
      if (table_count == 1) {
        if (Expression* system = system_column(*scope, levels, *only_table, name, location)) {
          return system;
        }
      } else if (table_count > 1 && (name == "ctid" || name == "xmin" || name == "tableoid")) {
        throw SqlError(sqlstate::kAmbiguousColumn,
                       fmt::format("column reference \"{}\" is ambiguous", name))
            .at(location);
      }
    }
    if (scope->barrier) {
      break;
    }
  }
  return nullptr;
}

Expression* StatementBinder::system_column(Scope& owner, int levels, const NamespaceItem& item,
                                           const std::string& name, int location) {
  if (item.relation < 0) {
    return nullptr;
  }
  const Relation& relation = *owner.query->relations[static_cast<std::size_t>(item.relation)];
  if (relation.kind != RelationKind::Table && relation.kind != RelationKind::System) {
    return nullptr;
  }
  int column = 0;
  Oid type = 0;
  if (name == "tableoid") {
    column = kTableOidColumn;
    type = type_oid::kOid;
  } else if (name == "ctid") {
    column = kCtidColumn;
    type = type_oid::kTid;
  } else if (name == "xmin") {
    column = kXminColumn;
    type = type_oid::kXid;
  } else if (name == "xmax" || name == "cmin" || name == "cmax") {
    unsupported(fmt::format("system column \"{}\"", name), location);
  } else {
    return nullptr;
  }
  mark_outer(levels);
  if (relation.kind == RelationKind::System) {
    if (column != kTableOidColumn) {
      unsupported(fmt::format("system column \"{}\" of a catalog relation", name), location);
    }
    auto* oid = state_.make<ConstantExpression>(Type{type, -1});
    oid->value = static_cast<std::int64_t>(relation.system->oid);
    oid->location = location;
    return oid;
  }
  auto* out = state_.make<ColumnExpression>(Type{type, -1});
  out->levels_up = levels;
  out->relation = item.relation;
  out->column = column;
  out->location = location;
  return out;
}

const NamespaceItem* StatementBinder::find_item(const ast::QualifiedName& qualifier, Scope** owner,
                                                int* levels) {
  const std::string& alias = qualifier.back();
  *levels = 0;
  for (Scope* scope = scope_; scope != nullptr; scope = scope->parent, ++*levels) {
    if (usable(*scope)) {
      const NamespaceItem* found = nullptr;
      for (const NamespaceItem& item : scope->items) {
        const bool matches =
            item.alias_visible && item.alias == alias &&
            (qualifier.size() == 1 || item.schema == qualifier[qualifier.size() - 2]);
        if (matches) {
          found = &item;
        }
      }
      if (found != nullptr) {
        *owner = scope;
        return found;
      }
    }
    if (scope->barrier) {
      break;
    }
  }
  return nullptr;
}

Expression* StatementBinder::column_of(Scope& owner, int levels, const NamespaceItem& item,
                                       const std::string& name, int location) {
  const VisibleColumn* found = nullptr;
  for (const VisibleColumn& column : item.columns) {
    if (column.name == name) {
      if (found != nullptr) {
        throw SqlError(sqlstate::kAmbiguousColumn,
                       fmt::format("column reference \"{}\" is ambiguous", name))
            .at(location);
      }
      found = &column;
    }
  }
  return found != nullptr ? use_column(owner, levels, *found, location)
                          : system_column(owner, levels, item, name, location);
}

Expression* StatementBinder::find_qualified(const ast::QualifiedName& name, int location) {
  const ast::QualifiedName qualifier(name.begin(), name.end() - 1);
  Scope* owner = nullptr;
  int levels = 0;
  const NamespaceItem* item = find_item(qualifier, &owner, &levels);
  if (item == nullptr) {
    missing_item(qualifier, location);
  }
  Expression* column = column_of(*owner, levels, *item, name.back(), location);
  if (column == nullptr) {
    missing_column(name, location);
  }
  return column;
}

Expression* StatementBinder::bind_column(const ast::ColumnRef& node) {
  if (node.star) {
    if (node.names.empty()) {
      throw SqlError(sqlstate::kSyntaxError, "row expansion via \"*\" is not supported here")
          .at(node.location);
    }
    Scope* owner = nullptr;
    int levels = 0;
    const NamespaceItem* item = find_item(node.names, &owner, &levels);
    if (item == nullptr) {
      missing_item(node.names, node.location);
    }
    return whole_row(*owner, levels, *item, node.location);
  }
  if (node.names.size() > 3) {
    throw SqlError(sqlstate::kSyntaxError,
                   fmt::format("improper qualified name (too many dotted names): {}",
                               fmt::join(node.names, ".")))
        .at(node.location);
  }
  if (node.names.size() > 1) {
    return find_qualified(node.names, node.location);
  }
  if (Expression* column = find_column(node.names[0], node.location); column != nullptr) {
    return column;
  }
  Scope* owner = nullptr;
  int levels = 0;
  if (const NamespaceItem* item = find_item(node.names, &owner, &levels); item != nullptr) {
    return whole_row(*owner, levels, *item, node.location);
  }
  missing_column(node.names, node.location);
}

Expression* StatementBinder::whole_row(Scope& owner, int levels, const NamespaceItem& item,
                                       int location) {
  if (item.relation >= 0 && item.columns.size() == 1) {
    // a function returning one scalar stands for that value
    const Relation& relation = *owner.query->relations[static_cast<std::size_t>(item.relation)];
    if (relation.kind == RelationKind::Function && !relation.with_ordinality) {
      return use_column(owner, levels, item.columns[0], location);
    }
  }
  auto* out = state_.make<RowExpression>();
  out->location = location;
  for (const VisibleColumn& column : item.columns) {
    out->fields.push_back(use_column(owner, levels, column, location));
  }
  return out;
}

std::vector<BoundTarget> StatementBinder::expand_star(const ast::ColumnRef& node) {
  std::vector<BoundTarget> out;
  const auto add = [&](Scope& owner, int levels, const NamespaceItem& item) {
    for (const VisibleColumn& column : item.columns) {
      BoundTarget target;
      target.expression = use_column(owner, levels, column, node.location);
      target.name = column.name;
      set_origin(target);
      out.push_back(std::move(target));
    }
  };
  if (node.names.empty()) {
    bool any = false;
    for (const NamespaceItem& item : scope_->items) {
      if (item.columns_visible) {
        any = true;
        add(*scope_, 0, item);
      }
    }
    if (!any) {
      throw SqlError(sqlstate::kSyntaxError, "SELECT * with no tables specified is not valid")
          .at(node.location);
    }
    return out;
  }
  Scope* owner = nullptr;
  int levels = 0;
  const NamespaceItem* item = find_item(node.names, &owner, &levels);
  if (item == nullptr) {
    missing_item(node.names, node.location);
  }
  add(*owner, levels, *item);
  return out;
}

void StatementBinder::missing_column(const ast::QualifiedName& name, int location) {
  SqlError error(sqlstate::kUndefinedColumn,
                 name.size() == 1 ? fmt::format("column \"{}\" does not exist", name[0])
                                  : fmt::format("column {} does not exist", fmt::join(name, ".")));
  const std::string_view alias =
      name.size() > 1 ? std::string_view(name[name.size() - 2]) : std::string_view();
  error.diagnostic().hint = similar_column_hint(*scope_, alias, name.back());
  throw std::move(error).at(location);
}

void StatementBinder::missing_item(const ast::QualifiedName& qualifier, int location) {
  const std::string& name = qualifier.back();
  for (const Scope* scope = scope_; scope != nullptr; scope = scope->parent) {
    if (scope->query == nullptr) {
      continue;
    }
    for (const Relation* relation : scope->query->relations) {
      if (relation->table != nullptr && relation->table->name == name && relation->alias != name) {
        throw SqlError(sqlstate::kUndefinedTable,
                       fmt::format("invalid reference to FROM-clause entry for table \"{}\"", name))
            .hint(fmt::format("Perhaps you meant to reference the table alias \"{}\".",
                              relation->alias))
            .at(location);
      }
      if (relation->alias == name) {
        throw SqlError(sqlstate::kUndefinedTable,
                       fmt::format("invalid reference to FROM-clause entry for table \"{}\"", name))
            .hint(
                fmt::format("There is an entry for table \"{}\", but it cannot be referenced from "
                            "this part of the query.",
                            name))
            .at(location);
      }
    }
  }
  throw SqlError(sqlstate::kUndefinedTable,
                 fmt::format("missing FROM-clause entry for table \"{}\"", name))
      .at(location);
}

}  // namespace omen::sql
