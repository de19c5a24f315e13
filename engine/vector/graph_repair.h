#pragma once

#include <cstdint>
#include <vector>

#include "engine/vector/prune_metric.h"

namespace omen::engine {

/// Takes dead nodes out of the graph. Whoever links to one links instead to the best of what that
/// one led to (further, where that is dead as well), by the rule by which nodes are linked at all:
/// none that is nearer to a link kept than to the node. Links to the living are never given up, so
/// that nobody loses a way in but through the dead. Ref: Xiao et al., "Enhancing HNSW index for
/// real-time updates" (MN-RU), arXiv:2407.07871.
///
/// **Threads:** one repair at a time and nobody else who links; it may use several threads.
/// Searches, appends and removals may run: a node that dies meanwhile is for the next repair, and
/// the dead keep their own links, so that searches that began before walk on.
class GraphRepair {
 public:
  GraphRepair(Generation& generation, const CodeSpace& space);

  /// Afterwards nothing leads to removed(), which the caller retires, and few_links() may be in
  /// want of new neighbours.
  Status run(unsigned threads, CancelToken& cancel);
  [[nodiscard]] const std::vector<std::uint32_t>& removed() const { return removed_; }
  [[nodiscard]] const std::vector<std::uint32_t>& few_links() const { return few_links_; }

 private:
  struct MendScratch {
    LinkScratch link;
    std::vector<std::uint32_t> kept;
    std::vector<std::uint32_t> dead;
    std::vector<std::uint32_t> found;
    std::vector<Candidate> ranked;
    std::vector<float> kept_distances;
    std::vector<std::uint32_t> few_links;
  };

  void find_dead();
  void replace_entry();
  void mend(std::uint32_t slot, std::uint32_t level, MendScratch& scratch) const;
  void gather(std::uint32_t slot, std::uint32_t level, MendScratch& scratch) const;
  void choose(std::uint32_t slot, std::size_t count_max, std::size_t count_min,
              MendScratch& scratch) const;
  [[nodiscard]] bool is_dead(std::uint32_t slot) const {
    return slot < dead_.size() && dead_[slot] != 0;
  }

  Generation& generation_;
  NodeArray& nodes_;
  SlotTable& slots_;
  PruneMetric metric_;
  std::vector<std::uint8_t> dead_;  ///< of every slot there was: to be taken out now
  std::vector<std::uint32_t> removed_;
  std::vector<std::uint32_t> few_links_;
};

}  // namespace omen::engine
