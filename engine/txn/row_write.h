#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/api/transaction.h"
#include "engine/base/column_batch.h"
#include "engine/catalog/table_access.h"
#include "engine/storage/row_format.h"
#include "engine/storage/store.h"
#include "engine/txn/vector_registry.h"

namespace omen::engine {

/// What is to be done to one existing row.
struct RowWrite {
  enum class Kind : std::uint8_t { Update, Remove, Lock };
  Kind kind = Kind::Update;
  const std::vector<int>* columns = nullptr;  ///< Update: assigned columns,
  const ColumnBatch* values = nullptr;        ///< their values,
  std::size_t row = 0;                        ///< in this row
  RowLockRequest lock;                        ///< Lock
  bool has_waited = false;                    ///< for the row, in this call

  /// Which column of `values` is assigned to a column of the table, or -1.
  [[nodiscard]] int assigned(std::size_t column) const;
};

struct ChangedKey {
  std::string key;  ///< without row and xid
  bool has_null = false;
};

/// The row's key in an index after an update, if it differs from the present one.
Result<std::optional<ChangedKey>> changed_key(const Store& store, const TableAccess& access,
                                              const BtreeAccess& btree, RowId row_id,
                                              const RowView& old, const RowWrite& write);

/// Composes the new version of an updated row in `builder`, new wide values going to `batch`; R11:
/// wide values not assigned are carried over by reference.
void build_updated_row(const TableAccess& access, RowId row_id, Xid xid, const RowView& old,
                       const RowWrite& write, RowBuilder& builder, Batch& batch);

/// Adds the vector index entries of an updated row. A vector carried over by reference keeps its
/// entry; one kept in the row itself gets a new one with each version.
Status append_updated_vectors(const VectorRegistry& registry, const TableAccess& access,
                              RowId row_id, Xid xid, const RowView& old, const RowWrite& write,
                              Batch& batch, std::vector<VectorAppend>& appends);

/// Puts one value into a row under construction, into the wide family if it is large.
void put_value(const TableAccess& access, RowId row_id, Xid xid, std::size_t column,
               const Datum& datum, RowBuilder& builder, Batch& batch);

}  // namespace omen::engine
