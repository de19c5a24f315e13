#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "engine/vector/prune_metric.h"

namespace omen::engine {

constexpr float kLinkAlpha = 1.1F;  ///< on squared distances
/// A node with so few in-links keeps them when lists are thinned.
constexpr std::uint32_t kInDegreeMin = 2;

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

  /// Links those of `slots` that are pending and can be nodes, and says in `linked` which are in
  /// the graph when it returns, also by an error.
  Status link(std::span<const std::uint32_t> slots, std::span<std::uint8_t> linked,
              unsigned threads, CancelToken& cancel);
  /// Looks for more neighbours of nodes that have few or were linked in a hurry: new links join the
  /// old ones.
  Status relink(std::span<const std::uint32_t> slots, unsigned threads, CancelToken& cancel);
  /// From now on link() is twice as fast; what it makes should be linked again later.
  void hurry();

 private:
  Status insert(std::uint32_t slot, LinkScratch& scratch);
  void link_level(std::uint32_t slot, std::uint32_t level, Candidate& nearest,
                  const GraphWalk& walk, LinkScratch& scratch);
  void choose(std::size_t count_max, LinkScratch& scratch) const;
  void add_link(std::uint32_t from, std::uint32_t to, std::uint32_t level, LinkScratch& scratch);
  void thin(std::uint32_t from, std::uint32_t to, std::uint32_t level, LinkScratch& scratch);
  [[nodiscard]] std::uint32_t random_level(std::uint32_t slot) const;
  template <typename Work>
  Status for_each(std::span<const std::uint32_t> slots, unsigned threads, CancelToken& cancel,
                  const Work& work);

  Generation& generation_;
  NodeArray& nodes_;
  SlotTable& slots_;
  const CodeSpace& space_;
  PruneMetric metric_;
  std::size_t ef_;
  std::size_t measured_;    ///< candidates compared more finely
  std::size_t links_new_;   ///< chosen for a new node
  std::mutex entry_mutex_;  ///< held while a node that raises the highest level is linked
};

}  // namespace omen::engine
