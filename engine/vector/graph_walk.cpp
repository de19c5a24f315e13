#include "engine/vector/graph_walk.h"

#include <algorithm>

namespace omen::engine {
namespace {

constexpr std::size_t kCodesAhead = 6;  // the estimate's own prefetch goes on from there

void prefetch(const unsigned char* begin, std::size_t size_bytes) {
  for (std::size_t byte = 0; byte < size_bytes; byte += 64) {
    __builtin_prefetch(begin + byte);
  }
}

}  // namespace

std::size_t GraphWalk::collect_upper(std::uint32_t slot, std::uint32_t level,
                                     WalkScratch& scratch) const {
  const std::int64_t place = slots_.upper(slot);
  if (place < 0) {
    return 0;
  }
  const std::size_t list = static_cast<std::size_t>(place) + level - 1;
  const std::uint32_t count = std::min(nodes_.upper_word(list, 0).load(std::memory_order_relaxed),
                                       nodes_.layout().upper_links_max);
  std::size_t kept = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t id = nodes_.upper_word(list, i + 1).load(std::memory_order_relaxed);
    if (id < slots_end_) {
      scratch.ids[kept++] = id;
    }
  }
  return kept;
}

Candidate GraphWalk::descend(const PreparedQuery& query, const GraphEntry& start,
                             std::uint32_t level, WalkScratch& scratch) const {
  const EstimateFunction estimate = space_.estimate();
  const CodeArray codes = nodes_.codes();
  scratch.ids.resize(
      std::max<std::size_t>(nodes_.layout().links_max, nodes_.layout().upper_links_max) + 1);
  scratch.distances.resize(scratch.ids.size());
  Candidate best{0, start.slot};
  estimate(query.code, codes, &best.id, 1, &best.distance);
  for (std::uint32_t current = start.level; current > level; --current) {
    for (bool moved = true; moved;) {
      moved = false;
      const std::size_t count = collect_upper(best.id, current, scratch);
      estimate(query.code, codes, scratch.ids.data(), count, scratch.distances.data());
      for (std::size_t i = 0; i < count; ++i) {
        if (scratch.distances[i] < best.distance) {
          best = {scratch.distances[i], scratch.ids[i]};
          moved = true;
        }
      }
    }
  }
  return best;
}

void GraphWalk::beam(const PreparedQuery& query, Candidate start, std::uint32_t level,
                     std::size_t ef, std::uint32_t excluded, WalkScratch& scratch) const {
  const EstimateFunction estimate = space_.estimate();
  const CodeArray codes = nodes_.codes();
  const std::size_t links_bytes = nodes_.layout().stride_bytes - nodes_.layout().links_offset();
  SearchPool& pool = scratch.pool;
  VisitedSet& visited = scratch.visited;
  pool.reset(ef);
  visited.start(slots_end_);
  visited.insert(start.id);
  if (excluded < slots_end_) {
    visited.insert(excluded);
  }
  pool.insert(start.distance, start.id);
  while (pool.has_next()) {
    const std::uint32_t slot = pool.pop();
    std::size_t count = 0;
    if (level == 0) {
      const std::uint32_t links = std::min(nodes_.link_count(slot), nodes_.layout().links_max);
      for (std::uint32_t i = 0; i < links; ++i) {
        const std::uint32_t id = nodes_.link(slot, i).load(std::memory_order_relaxed);
        if (id < slots_end_ && visited.insert(id)) {
          scratch.ids[count++] = id;
          if (count <= kCodesAhead) {
            prefetch(nodes_.node(id), codes.code_bytes + sizeof(CodeFactors));
          }
        }
      }
    } else {
      const std::size_t links = collect_upper(slot, level, scratch);
      for (std::size_t i = 0; i < links; ++i) {
        if (visited.insert(scratch.ids[i])) {
          scratch.ids[count++] = scratch.ids[i];
        }
      }
    }
    estimate(query.code, codes, scratch.ids.data(), count, scratch.distances.data());
    for (std::size_t i = 0; i < count; ++i) {
      pool.insert(scratch.distances[i], scratch.ids[i]);
    }
    if (level == 0 && pool.has_next()) {
      prefetch(nodes_.node(pool.peek()) + nodes_.layout().links_offset(), links_bytes);
    }
  }
}

}  // namespace omen::engine
