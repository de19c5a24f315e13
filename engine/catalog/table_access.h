#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/api/catalog.h"
#include "engine/base/result.h"
#include "engine/index/key_encoding.h"
#include "engine/storage/row_format.h"

namespace omen::engine {

using EntryPtr = std::shared_ptr<const CatalogEntry>;

/// A btree index as readers and writers of its table need it. Immutable.
struct BtreeAccess {
  EntryPtr entry;  ///< keeps `index` alive
  const Index* index = nullptr;
  std::vector<KeyOrder> orders;  ///< of the key columns
};

/// A vector index, likewise.
struct VectorAccess {
  EntryPtr entry;
  const Index* index = nullptr;
  std::size_t column = 0;
};

/// A table with what is derived from its columns and indexes; made once per catalog change, shared
/// by all statements. Immutable.
struct TableAccess {
  TableAccess(EntryPtr table_entry, std::vector<EntryPtr> indexes);

  EntryPtr entry;
  const Table* table = nullptr;
  RowLayout layout;
  std::vector<EntryPtr> index_entries;  ///< by oid
  std::vector<BtreeAccess> btrees;
  std::vector<VectorAccess> vectors;

  [[nodiscard]] const BtreeAccess* btree(Oid index_oid) const;
  [[nodiscard]] const VectorAccess* vector(Oid index_oid) const;
};

using TableAccessPtr = std::shared_ptr<const TableAccess>;

}  // namespace omen::engine
