#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/session/commands/catalog_access.h"

namespace omen::sql {

/// PRIMARY KEY or UNIQUE as asked for, before its index exists.
struct KeyRequest {
  std::string name;  ///< empty: to be chosen
  bool primary = false;
  std::vector<std::string> columns;
  std::vector<std::string> including;
  std::vector<ast::Option> options;
  int location = -1;
};
/// CHECK as asked for.
struct CheckRequest {
  std::string name;
  const ast::Expr* expression = nullptr;
  std::string column;  ///< the column it was written at, or empty
};

/// A table being defined by CREATE TABLE, or the additions of ALTER TABLE to one.
///
/// Columns and constraints are collected first; finish() writes the catalog entries in an order in
/// which each finds what it refers to: table, sequences, then indexes.
class TableDefinition {
 public:
  /// `table` has oid, schema and name; for ALTER TABLE also its columns and constraints.
  TableDefinition(CatalogAccess& access, engine::Table table);

  [[nodiscard]] engine::Table& table() { return table_; }
  /// Throws 42701 for a second column of the name, 42P16 for pseudo-types, 0A000...
  void add_column(const ast::ColumnDefinition& definition);
  void add_constraint(const ast::Constraint& constraint);
  /// ADD GENERATED AS IDENTITY on an existing column.
  void make_identity(std::uint16_t position, const ast::Constraint& constraint);
  [[nodiscard]] bool has_keys() const { return !keys_.empty(); }
  /// Writes the columns and sequences only, so that rows can be filled before finish().
  void put_columns();
  /// The table changed in the catalog since; keeps constraints asked for.
  void refresh(engine::Table table) { table_ = std::move(table); }
  /// Resolves keys and checks, writes everything. Indexes of an existing table are filled, and a
  /// duplicate is 23505 "could not create unique index".
  void finish();
  /// Keys and checks added so far (ALTER TABLE validates checks over existing rows).
  [[nodiscard]] const std::vector<engine::CheckConstraint>& new_checks() const {
    return new_checks_;
  }

 private:
  struct ColumnFlags {
    bool has_null = false;
    bool has_not_null = false;
    bool has_default = false;
  };
  void add_column_constraint(const ast::Constraint& constraint, engine::Column& column,
                             ColumnFlags& flags);
  void set_default(engine::Column& column, const ast::Expr& expression);
  void add_owned_sequence(engine::Column& column, std::size_t position, Oid type,
                          const std::vector<ast::Option>& options);
  void set_identity(engine::Column& column, std::size_t position,
                    const ast::Constraint& constraint);
  void add_key(const ast::Constraint& constraint, std::string column);
  void resolve_checks();
  std::string choose_check_name(const CheckRequest& request, const std::string& expression_sql);
  void check_constraint_name_is_free(const std::string& name);
  void make_key(const KeyRequest& request);
  [[nodiscard]] std::uint16_t key_column(const std::string& name, int location) const;

  CatalogAccess& access_;
  engine::Table table_;
  std::size_t first_new_column_;
  std::vector<engine::Sequence> sequences_;
  std::vector<KeyRequest> keys_;
  std::vector<CheckRequest> checks_;
  std::vector<engine::CheckConstraint> new_checks_;
};

/// WITH (...) of a table or btree index, checked: 22023 for unknown names and values out of range.
engine::Options storage_options(const std::vector<ast::Option>& options, bool is_index);
/// A column's collation: only the database's own order is provided.
void check_collation(const ast::QualifiedName& collation, int location);

}  // namespace omen::sql
