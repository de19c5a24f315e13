#include "engine/index/index_range.h"

#include "engine/storage/keys.h"

namespace omen::engine {
namespace {

std::string encode(const BtreeAccess& btree, const RowLayout& layout,
                   const std::vector<Value>& values, std::size_t count) {
  std::string key;
  append_be64(key, btree.index->storage_id);
  for (std::size_t i = 0; i < count; ++i) {
    append_key_column(key, layout.type(btree.index->columns[i].column), datum_of(values[i]),
                      btree.orders[i]);
  }
  return key;
}

std::size_t common_prefix(const IndexScan& request) {
  std::size_t count = 0;
  if (request.lower.has_value() && request.upper.has_value()) {
    const std::vector<Value>& lower = request.lower->values;
    const std::vector<Value>& upper = request.upper->values;
    while (count < lower.size() && count < upper.size() && lower[count] == upper[count]) {
      ++count;
    }
  }
  return count;
}

}  // namespace

IndexRange index_range(const BtreeAccess& btree, const RowLayout& layout,
                       const IndexScan& request) {
  const std::size_t equal = common_prefix(request);
  const IndexBound* start = request.lower.has_value() ? &*request.lower : nullptr;
  const IndexBound* end = request.upper.has_value() ? &*request.upper : nullptr;
  if (equal < btree.orders.size() && btree.orders[equal].descending) {
    std::swap(start, end);
  }
  IndexRange range;
  // A side that says nothing about the first differing column still excludes its nulls if the other
  // side bounds it.
  const bool start_bounds = start != nullptr && start->values.size() > equal;
  const bool end_bounds = end != nullptr && end->values.size() > equal;
  if (start_bounds) {
    range.first = encode(btree, layout, start->values, start->values.size());
    if (!start->inclusive) {
      range.first = prefix_end(range.first);
    }
  } else {
    range.first = encode(btree, layout, start == nullptr ? std::vector<Value>() : start->values,
                         start == nullptr ? 0 : equal);
    if (end_bounds) {
      range.first.push_back(kKeyMarkerValue);
    } else if (start != nullptr && !start->inclusive) {
      range.first = prefix_end(range.first);
    }
  }
  if (end_bounds) {
    range.last = encode(btree, layout, end->values, end->values.size());
    if (end->inclusive) {
      range.last = prefix_end(range.last);
    }
  } else {
    range.last = encode(btree, layout, end == nullptr ? std::vector<Value>() : end->values,
                        end == nullptr ? 0 : equal);
    if (start_bounds) {
      range.last.push_back(kKeyMarkerNullLast);
    } else if (end == nullptr || end->inclusive) {
      range.last = prefix_end(range.last);
    }
  }
  return range;
}

}  // namespace omen::engine
