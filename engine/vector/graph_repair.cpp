#include "engine/vector/graph_repair.h"

#include <algorithm>

#include "engine/base/failpoint.h"
#include "engine/vector/graph_builder.h"
#include "engine/vector/link_list.h"
#include "engine/vector/parallel.h"

namespace omen::engine {
namespace {

constexpr std::uint32_t kMendRange = 256;
constexpr std::size_t kFoundMax = 64;       // candidates in place of a node's dead links
constexpr std::size_t kDeadWalkedMax = 24;  // dead nodes looked through for them
constexpr std::size_t kRankedMax = 24;      // of them compared with the links kept
constexpr std::size_t kLinksMin = 6;  // a node with fewer takes the nearest, then asks the graph

}  // namespace

GraphRepair::GraphRepair(Generation& generation, const CodeSpace& space)
    : generation_(generation),
      nodes_(generation.nodes()),
      slots_(generation.slots()),
      metric_(generation, space) {}

Status GraphRepair::run(unsigned threads, CancelToken& cancel) {
  find_dead();
  OMEN_FAILPOINT("vector.repair.found");
  replace_entry();
  OMEN_FAILPOINT("vector.repair.entry");
  for (const std::uint32_t slot : removed_) {
    for (std::uint32_t i = 0, count = nodes_.link_count(slot); i < count; ++i) {
      nodes_.drop_in_link(nodes_.link(slot, i));
    }
  }
  std::vector<MendScratch> scratch(threads);
  for_ranges(0, static_cast<std::uint32_t>(dead_.size()), kMendRange, threads,
             [&](std::uint32_t begin, std::uint32_t end, unsigned worker) {
               constexpr std::uint32_t kOthers =
                   slot_flag::kFree | slot_flag::kPending | slot_flag::kNoNode;
               for (std::uint32_t slot = begin; slot < end; ++slot) {
                 if ((slots_.flags(slot) & kOthers) != 0 || is_dead(slot)) {
                   continue;
                 }
                 for (std::uint32_t level = 0; level <= nodes_.level(slot); ++level) {
                   mend(slot, level, scratch[worker]);
                 }
               }
               return !cancel.cancelled();
             });
  for (const MendScratch& part : scratch) {
    few_links_.insert(few_links_.end(), part.few_links.begin(), part.few_links.end());
  }
  return cancel.check();
}

void GraphRepair::find_dead() {
  constexpr std::uint32_t kOthers = slot_flag::kFree | slot_flag::kPending | slot_flag::kNoNode;
  dead_.assign(slots_.count(), 0);
  for (std::uint32_t slot = 0; slot < dead_.size(); ++slot) {
    const std::uint32_t flags = slots_.flags(slot);
    if ((flags & slot_flag::kDead) != 0 && (flags & kOthers) == 0) {
      dead_[slot] = 1;
      removed_.push_back(slot);
    }
  }
}

/// A dead entry gives way to a living node of the highest level there is.
void GraphRepair::replace_entry() {
  const GraphEntry entry = generation_.entry().load();
  if (!entry.present || !is_dead(entry.slot)) {
    return;
  }
  constexpr std::uint32_t kOthers =
      slot_flag::kFree | slot_flag::kPending | slot_flag::kNoNode | slot_flag::kDead;
  GraphEntry best;
  for (std::uint32_t slot = 0; slot < dead_.size(); ++slot) {
    if ((slots_.flags(slot) & kOthers) == 0 && (!best.present || nodes_.level(slot) > best.level)) {
      best = {slot, nodes_.level(slot), true};
    }
  }
  if (best.present) {
    generation_.entry().store(best.slot, best.level);
  } else {
    generation_.entry().clear();
  }
}

void GraphRepair::mend(std::uint32_t slot, std::uint32_t level, MendScratch& scratch) const {
  LinkList list(nodes_, slots_, slot, level);
  scratch.kept.clear();
  scratch.dead.clear();
  for (std::uint32_t i = 0, count = list.count(); i < count; ++i) {
    (is_dead(list.get(i)) ? scratch.dead : scratch.kept).push_back(list.get(i));
  }
  if (scratch.dead.empty()) {
    return;
  }
  const std::size_t gone = scratch.dead.size();
  gather(slot, level, scratch);
  const std::size_t kept = scratch.kept.size();
  choose(slot, kept + gone, level == 0 ? kLinksMin : 1, scratch);
  std::vector<Candidate>& links = scratch.link.chosen;
  links.clear();
  for (const std::uint32_t id : scratch.kept) {
    links.push_back({0, id});
  }
  nodes_.lock(slot);
  list.replace(links);
  nodes_.unlock(slot);
  if (level == 0 && links.size() < kLinksMin) {
    scratch.few_links.push_back(slot);
  }
}

/// What the dead links of a node lead to, through further dead ones if need be.
void GraphRepair::gather(std::uint32_t slot, std::uint32_t level, MendScratch& scratch) const {
  std::vector<std::uint32_t>& found = scratch.found;
  found.clear();
  for (std::size_t at = 0; at < std::min(scratch.dead.size(), kDeadWalkedMax); ++at) {
    if (level > nodes_.level(scratch.dead[at])) {
      continue;
    }
    const LinkList list(nodes_, slots_, scratch.dead[at], level);
    for (std::uint32_t i = 0, count = list.count(); i < count; ++i) {
      const std::uint32_t id = list.get(i);
      if (id == slot || id >= dead_.size()) {
        continue;
      }
      if (is_dead(id)) {
        if (std::find(scratch.dead.begin(), scratch.dead.end(), id) == scratch.dead.end()) {
          scratch.dead.push_back(id);
        }
      } else if (found.size() < kFoundMax && (slots_.flags(id) & slot_flag::kDead) == 0 &&
                 std::find(found.begin(), found.end(), id) == found.end() &&
                 std::find(scratch.kept.begin(), scratch.kept.end(), id) == scratch.kept.end()) {
        found.push_back(id);
      }
    }
  }
}

/// Adds the best of scratch.found to scratch.kept.
void GraphRepair::choose(std::uint32_t slot, std::size_t count_max, std::size_t count_min,
                         MendScratch& scratch) const {
  if (scratch.found.empty()) {
    return;
  }
  LinkScratch& link = scratch.link;
  std::vector<float>& distances = link.distances;
  metric_.set_slot(slot, link);
  distances.resize(std::max(scratch.found.size(), count_max));
  metric_.from_slot(scratch.found, distances.data(), link);
  std::vector<Candidate>& ranked = scratch.ranked;
  ranked.clear();
  for (std::size_t i = 0; i < scratch.found.size(); ++i) {
    ranked.push_back({distances[i], scratch.found[i]});
  }
  const std::size_t count = std::min(ranked.size(), kRankedMax);
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count),
                    ranked.end());
  ranked.resize(count);
  std::vector<float>& kept_distances = scratch.kept_distances;
  kept_distances.resize(scratch.kept.size());
  metric_.from_slot(scratch.kept, kept_distances.data(), link);
  std::size_t rejected = 0;
  for (const Candidate& candidate : ranked) {
    if (scratch.kept.size() >= count_max) {
      return;
    }
    metric_.set_slot(candidate.id, link);
    distances.resize(std::max(distances.size(), scratch.kept.size()));
    metric_.from_slot(scratch.kept, distances.data(), link);
    bool covered = false;
    for (std::size_t i = 0; i < scratch.kept.size() && !covered; ++i) {
      covered =
          kept_distances[i] < candidate.distance && kLinkAlpha * distances[i] < candidate.distance;
    }
    if (covered) {
      ranked[rejected++] = candidate;
    } else {
      scratch.kept.push_back(candidate.id);
      kept_distances.push_back(candidate.distance);
    }
  }
  for (std::size_t i = 0; i < rejected && scratch.kept.size() < std::min(count_min, count_max);
       ++i) {
    scratch.kept.push_back(ranked[i].id);
  }
}

}  // namespace omen::engine
