#pragma once

#include <string>

#include "engine/api/cursor.h"
#include "engine/catalog/table_access.h"

namespace omen::engine {

/// The entry keys an IndexScan covers: [first, last).
struct IndexRange {
  std::string first;
  std::string last;
};

/// Bounds are by value: in a descending column the greater value comes first in the index, so the
/// two ends change places where they differ in such a column.
IndexRange index_range(const BtreeAccess& btree, const RowLayout& layout, const IndexScan& request);

}  // namespace omen::engine
