#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/api/catalog.h"

namespace omen {

/// A catalog made by hand, for tests of what reads one: schema public, and what is added.
class MemoryCatalog final : public engine::Catalog {
 public:
  MemoryCatalog() { add(engine::Schema{engine::kPublicSchemaOid, "public"}); }

  void add(engine::CatalogEntry entry) {
    const engine::Oid oid = engine::entry_oid(entry);
    entries_[oid] = std::make_unique<engine::CatalogEntry>(std::move(entry));
  }
  void add_vector_extension() {
    add(engine::Extension{next_oid_++, "vector", "0.8.0", engine::kPublicSchemaOid});
  }
  void remove_vector_extension() { entries_.erase(find_extension("vector")->oid); }
  /// A table of schema public; returns it for further changes before it is used.
  engine::Table& add_table(std::string name, std::vector<engine::Column> columns) {
    engine::Table table;
    table.oid = next_oid_++;
    table.schema_oid = engine::kPublicSchemaOid;
    table.name = std::move(name);
    table.columns = std::move(columns);
    const engine::Oid oid = table.oid;
    add(std::move(table));
    return std::get<engine::Table>(*entries_[oid]);
  }
  engine::Index& add_unique_index(const engine::Table& table, std::uint16_t column, bool primary) {
    engine::Index index;
    index.oid = next_oid_++;
    index.schema_oid = table.schema_oid;
    index.table_oid = table.oid;
    index.name = table.name + (primary ? "_pkey" : "_key");
    index.columns.push_back({column, false, false, 0});
    index.key_column_count = 1;
    index.unique = true;
    index.primary = primary;
    index.constraint_oid = next_oid_++;
    const engine::Oid oid = index.oid;
    add(std::move(index));
    return std::get<engine::Index>(*entries_[oid]);
  }

  [[nodiscard]] std::uint64_t version() const override { return 1; }
  [[nodiscard]] const engine::CatalogEntry* find(engine::Oid oid) const override {
    const auto found = entries_.find(oid);
    return found == entries_.end() ? nullptr : found->second.get();
  }
  [[nodiscard]] const engine::CatalogEntry* find_relation(engine::Oid schema_oid,
                                                          std::string_view name) const override {
    for (const auto& [oid, entry] : entries_) {
      const bool same = std::visit(
          [&](const auto& object) {
            using T = std::decay_t<decltype(object)>;
            if constexpr (std::is_same_v<T, engine::Table> || std::is_same_v<T, engine::Index> ||
                          std::is_same_v<T, engine::Sequence>) {
              return object.schema_oid == schema_oid && object.name == name;
            } else {
              return false;
            }
          },
          *entry);
      if (same) {
        return entry.get();
      }
    }
    return nullptr;
  }
  [[nodiscard]] const engine::Schema* find_schema(std::string_view name) const override {
    return find_named<engine::Schema>(name);
  }
  [[nodiscard]] const engine::Extension* find_extension(std::string_view name) const override {
    return find_named<engine::Extension>(name);
  }
  [[nodiscard]] const engine::Role* find_role(std::string_view name) const override {
    return find_named<engine::Role>(name);
  }
  [[nodiscard]] std::vector<const engine::Index*> indexes_of(engine::Oid table_oid) const override {
    std::vector<const engine::Index*> out;
    for (const auto& [oid, entry] : entries_) {
      const auto* index = std::get_if<engine::Index>(entry.get());
      if (index != nullptr && index->table_oid == table_oid) {
        out.push_back(index);
      }
    }
    return out;
  }
  [[nodiscard]] std::vector<const engine::CatalogEntry*> entries() const override {
    std::vector<const engine::CatalogEntry*> out;
    for (const auto& [oid, entry] : entries_) {
      out.push_back(entry.get());
    }
    return out;
  }

 private:
  template <typename T>
  [[nodiscard]] const T* find_named(std::string_view name) const {
    for (const auto& [oid, entry] : entries_) {
      const T* object = std::get_if<T>(entry.get());
      if (object != nullptr && object->name == name) {
        return object;
      }
    }
    return nullptr;
  }

  std::map<engine::Oid, std::unique_ptr<engine::CatalogEntry>> entries_;
  engine::Oid next_oid_ = engine::kFirstUserOid;
};

}  // namespace omen
