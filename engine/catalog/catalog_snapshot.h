#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/api/catalog.h"
#include "engine/catalog/table_access.h"

namespace omen::engine {

/// One change of the catalog: an entry put, or (entry null) dropped.
struct CatalogChange {
  Oid oid = 0;
  EntryPtr entry;
};

/// The catalog's one implementation: maps of shared entries. Immutable.
class CatalogSnapshot final : public Catalog {
 public:
  /// `base` (may be null) with `changes` applied in order.
  CatalogSnapshot(const CatalogSnapshot* base, std::span<const CatalogChange> changes,
                  std::uint64_t version);

  [[nodiscard]] std::uint64_t version() const override { return version_; }
  [[nodiscard]] const CatalogEntry* find(Oid oid) const override;
  [[nodiscard]] const CatalogEntry* find_relation(Oid schema_oid,
                                                  std::string_view name) const override;
  [[nodiscard]] const Schema* find_schema(std::string_view name) const override;
  [[nodiscard]] const Extension* find_extension(std::string_view name) const override;
  [[nodiscard]] const Role* find_role(std::string_view name) const override;
  [[nodiscard]] std::vector<const Index*> indexes_of(Oid table_oid) const override;
  [[nodiscard]] std::vector<const CatalogEntry*> entries() const override;

  /// Null if there is no such table.
  [[nodiscard]] TableAccessPtr access(Oid table_oid) const;
  /// As access, by Table::storage_id.
  [[nodiscard]] TableAccessPtr access_by_storage(std::uint64_t storage_id) const;
  /// The entry that has `entry`'s name in its name space, or null.
  [[nodiscard]] const CatalogEntry* same_name(const CatalogEntry& entry) const;

 private:
  void rebuild_names();
  void rebuild_accesses(const CatalogSnapshot* base);

  std::uint64_t version_;
  std::map<Oid, EntryPtr> by_oid_;
  std::unordered_map<std::string, const CatalogEntry*> by_name_;  ///< see entry_name_key
  std::unordered_map<Oid, TableAccessPtr> accesses_;
  std::unordered_map<std::uint64_t, TableAccessPtr> accesses_by_storage_;
};

using CatalogSnapshotPtr = std::shared_ptr<const CatalogSnapshot>;

/// Equal for two entries exactly if they may not exist together: kind of name space, schema, name.
std::string entry_name_key(const CatalogEntry& entry);

}  // namespace omen::engine
