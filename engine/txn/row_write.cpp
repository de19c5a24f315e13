#include "engine/txn/row_write.h"

#include "engine/index/index_keys.h"

namespace omen::engine {

int RowWrite::assigned(std::size_t column) const {
  for (std::size_t i = 0; i < columns->size(); ++i) {
    if ((*columns)[i] == static_cast<int>(column)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

Result<std::optional<ChangedKey>> changed_key(const Store& store, const TableAccess& access,
                                              const BtreeAccess& btree, RowId row_id,
                                              const RowView& old, const RowWrite& write) {
  bool touched = false;
  for (std::size_t i = 0; i < btree.orders.size(); ++i) {
    touched = touched || write.assigned(btree.index->columns[i].column) >= 0;
  }
  if (!touched) {
    return std::optional<ChangedKey>();
  }
  ChangedKey changed;
  append_be64(changed.key, btree.index->storage_id);
  std::string buffer;
  for (std::size_t i = 0; i < btree.orders.size(); ++i) {
    const std::size_t column = btree.index->columns[i].column;
    const int assigned = write.assigned(column);
    Datum datum;
    if (assigned >= 0) {
      datum = datum_of(write.values->column(static_cast<std::size_t>(assigned)), write.row);
    } else {
      OMEN_ASSIGN(datum, read_datum(store, access, row_id, old, column, buffer));
    }
    changed.has_null = changed.has_null || datum.null;
    append_key_column(changed.key, access.layout.type(column), datum, btree.orders[i]);
  }
  std::string old_key;
  OMEN_ASSIGN(const bool old_has_null,
              append_index_key(old_key, store, btree, access, row_id, old));
  static_cast<void>(old_has_null);
  if (old_key == changed.key) {
    return std::optional<ChangedKey>();
  }
  return std::optional<ChangedKey>(std::move(changed));
}

void put_value(const TableAccess& access, RowId row_id, Xid xid, std::size_t column,
               const Datum& datum, RowBuilder& builder, Batch& batch) {
  if (access.layout.type(column) == PhysicalType::Bytes && !datum.null &&
      datum.bytes.size() >= kWideBytesMin) {
    batch.put(Family::Wide, wide_key(access.table->storage_id, column, row_id, xid), datum.bytes);
    builder.set_wide(column, {xid, static_cast<std::uint32_t>(datum.bytes.size())});
  } else {
    builder.set(column, datum);
  }
}

void build_updated_row(const TableAccess& access, RowId row_id, Xid xid, const RowView& old,
                       const RowWrite& write, RowBuilder& builder, Batch& batch) {
  builder.begin();
  for (std::size_t column = 0; column < access.layout.column_count(); ++column) {
    const int assigned = write.assigned(column);
    if (assigned >= 0) {
      put_value(access, row_id, xid, column,
                datum_of(write.values->column(static_cast<std::size_t>(assigned)), write.row),
                builder, batch);
    } else if (old.is_wide(column)) {
      builder.set_wide(column, old.wide(column));
    } else {
      builder.set(column, old.datum(column));
    }
  }
}

Status append_updated_vectors(const VectorRegistry& registry, const TableAccess& access,
                              RowId row_id, Xid xid, const RowView& old, const RowWrite& write,
                              Batch& batch, std::vector<VectorAppend>& appends) {
  for (const VectorAccess& vector : access.vectors) {
    const int assigned = write.assigned(vector.column);
    if (assigned < 0 && old.is_wide(vector.column)) {
      continue;
    }
    const Datum datum =
        assigned >= 0
            ? datum_of(write.values->column(static_cast<std::size_t>(assigned)), write.row)
            : old.datum(vector.column);
    OMEN_TRY(append_vector(registry, access, vector, row_id, xid, datum, batch, appends));
  }
  return {};
}

}  // namespace omen::engine
