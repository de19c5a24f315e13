#pragma once

#include <set>
#include <string>
#include <vector>

#include "sql/session/commands/catalog_access.h"

namespace omen::sql {

/// Something that goes with, or stands in the way of, a dropped object: a whole entry, a column of
/// a table, or a column's default.
struct Dependent {
  enum class Kind : std::uint8_t { Entry, Column, Default } kind = Kind::Entry;
  engine::Oid oid = 0;  ///< the entry, or the table of the column
  std::uint16_t column = 0;
  std::string description;  ///< "table t", "column v of table t", "default value for column ..."
  std::string reason;       ///< "column v of table t depends on type vector"
};

/// Works out a DROP: what goes silently because it belongs to a dropped object (indexes, owned
/// sequences), and what needs CASCADE. Then refuses (2BP01), or drops all of it.
class DropPlan {
 public:
  explicit DropPlan(CatalogAccess& access) : access_(access) {}
  void add_table(const engine::Table& table);
  void add_index(const engine::Index& index);
  void add_sequence(const engine::Sequence& sequence);
  void add_schema(const engine::Schema& schema);
  void add_extension(const engine::Extension& extension);
  void add_column(const engine::Table& table, std::uint16_t column);

  /// `command_object`: "table t", for the error; empty when several are dropped.
  void run(const std::string& command_object, bool cascade);

 private:
  void drop_with(engine::Oid oid);
  void require_cascade(Dependent dependent);
  void add_default_users(const engine::Sequence& sequence);
  void drop_columns();
  [[nodiscard]] std::string describe(engine::Oid oid);

  CatalogAccess& access_;
  std::vector<engine::Oid> order_;  ///< entries to drop, dependants first
  std::set<engine::Oid> dropped_;
  std::set<std::pair<engine::Oid, std::uint16_t>> dropped_columns_;
  std::set<std::pair<engine::Oid, std::uint16_t>> dropped_defaults_;
  std::vector<Dependent> needs_cascade_;
};

}  // namespace omen::sql
