#include "engine/catalog/catalog_snapshot.h"

#include "engine/storage/keys.h"

namespace omen::engine {
namespace {

std::string name_key(char space, Oid schema_oid, std::string_view name) {
  std::string key(1, space);
  append_be64(key, schema_oid);
  key += name;
  return key;
}

template <typename T>
const T* as(const CatalogEntry* entry) {
  return entry == nullptr ? nullptr : std::get_if<T>(entry);
}

const CatalogEntry* look_up(const std::unordered_map<std::string, const CatalogEntry*>& names,
                            const std::string& key) {
  const auto found = names.find(key);
  return found == names.end() ? nullptr : found->second;
}

constexpr char kRelationSpace = 'r';
constexpr char kSchemaSpace = 's';
constexpr char kExtensionSpace = 'e';
constexpr char kRoleSpace = 'u';

}  // namespace

std::string entry_name_key(const CatalogEntry& entry) {
  return std::visit(
      []<typename T>(const T& value) {
        if constexpr (std::is_same_v<T, Schema>) {
          return name_key(kSchemaSpace, 0, value.name);
        } else if constexpr (std::is_same_v<T, Extension>) {
          return name_key(kExtensionSpace, 0, value.name);
        } else if constexpr (std::is_same_v<T, Role>) {
          return name_key(kRoleSpace, 0, value.name);
        } else {
          return name_key(kRelationSpace, value.schema_oid, value.name);
        }
      },
      entry);
}

CatalogSnapshot::CatalogSnapshot(const CatalogSnapshot* base,
                                 std::span<const CatalogChange> changes, std::uint64_t version)
    : version_(version) {
  if (base != nullptr) {
    by_oid_ = base->by_oid_;
  }
  for (const CatalogChange& change : changes) {
    if (change.entry == nullptr) {
      by_oid_.erase(change.oid);
    } else {
      by_oid_[change.oid] = change.entry;
    }
  }
  rebuild_names();
  rebuild_accesses(base);
}

void CatalogSnapshot::rebuild_names() {
  by_name_.reserve(by_oid_.size());
  for (const auto& [oid, entry] : by_oid_) {
    by_name_[entry_name_key(*entry)] = entry.get();
  }
}

void CatalogSnapshot::rebuild_accesses(const CatalogSnapshot* base) {
  std::unordered_map<Oid, std::vector<EntryPtr>> indexes;
  for (const auto& [oid, entry] : by_oid_) {
    if (const Index* index = std::get_if<Index>(entry.get()); index != nullptr) {
      indexes[index->table_oid].push_back(entry);
    }
  }
  for (const auto& [oid, entry] : by_oid_) {
    const Table* table = std::get_if<Table>(entry.get());
    if (table == nullptr) {
      continue;
    }
    TableAccessPtr access = base == nullptr ? nullptr : base->access(oid);
    std::vector<EntryPtr>& of_table = indexes[oid];
    if (access == nullptr || access->entry != entry || access->index_entries != of_table) {
      access = std::make_shared<const TableAccess>(entry, std::move(of_table));
    }
    accesses_by_storage_[table->storage_id] = access;
    accesses_[oid] = std::move(access);
  }
}

const CatalogEntry* CatalogSnapshot::find(Oid oid) const {
  const auto found = by_oid_.find(oid);
  return found == by_oid_.end() ? nullptr : found->second.get();
}

const CatalogEntry* CatalogSnapshot::find_relation(Oid schema_oid, std::string_view name) const {
  return look_up(by_name_, name_key(kRelationSpace, schema_oid, name));
}

const Schema* CatalogSnapshot::find_schema(std::string_view name) const {
  return as<Schema>(look_up(by_name_, name_key(kSchemaSpace, 0, name)));
}

const Extension* CatalogSnapshot::find_extension(std::string_view name) const {
  return as<Extension>(look_up(by_name_, name_key(kExtensionSpace, 0, name)));
}

const Role* CatalogSnapshot::find_role(std::string_view name) const {
  return as<Role>(look_up(by_name_, name_key(kRoleSpace, 0, name)));
}

std::vector<const Index*> CatalogSnapshot::indexes_of(Oid table_oid) const {
  std::vector<const Index*> result;
  if (const TableAccessPtr access = this->access(table_oid); access != nullptr) {
    for (const EntryPtr& entry : access->index_entries) {
      result.push_back(&std::get<Index>(*entry));
    }
  }
  return result;
}

std::vector<const CatalogEntry*> CatalogSnapshot::entries() const {
  std::vector<const CatalogEntry*> result;
  result.reserve(by_oid_.size());
  for (const auto& [oid, entry] : by_oid_) {
    result.push_back(entry.get());
  }
  return result;
}

TableAccessPtr CatalogSnapshot::access(Oid table_oid) const {
  const auto found = accesses_.find(table_oid);
  return found == accesses_.end() ? nullptr : found->second;
}

TableAccessPtr CatalogSnapshot::access_by_storage(std::uint64_t storage_id) const {
  const auto found = accesses_by_storage_.find(storage_id);
  return found == accesses_by_storage_.end() ? nullptr : found->second;
}

const CatalogEntry* CatalogSnapshot::same_name(const CatalogEntry& entry) const {
  return look_up(by_name_, entry_name_key(entry));
}

}  // namespace omen::engine
