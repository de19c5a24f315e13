#pragma once

#include <string>
#include <vector>

#include "sql/binder/bound.h"

namespace omen::sql {

/// A column as names can refer to it: its expression at the level of the query that owns it.
struct VisibleColumn {
  std::string name;
  Expression* expression = nullptr;  ///< a column, or COALESCE of two for FULL JOIN USING
};

/// What one FROM item (or JOIN) adds to the names of its query.
struct NamespaceItem {
  std::string alias;   ///< empty: a join without one
  std::string schema;  ///< of a table without alias, for schema.table.column
  std::vector<VisibleColumn> columns;
  int relation = -1;            ///< of the query's relations, -1 for a join
  bool alias_visible = true;    ///< alias.column may be written
  bool columns_visible = true;  ///< column may be written alone
};

/// Clause that is being bound: what may stand in it, and how errors name it.
enum class Place : std::uint8_t {
  Target,
  Where,
  Join,
  FromFunction,
  GroupBy,
  Having,
  OrderBy,
  DistinctOn,
  Limit,
  Offset,
  Values,
  Update,
  Returning,
  Check,
  Default,
  Filter,
  Parameter
};

/// The names of one query level while it is bound.
struct Scope {
  Scope* parent = nullptr;
  BoundQuery* query = nullptr;
  std::vector<NamespaceItem> items;
  /// Items not in scope but in the query (other arms of FROM), for the hints of 42P01 and 42703.
  bool building_from = false;  ///< items are those left of a FROM item: only LATERAL may see them
  bool lateral_active = false;
  Place place = Place::Target;
  bool in_aggregate = false;
  bool conditional = false;  ///< within CASE or COALESCE, where set-returning functions are refused
  bool has_aggregates = false;
  bool has_set_calls = false;
  bool refers_outer = false;   ///< some name was found in a parent
  bool refers_parent = false;  ///< ... in the nearest one
  bool barrier = false;        ///< names of parents are out of reach (views, defaults)
};

}  // namespace omen::sql
