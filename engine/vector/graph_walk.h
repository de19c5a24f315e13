#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/vector/code_space.h"
#include "engine/vector/node_array.h"
#include "engine/vector/search_pool.h"
#include "engine/vector/slot_table.h"

namespace omen::engine {

/// Where a descent begins: the highest level in use and a node on it.
struct GraphEntry {
  std::uint32_t slot = 0;
  std::uint32_t level = 0;
  bool present = false;
};

/// The entry as one word, so that both halves change at once.
class AtomicGraphEntry {
 public:
  /// Acquire: a slot read here was published before.
  [[nodiscard]] GraphEntry load() const {
    const std::uint64_t word = word_.load(std::memory_order_acquire);
    return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(word >> 32) - 1,
            word != 0};
  }
  void clear() { word_.store(0, std::memory_order_release); }
  void store(std::uint32_t slot, std::uint32_t level) {
    word_.store((static_cast<std::uint64_t>(level) + 1) << 32 | slot, std::memory_order_release);
  }

 private:
  std::atomic<std::uint64_t> word_{0};
};

/// Working memory of one walker at a time.
struct WalkScratch {
  SearchPool pool;
  VisitedSet visited;
  std::vector<std::uint32_t> ids;
  std::vector<float> distances;
};

/// Walks the graph by the codes' estimates, for searches and for the linking of new nodes.
/// Only nodes below `slots_end` exist for a walk. See NodeArray for what makes this safe beside
/// writers.
class GraphWalk {
 public:
  GraphWalk(const NodeArray& nodes, const SlotTable& slots, const CodeSpace& space,
            std::uint32_t slots_end)
      : nodes_(nodes), slots_(slots), space_(space), slots_end_(slots_end) {}

  /// Greedy from `start` down to, not including, `level`: the nearest node met.
  Candidate descend(const PreparedQuery& query, const GraphEntry& start, std::uint32_t level,
                    WalkScratch& scratch) const;
  /// Beam search on one level from `start` (must be on it); leaves the best `ef` in scratch.pool.
  /// `excluded` (or kNoSlot) is never entered.
  void beam(const PreparedQuery& query, Candidate start, std::uint32_t level, std::size_t ef,
            std::uint32_t excluded, WalkScratch& scratch) const;

  static constexpr std::uint32_t kNoSlot = 0xFFFFFFFF;

 private:
  std::size_t collect_upper(std::uint32_t slot, std::uint32_t level, WalkScratch& scratch) const;
  std::size_t collect_unvisited(std::uint32_t slot, VisitedSet& visited, std::uint32_t* ids) const;

  const NodeArray& nodes_;
  const SlotTable& slots_;
  const CodeSpace& space_;
  std::uint32_t slots_end_;
};

}  // namespace omen::engine
