#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/api/catalog.h"
#include "engine/base/column_batch.h"
#include "engine/base/result.h"

namespace omen::engine {

/// Pseudo columns a read may ask for beside the table's columns (which count from 0).
constexpr int kRowIdColumn = -1;  ///< Int64: the row id
/// Int64: xid of the visible version (its identity together with the row id)
constexpr int kXidColumn = -2;
constexpr int kDistanceColumn = -3;  ///< Float64: exact distance, vector scans only

/// A running read: pulls batches of visible rows in the order its request defines.
///
/// Belongs to one Statement and dies before it. Not thread-safe.
class RowCursor {
 public:
  virtual ~RowCursor() = default;
  /// Clears `out` and fills it with up to kBatchRowsMax rows of the requested columns; false at the
  /// end (`out` is empty then). Views in `out` live until the next call. Checks the CancelToken.
  virtual Result<bool> next(ColumnBatch& out) = 0;
};

/// A running vector scan. Unlike others, one with a `filter` may return true with an empty batch:
/// after each lot of candidates that left fewer passing rows than the caller is thought to want.
/// What passed is kept, and comes in order with what passes later.
class VectorRowCursor : public RowCursor {
 public:
  /// From now on only rows of this set (in any order) are returned; those returned before are not
  /// returned again. For who has pulled many rows that a condition refused, and knows by other ways
  /// which rows meet it. At most once.
  virtual void restrict_to(std::span<const RowId> rows) = 0;
};

struct TableScan {
  const Table* table = nullptr;
  std::vector<int> columns;  ///< positions and pseudo columns, in the order of the output batch
};

/// One end of a range over an index's leading key columns. `lower` and `upper` are by value, in
/// descending columns too: lower 5, upper 9 of a descending column yields 9 to 5.
struct IndexBound {
  std::vector<Value> values;  ///< leading key columns; NULL only matches IS NULL
  bool inclusive = true;
};

/// Rows whose key lies between two bounds, in key order (or reverse). Equality on all of a prefix
/// is
/// lower = upper = the prefix, inclusive. Without bounds: the whole index in order, nulls included;
/// a one-sided range over a column excludes its nulls.
struct IndexScan {
  const Table* table = nullptr;
  const Index* index = nullptr;
  std::vector<int> columns;
  std::optional<IndexBound> lower;
  std::optional<IndexBound> upper;
  bool backward = false;
  /// Row ids of all entries in the range, whether the statement sees these versions or not: for who
  /// looks at the rows later. `columns` is kRowIdColumn alone; a row may come twice.
  bool candidates_only = false;
};

/// Writes 1 to `passes` for each row of a batch that the caller wants, else 0.
using RowFilter = std::function<Status(const ColumnBatch& rows, std::span<std::uint8_t> passes)>;

/// The next nearest live rows, ascending by exact distance (NaN distance, then NULL vectors last),
/// until the caller stops: approximate as the index is, and complete if pulled to its end.
struct VectorScan {
  const Table* table = nullptr;
  const Index* index = nullptr;  ///< an Hnsw index of `table`
  std::vector<int> columns;
  /// Of the column's type as columns hold it (engine/base/vector_forms.h), aligned to 4 bytes;
  /// borrowed while the cursor lives
  std::string_view query;
  /// At least this much effort (pgvector's meaning); 0: from recall_target
  std::size_t ef_search = 0;
  double recall_target = 0.95;      ///< used when ef_search is 0
  std::size_t row_count_hint = 10;  ///< rows the caller expects to pull (LIMIT)
  /// Only rows that pass count and are returned; null: all. Called on the thread that pulls, never
  /// twice for a row; its batches have `filter_columns`.
  RowFilter filter;
  std::vector<int> filter_columns;  ///< as `columns`, without kDistanceColumn
  /// Distances never fall over the whole scan: a row that the index finds only after a farther one
  /// was returned is left out. Otherwise it is returned late.
  bool strict_order = false;
};

}  // namespace omen::engine
