#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "engine/vector/prune_metric.h"

namespace omen::engine {

/// Links slots of a trained generation into its graph.
///
/// A node looks for its neighbours by codes (beam of `ef`), the nearest 100 are measured more
/// finely and thinned by HNSW's heuristic; links back are added to each, whose list is thinned by
/// the same rule when it is full. A list never drops the last two links to a node. Ref: Malkov and
/// Yashunin, "HNSW", arXiv:1603.09320; relaxation factor as in DiskANN's alpha.
///
/// **Threads:** one builder at a time on a generation; it may use several threads, and searches and
/// appends may run (see NodeArray).
class GraphBuilder {
 public:
  GraphBuilder(Generation& generation, const CodeSpace& space);

  /// Links slots [first, last), all of them published. On failure some may be linked; those of
  /// another attempt are found again and harmlessly linked twice.
  Status link(std::uint32_t first, std::uint32_t last, unsigned threads, CancelToken& cancel);
  /// After a bulk build: gives every node that no path leads to a link from a node that has one.
  /// Returns how many stay unreachable.
  std::uint32_t repair(std::uint32_t count);

  PruneMetric& metric() { return metric_; }

 private:
  Status insert(std::uint32_t slot, LinkScratch& scratch);
  void link_level(std::uint32_t slot, std::uint32_t level, Candidate& nearest,
                  const GraphWalk& walk, LinkScratch& scratch);
  void choose(std::size_t count_max, LinkScratch& scratch) const;
  void add_link(std::uint32_t from, std::uint32_t to, std::uint32_t level, LinkScratch& scratch);
  void thin(std::uint32_t from, std::uint32_t to, std::uint32_t level, LinkScratch& scratch);
  [[nodiscard]] std::uint32_t random_level(std::uint32_t slot) const;
  [[nodiscard]] bool takes_part(std::uint32_t slot) const;

  void flood(std::vector<std::uint32_t>& open, std::vector<std::uint8_t>& reached,
             std::uint32_t count) const;
  bool attach(std::uint32_t slot, std::uint32_t to);

  Generation& generation_;
  NodeArray& nodes_;
  SlotTable& slots_;
  const CodeSpace& space_;
  PruneMetric metric_;
  std::size_t ef_;
  std::size_t links_new_;   ///< chosen for a new node
  std::mutex entry_mutex_;  ///< held while a node that raises the highest level is linked
};

}  // namespace omen::engine
