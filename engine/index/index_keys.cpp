#include "engine/index/index_keys.h"

namespace omen::engine {

Result<Datum> read_datum(const Store& store, const TableAccess& access, RowId row_id,
                         const RowView& view, std::size_t column, std::string& buffer) {
  if (!view.is_wide(column)) {
    return view.datum(column);
  }
  const WideReference reference = view.wide(column);
  OMEN_ASSIGN(const bool found,
              store.get(Family::Wide,
                        wide_key(access.table->storage_id, column, row_id, reference.xid), buffer));
  if (!found || buffer.size() != reference.size_bytes) {
    return Status(StatusCode::Corruption, "a stored value is missing");
  }
  Datum datum;
  datum.null = false;
  datum.bytes = buffer;
  return datum;
}

bool append_index_key(std::string& key, const BtreeAccess& btree, const TableAccess& access,
                      const ColumnBatch& rows, std::size_t row) {
  append_be64(key, btree.index->storage_id);
  bool has_null = false;
  for (std::size_t i = 0; i < btree.orders.size(); ++i) {
    const std::size_t column = btree.index->columns[i].column;
    const Datum datum = datum_of(rows.column(column), row);
    has_null = has_null || datum.null;
    append_key_column(key, access.layout.type(column), datum, btree.orders[i]);
  }
  return has_null;
}

Result<bool> append_index_key(std::string& key, const Store& store, const BtreeAccess& btree,
                              const TableAccess& access, RowId row_id, const RowView& view) {
  append_be64(key, btree.index->storage_id);
  bool has_null = false;
  std::string buffer;
  for (std::size_t i = 0; i < btree.orders.size(); ++i) {
    const std::size_t column = btree.index->columns[i].column;
    OMEN_ASSIGN(const Datum datum, read_datum(store, access, row_id, view, column, buffer));
    has_null = has_null || datum.null;
    append_key_column(key, access.layout.type(column), datum, btree.orders[i]);
  }
  return has_null;
}

}  // namespace omen::engine
