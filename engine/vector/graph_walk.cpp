#include "engine/vector/graph_walk.h"

#include <algorithm>

namespace omen::engine {
namespace {

// Nodes expanded at once, so that the codes of all their links are fetched side by side. Codes of
// one bit lead astray anyway; by finer ones, more at once are more in vain.
constexpr std::size_t kExpandedAtOnce = 2;
constexpr std::size_t kExpandedAtOnceCoarse = 4;

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
  const std::uint32_t count = std::min(nodes_.upper_word(list, 0), nodes_.layout().upper_links_max);
  std::size_t kept = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t id = nodes_.upper_word(list, i + 1);
    if (id < slots_end_) {
      scratch.ids[kept++] = id;
    }
  }
  return kept;
}

/// Links of `slot` met for the first time, to `ids`, which has room for one more than a list holds.
std::size_t GraphWalk::collect_unvisited(std::uint32_t slot, VisitedSet& visited,
                                         std::uint32_t* ids) const {
  // Locals: the marks are bytes, a store to which might change any member.
  std::uint8_t* const marks = visited.marks();
  const std::uint8_t round = visited.round();
  const std::uint32_t slots_end = slots_end_;
  const std::uint32_t link_count = std::min(nodes_.link_count(slot), nodes_.layout().links_max);
  std::uint32_t* const links = nodes_.links(slot);
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < link_count; ++i) {
    const std::uint32_t id =
        std::atomic_ref<std::uint32_t>(links[i]).load(std::memory_order_acquire);
    if (id >= slots_end) {
      continue;
    }
    // Whether a link is new is anybody's guess: no branch.
    ids[count] = id;
    count += static_cast<std::size_t>(marks[id] != round);
    marks[id] = round;
  }
  return count;
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
  const std::size_t at_once = space_.shape().is_fine() ? kExpandedAtOnce : kExpandedAtOnceCoarse;
  scratch.ids.resize(std::max(scratch.ids.size(), at_once * (nodes_.layout().links_max + 1)));
  scratch.distances.resize(scratch.ids.size());
  pool.insert(&start.distance, &start.id, 1);
  while (pool.has_next()) {
    std::size_t count = 0;
    if (level == 0) {
      for (std::size_t i = 0; i < at_once && pool.has_next(); ++i) {
        const std::uint32_t slot = pool.pop();
        if (pool.has_next()) {
          prefetch(nodes_.node(pool.peek()) + nodes_.layout().links_offset(), links_bytes);
        }
        count += collect_unvisited(slot, visited, scratch.ids.data() + count);
      }
    } else {
      const std::size_t links = collect_upper(pool.pop(), level, scratch);
      for (std::size_t i = 0; i < links; ++i) {
        if (visited.insert(scratch.ids[i])) {
          scratch.ids[count++] = scratch.ids[i];
        }
      }
    }
    estimate(query.code, codes, scratch.ids.data(), count, scratch.distances.data());
    pool.insert(scratch.distances.data(), scratch.ids.data(), count);
  }
}

}  // namespace omen::engine
