#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/vector/node_array.h"
#include "engine/vector/search_pool.h"
#include "engine/vector/slot_table.h"

namespace omen::engine {

/// One node's links on one level, for writers who hold the node's lock. Keeps the in-degrees of
/// level 0.
class LinkList {
 public:
  LinkList(NodeArray& nodes, const SlotTable& slots, std::uint32_t slot, std::uint32_t level)
      : nodes_(nodes),
        slot_(slot),
        level_(level),
        place_(level == 0 ? 0 : static_cast<std::size_t>(slots.upper(slot)) + level - 1) {}

  [[nodiscard]] std::uint32_t count_max() const {
    return level_ == 0 ? nodes_.layout().links_max : nodes_.layout().upper_links_max;
  }
  [[nodiscard]] std::uint32_t count() const {
    return level_ == 0 ? nodes_.link_count(slot_) : nodes_.upper_word(place_, 0);
  }
  [[nodiscard]] std::uint32_t get(std::uint32_t index) const {
    return level_ == 0 ? nodes_.link(slot_, index) : nodes_.upper_word(place_, index + 1);
  }
  void set(std::uint32_t index, std::uint32_t id) {
    if (level_ == 0) {
      nodes_.set_link(slot_, index, id);
    } else {
      nodes_.set_upper_word(place_, index + 1, id);
    }
  }
  [[nodiscard]] bool contains(std::uint32_t id) const {
    for (std::uint32_t i = 0; i < count(); ++i) {
      if (get(i) == id) {
        return true;
      }
    }
    return false;
  }
  /// There must be room.
  void append(std::uint32_t id) {
    const std::uint32_t old_count = count();
    set(old_count, id);
    set_count(old_count + 1);
    if (level_ == 0) {
      nodes_.add_in_link(id);
    }
  }
  void replace(const std::vector<Candidate>& links) {
    if (level_ == 0) {
      for (const Candidate& link : links) {
        nodes_.add_in_link(link.id);
      }
      for (std::uint32_t i = 0; i < count(); ++i) {
        nodes_.drop_in_link(get(i));
      }
    }
    for (std::uint32_t i = 0; i < links.size(); ++i) {
      set(i, links[i].id);
    }
    set_count(static_cast<std::uint32_t>(links.size()));
  }

 private:
  void set_count(std::uint32_t count) {
    if (level_ == 0) {
      nodes_.set_link_count(slot_, count);
    } else {
      nodes_.set_upper_word(place_, 0, count);
    }
  }

  NodeArray& nodes_;
  std::uint32_t slot_;
  std::uint32_t level_;
  std::size_t place_;
};

}  // namespace omen::engine
