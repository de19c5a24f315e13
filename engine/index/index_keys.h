#pragma once

#include <string>

#include "engine/catalog/table_access.h"
#include "engine/storage/keys.h"
#include "engine/storage/store.h"

namespace omen::engine {

/// Reads values of a stored version, wide ones too. The datum's bytes live in `view`'s row, or in
/// `buffer`.
Result<Datum> read_datum(const Store& store, const TableAccess& access, RowId row_id,
                         const RowView& view, std::size_t column, std::string& buffer);

/// Appends storage id and key columns of a row (all columns of the table): an index key without row
/// and xid. True if a key column is null.
bool append_index_key(std::string& key, const BtreeAccess& btree, const TableAccess& access,
                      const ColumnBatch& rows, std::size_t row);

/// The same of a stored version.
Result<bool> append_index_key(std::string& key, const Store& store, const BtreeAccess& btree,
                              const TableAccess& access, RowId row_id, const RowView& view);

/// Row and xid at the end of an index entry's key.
constexpr std::size_t kEntrySuffixBytes = 16;
inline void append_entry_suffix(std::string& key, RowId row_id, Xid xid) {
  append_be64(key, row_id);
  append_be64(key, ~xid);
}
struct EntryName {
  std::string_view index_key;  ///< storage id and key columns
  RowId row_id = 0;
  Xid xid = 0;
};
inline EntryName parse_entry(std::string_view entry_key) {
  const std::size_t key_bytes = entry_key.size() - kEntrySuffixBytes;
  return {entry_key.substr(0, key_bytes), load_be64(entry_key.data() + key_bytes),
          ~load_be64(entry_key.data() + key_bytes + 8)};
}

}  // namespace omen::engine
