#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "sql/binder/binder.h"
#include "sql/session/client_session.h"

namespace omen::sql {

/// Name look-up and change of the catalog for one utility command, with PostgreSQL's errors.
///
/// Pointers returned live as long as the object: it keeps the catalog versions it handed out of.
class CatalogAccess {
 public:
  explicit CatalogAccess(ClientSession& session);

  [[nodiscard]] ClientSession& session() { return session_; }
  [[nodiscard]] engine::Transaction& transaction() { return transaction_; }
  /// The catalog with all changes made so far.
  const engine::Catalog& catalog();
  [[nodiscard]] engine::Arena& arena() { return arena_; }
  /// For sql/binder; valid until the next change of the catalog.
  BindContext& bind_context();

  /// A user-visible schema by name; 3F000.
  const engine::Schema& schema(std::string_view name);
  /// Where an object of this name is made: its schema, or the first of search_path that exists.
  const engine::Schema& creation_schema(const ast::QualifiedName& name);
  /// Any relation by name, or nullptr. A schema that does not exist is no error.
  const engine::CatalogEntry* find_relation(const ast::QualifiedName& name);
  struct LockOptions {
    bool no_wait = false;
  };
  /// A table by name (42P01; 42809 for other relations and 42501 for system ones), locked; the
  /// catalog is looked at again once the lock is held.
  const engine::Table& lock_table(const ast::QualifiedName& name, int location,
                                  engine::TableLock mode, LockOptions options);
  const engine::Table& lock_table(const ast::QualifiedName& name, int location,
                                  engine::TableLock mode) {
    return lock_table(name, location, mode, LockOptions());
  }
  void lock(engine::Oid table_oid, engine::TableLock mode);

  engine::Oid new_oid();
  /// Adds or replaces; 42P07 if the name is taken meanwhile.
  void put(engine::CatalogEntry entry);
  void drop(engine::Oid oid);
  /// The sequences owned by a table (serial, identity).
  std::vector<const engine::Sequence*> sequences_of(engine::Oid table_oid);

  /// `name1_name2_label` cut to 63 bytes, numbered until no relation (or constraint of `table`) of
  /// the schema has it: t_pkey, t_a_key, t_a_idx1.
  std::string unused_relation_name(engine::Oid schema_oid, std::string_view name1,
                                   std::string_view name2, std::string_view label);
  /// As a client would write it in an error: unqualified if search_path finds it so.
  std::string display_name(engine::Oid relation_oid);
  [[nodiscard]] bool is_visible(engine::Oid relation_oid);

 private:
  ClientSession& session_;
  engine::Transaction& transaction_;
  std::vector<engine::CatalogPtr> pinned_;  ///< the last one is current
  bool is_stale_ = true;
  engine::Arena arena_;
  SessionEnvironmentPtr environment_;
  EvalContext eval_;
  std::vector<Oid> parameter_types_;
  std::unique_ptr<BindContext> bind_;
};

/// Joined with dots, as in error texts.
std::string joined(const ast::QualifiedName& name);
/// PostgreSQL's makeObjectName: cuts the longer of the names until the whole has 63 bytes.
std::string make_object_name(std::string_view name1, std::string_view name2,
                             std::string_view label);
/// "table", "index", "sequence".
std::string_view relation_kind(const engine::CatalogEntry& entry);
const std::string& relation_name(const engine::CatalogEntry& entry);
engine::Oid relation_schema(const engine::CatalogEntry& entry);

}  // namespace omen::sql
