#include "engine/catalog/table_access.h"

namespace omen::engine {
namespace {

std::vector<PhysicalType> physical_types(const Table& table) {
  std::vector<PhysicalType> types;
  types.reserve(table.columns.size());
  for (const Column& column : table.columns) {
    types.push_back(column.physical);
  }
  return types;
}

}  // namespace

TableAccess::TableAccess(EntryPtr table_entry, std::vector<EntryPtr> indexes)
    : entry(std::move(table_entry)),
      table(&std::get<Table>(*entry)),
      layout(physical_types(*table)),
      index_entries(std::move(indexes)) {
  for (std::size_t i = 0; i < table->columns.size(); ++i) {
    if (table->columns[i].missing.has_value()) {
      layout.set_missing(i, *table->columns[i].missing);
    }
  }
  for (const EntryPtr& index_entry : index_entries) {
    const Index& index = std::get<Index>(*index_entry);
    if (index.method == IndexMethod::Hnsw) {
      vectors.push_back({index_entry, &index, index.columns.front().column});
      continue;
    }
    BtreeAccess access{index_entry, &index, {}};
    for (std::size_t i = 0; i < index.key_column_count; ++i) {
      const IndexColumn& column = index.columns[i];
      access.orders.push_back({column.descending, column.nulls_first,
                               key_form_of(table->columns[column.column].type_oid)});
    }
    btrees.push_back(std::move(access));
  }
}

const BtreeAccess* TableAccess::btree(Oid index_oid) const {
  for (const BtreeAccess& access : btrees) {
    if (access.index->oid == index_oid) {
      return &access;
    }
  }
  return nullptr;
}

const VectorAccess* TableAccess::vector(Oid index_oid) const {
  for (const VectorAccess& access : vectors) {
    if (access.index->oid == index_oid) {
      return &access;
    }
  }
  return nullptr;
}

}  // namespace omen::engine
