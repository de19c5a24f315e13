#include "engine/vector/reachability.h"

#include "engine/vector/graph_builder.h"
#include "engine/vector/link_list.h"

namespace omen::engine {
namespace {

constexpr std::size_t kEf = 150;
constexpr int kRoundsMax =
    4;  // a link that is given up for another may have been a node's only way

}  // namespace

Reachability::Reachability(Generation& generation, const CodeSpace& space)
    : generation_(generation),
      nodes_(generation.nodes()),
      slots_(generation.slots()),
      space_(space) {}

bool Reachability::is_living_node(std::uint32_t slot) const {
  constexpr std::uint32_t kOthers =
      slot_flag::kFree | slot_flag::kDead | slot_flag::kPending | slot_flag::kNoNode;
  return (slots_.flags(slot) & kOthers) == 0;
}

void Reachability::start() {
  count_ = slots_.count();
  reached_.assign(count_, 0);
  open_.clear();
  if (const GraphEntry entry = generation_.entry().load(); entry.present && entry.slot < count_) {
    reach(entry.slot);
  }
}

void Reachability::reach(std::uint32_t slot) {
  reached_[slot] = 1;
  open_.push_back(slot);
  flood();
}

void Reachability::flood() {
  while (!open_.empty()) {
    const std::uint32_t slot = open_.back();
    open_.pop_back();
    for (std::uint32_t i = 0, count = nodes_.link_count(slot); i < count; ++i) {
      const std::uint32_t next = nodes_.link(slot, i);
      if (next < count_ && reached_[next] == 0) {
        reached_[next] = 1;
        open_.push_back(next);
      }
    }
  }
}

/// Makes `to` reachable from `slot` if there is room or a link that can be spared.
bool Reachability::attach(std::uint32_t slot, std::uint32_t to) const {
  LinkList list(nodes_, slots_, slot, 0);
  nodes_.lock(slot);
  bool done = list.contains(to);
  if (!done && list.count() < list.count_max()) {
    list.append(to);
    done = true;
  } else if (!done) {
    std::uint32_t spare = 0;
    for (std::uint32_t i = 1; i < list.count(); ++i) {
      if (nodes_.in_degree(list.get(i)) > nodes_.in_degree(list.get(spare))) {
        spare = i;
      }
    }
    if (nodes_.in_degree(list.get(spare)) > 2 * kInDegreeMin) {
      nodes_.drop_in_link(list.get(spare));
      list.set(spare, to);
      nodes_.add_in_link(to);
      done = true;
    }
  }
  nodes_.unlock(slot);
  return done;
}

void Reachability::connect_node(std::uint32_t slot) {
  for (std::uint32_t i = 0, count = nodes_.link_count(slot); i < count; ++i) {
    if (reached_[slot] != 0 && nodes_.in_degree(slot) > kInDegreeMin) {
      return;
    }
    const std::uint32_t neighbour = nodes_.link(slot, i);
    if (neighbour < count_ && reached_[neighbour] != 0 && is_living_node(neighbour) &&
        attach(neighbour, slot) && reached_[slot] == 0) {
      reach(slot);
    }
  }
  if (reached_[slot] != 0) {
    return;
  }
  // No neighbour is reachable or has room: ask the graph itself.
  const VectorValue values = generation_.vector(slot);
  const GraphEntry entry = generation_.entry().load();
  if (values == nullptr || !entry.present) {
    return;
  }
  space_.prepare_row(values, scratch_.query);
  const GraphWalk walk(nodes_, slots_, space_, count_);
  const Candidate nearest = walk.descend(scratch_.query, entry, 0, scratch_.walk);
  walk.beam(scratch_.query, nearest, 0, kEf, slot, scratch_.walk);
  const SearchPool& pool = scratch_.walk.pool;
  for (std::size_t i = 0; i < pool.size() && reached_[slot] == 0; ++i) {
    const std::uint32_t other = pool.id(i);
    if (reached_[other] != 0 && is_living_node(other) && attach(other, slot)) {
      reach(slot);
    }
  }
}

std::uint32_t Reachability::connect() {
  std::uint32_t unreachable = 0;
  for (int round = 0; round < kRoundsMax; ++round) {
    start();
    for (std::uint32_t slot = 0; slot < count_; ++slot) {
      if (is_living_node(slot)) {
        connect_node(slot);
      }
    }
    unreachable = count_unreachable();
    if (unreachable == 0) {
      break;
    }
  }
  return unreachable;
}

std::uint32_t Reachability::count_unreachable() {
  start();
  std::uint32_t unreachable = 0;
  for (std::uint32_t slot = 0; slot < count_; ++slot) {
    unreachable += is_living_node(slot) && reached_[slot] == 0 ? 1U : 0U;
  }
  return unreachable;
}

}  // namespace omen::engine
