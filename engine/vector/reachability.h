#pragma once

#include <cstdint>
#include <vector>

#include "engine/vector/prune_metric.h"

namespace omen::engine {

/// Sees to it that a walk on the lowest level can get from the graph's entry to every living node.
/// Thinning and repair keep the nearest links, which leaves some nodes with no way in.
///
/// **Threads:** one, and nobody else who changes links; searches may run.
class Reachability {
 public:
  Reachability(Generation& generation, const CodeSpace& space);

  /// Gives every living node that no path leads to a link from a node that has one, and those with
  /// one or two in-links another. Returns how many stay unreachable.
  std::uint32_t connect();
  /// Living nodes no path leads to.
  std::uint32_t count_unreachable();

 private:
  [[nodiscard]] bool is_living_node(std::uint32_t slot) const;
  void start();
  void flood();
  bool attach(std::uint32_t slot, std::uint32_t to) const;
  void connect_node(std::uint32_t slot);
  void reach(std::uint32_t slot);

  Generation& generation_;
  NodeArray& nodes_;
  SlotTable& slots_;
  const CodeSpace& space_;
  std::uint32_t count_ = 0;
  std::vector<std::uint8_t> reached_;
  std::vector<std::uint32_t> open_;
  LinkScratch scratch_;
};

}  // namespace omen::engine
