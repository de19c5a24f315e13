#pragma once

#include <string>
#include <vector>

#include "engine/txn/engine_core.h"

namespace omen::engine {

/// Removes dead versions of one row, with their wide values, index entries and vectors.
class RowVacuum {
 public:
  /// `access` is null for the catalog's own rows.
  RowVacuum(EngineCore& core, const TableAccess* access, std::uint64_t storage_id, Timestamp oldest)
      : core_(core), access_(access), storage_id_(storage_id), oldest_(oldest) {}

  /// Appends the removals to `batch`, writes it and applies them, under the row's latch (R11).
  Status run(RowId row_id, Batch& batch);

 private:
  struct Stored {
    Xid xid;
    std::string bytes;
    bool dead = false;
  };
  Status read(RowId row_id);
  /// Marks dead versions; false if there are none.
  bool mark();
  Status remove_derived(RowId row_id, Batch& batch);
  Status remove_wides(RowId row_id, Batch& batch);
  Status remove_entries(RowId row_id, Batch& batch);
  Status remove_vectors(RowId row_id, Batch& batch);

  EngineCore& core_;
  const TableAccess* access_;
  const std::uint64_t storage_id_;
  const Timestamp oldest_;
  std::vector<Stored> versions_;  ///< newest first
  std::vector<std::pair<std::uint64_t, VectorKey>> removed_vectors_;
};

}  // namespace omen::engine
