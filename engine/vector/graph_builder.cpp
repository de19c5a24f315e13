#include "engine/vector/graph_builder.h"

#include <algorithm>
#include <cmath>

#include "engine/vector/link_list.h"
#include "engine/vector/parallel.h"

namespace omen::engine {
namespace {

constexpr std::size_t kEfMin = 150;
constexpr std::size_t kLinksNewMin = 20;
constexpr std::size_t kMeasured = 100;  // fewer build faster, but cost recall at small pools
constexpr float kAlpha = 1.1F;          // on squared distances
constexpr std::uint32_t kInDegreeMin = 2;
constexpr std::uint32_t kLevelMax = 15;
constexpr std::uint32_t kLinkRange = 16;

std::uint64_t mix(std::uint64_t value) {
  value = (value + 0x9E3779B97F4A7C15U) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

}  // namespace

GraphBuilder::GraphBuilder(Generation& generation, const CodeSpace& space)
    : generation_(generation),
      nodes_(generation.nodes()),
      slots_(generation.slots()),
      space_(space),
      metric_(generation, space),
      ef_(std::max<std::size_t>(generation.options().ef_construction, kEfMin)),
      links_new_(std::min<std::size_t>(std::max<std::size_t>(generation.options().m, kLinksNewMin),
                                       generation.nodes().layout().links_max)) {}

bool GraphBuilder::takes_part(std::uint32_t slot) const {
  return (slots_.flags(slot) & (slot_flag::kDead | slot_flag::kZero | slot_flag::kUncoded)) == 0;
}

std::uint32_t GraphBuilder::random_level(std::uint32_t slot) const {
  const double uniform =
      (static_cast<double>(mix(slot) >> 11) + 1) / static_cast<double>(std::uint64_t{1} << 53);
  const double level = -std::log(uniform) / std::log(static_cast<double>(links_new_));
  return std::min(static_cast<std::uint32_t>(level), kLevelMax);
}

Status GraphBuilder::link(std::uint32_t first, std::uint32_t last, unsigned threads,
                          CancelToken& cancel) {
  std::vector<LinkScratch> scratch(threads);
  std::vector<Status> outcomes(threads);
  for_ranges(first, last, kLinkRange, threads,
             [&](std::uint32_t begin, std::uint32_t end, unsigned worker) {
               for (std::uint32_t slot = begin; slot < end; ++slot) {
                 if (takes_part(slot)) {
                   outcomes[worker] = insert(slot, scratch[worker]);
                   if (!outcomes[worker].ok()) {
                     return false;
                   }
                 }
               }
               return !cancel.cancelled();
             });
  for (const Status& outcome : outcomes) {
    OMEN_TRY(outcome);
  }
  return cancel.check();
}

Status GraphBuilder::insert(std::uint32_t slot, LinkScratch& scratch) {
  const VectorValue values = generation_.vector(slot);
  if (values == nullptr) {
    return {StatusCode::Corruption, "vector index holds a damaged vector"};
  }
  space_.prepare_row(values, scratch.query);
  std::uint32_t level = random_level(slot);
  if (level > 0) {
    const std::uint32_t place = nodes_.take_upper(level);
    const std::size_t end_bytes = (static_cast<std::size_t>(place) + level) *
                                  nodes_.layout().upper_words() * sizeof(std::uint32_t);
    if (end_bytes > nodes_.upper().capacity_bytes() || slots_.upper(slot) >= 0) {
      level = 0;
    } else {
      slots_.set_upper(slot, place);
    }
  }
  nodes_.set_level(slot, level);
  GraphEntry entry = generation_.entry().load();
  std::unique_lock<std::mutex> raising(entry_mutex_, std::defer_lock);
  if (!entry.present || level > entry.level) {
    raising.lock();
    entry = generation_.entry().load();
  }
  if (entry.present) {
    const GraphWalk walk(nodes_, slots_, space_, slots_.count());
    Candidate nearest = walk.descend(scratch.query, entry, level, scratch.walk);
    for (std::uint32_t current = std::min(level, entry.level) + 1; current-- > 0;) {
      link_level(slot, current, nearest, walk, scratch);
    }
  }
  if (raising.owns_lock() && (!entry.present || level > entry.level)) {
    generation_.entry().store(slot, level);
  }
  return {};
}

void GraphBuilder::link_level(std::uint32_t slot, std::uint32_t level, Candidate& nearest,
                              const GraphWalk& walk, LinkScratch& scratch) {
  walk.beam(scratch.query, nearest, level, ef_, slot, scratch.walk);
  const SearchPool& pool = scratch.walk.pool;
  const std::size_t count = std::min(pool.size(), kMeasured);
  scratch.ids.clear();
  for (std::size_t i = 0; i < count; ++i) {
    if (pool.id(i) != slot) {
      scratch.ids.push_back(pool.id(i));
    }
  }
  nearest = {pool.distance(0), pool.id(0)};
  scratch.distances.resize(std::max(scratch.distances.size(), scratch.ids.size()));
  metric_.from_row(slot, scratch.ids, scratch.distances.data(), scratch);
  scratch.candidates.clear();
  for (std::size_t i = 0; i < scratch.ids.size(); ++i) {
    scratch.candidates.push_back({scratch.distances[i], scratch.ids[i]});
  }
  choose(level == 0 ? links_new_ : nodes_.layout().upper_links_max, scratch);
  const std::vector<Candidate> chosen = scratch.chosen;
  LinkList own(nodes_, slots_, slot, level);
  nodes_.lock(slot);
  for (const Candidate& candidate : chosen) {
    // Others may have linked here already.
    if (own.count() < own.count_max() && !own.contains(candidate.id)) {
      own.append(candidate.id);
    }
  }
  nodes_.unlock(slot);
  for (const Candidate& candidate : chosen) {
    add_link(candidate.id, slot, level, scratch);
  }
}

/// Thins scratch.candidates to scratch.chosen: the nearest first, none that is nearer to one chosen
/// before than to the origin. Each chosen one is measured against all that are left at once.
void GraphBuilder::choose(std::size_t count_max, LinkScratch& scratch) const {
  std::vector<Candidate>& left = scratch.left;
  scratch.chosen.clear();
  std::sort(scratch.candidates.begin(), scratch.candidates.end());
  left = scratch.candidates;
  while (!left.empty()) {
    scratch.chosen.push_back(left.front());
    left.erase(left.begin());
    if (scratch.chosen.size() >= count_max || left.empty()) {
      return;
    }
    scratch.ids.clear();
    for (const Candidate& candidate : left) {
      scratch.ids.push_back(candidate.id);
    }
    scratch.distances.resize(std::max(scratch.distances.size(), left.size()));
    metric_.set_slot(scratch.chosen.back().id, scratch);
    metric_.from_slot(scratch.chosen.back().id, scratch.ids, scratch.distances.data(), scratch);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!(kAlpha * scratch.distances[i] < left[i].distance)) {
        left[kept++] = left[i];
      }
    }
    left.resize(kept);
  }
}

void GraphBuilder::add_link(std::uint32_t from, std::uint32_t to, std::uint32_t level,
                            LinkScratch& scratch) {
  LinkList list(nodes_, slots_, from, level);
  nodes_.lock(from);
  if (!list.contains(to)) {
    if (list.count() < list.count_max()) {
      list.append(to);
    } else {
      thin(from, to, level, scratch);
    }
  }
  nodes_.unlock(from);
}

/// Replaces the full list of `from` by the best of it and `to`; `from` is locked.
void GraphBuilder::thin(std::uint32_t from, std::uint32_t to, std::uint32_t level,
                        LinkScratch& scratch) {
  LinkList list(nodes_, slots_, from, level);
  scratch.ids.clear();
  for (std::uint32_t i = 0; i < list.count(); ++i) {
    scratch.ids.push_back(list.get(i));
  }
  scratch.ids.push_back(to);
  scratch.distances.resize(std::max(scratch.distances.size(), scratch.ids.size()));
  metric_.set_slot(from, scratch);
  metric_.from_slot(from, scratch.ids, scratch.distances.data(), scratch);
  scratch.candidates.clear();
  for (std::size_t i = 0; i < scratch.ids.size(); ++i) {
    scratch.candidates.push_back({scratch.distances[i], scratch.ids[i]});
  }
  choose(list.count_max(), scratch);
  if (level == 0) {
    for (const Candidate& candidate : scratch.candidates) {
      const bool kept = std::any_of(scratch.chosen.begin(), scratch.chosen.end(),
                                    [&](const Candidate& c) { return c.id == candidate.id; });
      if (!kept && scratch.chosen.size() + 1 < list.count_max() &&
          nodes_.in_degree(candidate.id) <= kInDegreeMin) {
        scratch.chosen.push_back(candidate);
      }
    }
  }
  list.replace(scratch.chosen);
}

void GraphBuilder::flood(std::vector<std::uint32_t>& open, std::vector<std::uint8_t>& reached,
                         std::uint32_t count) const {
  while (!open.empty()) {
    const std::uint32_t slot = open.back();
    open.pop_back();
    for (std::uint32_t i = 0; i < nodes_.link_count(slot); ++i) {
      const std::uint32_t next = nodes_.link(slot, i).load(std::memory_order_relaxed);
      if (next < count && reached[next] == 0) {
        reached[next] = 1;
        open.push_back(next);
      }
    }
  }
}

/// Makes `to` reachable from `slot` if there is room or a link that can be spared.
bool GraphBuilder::attach(std::uint32_t slot, std::uint32_t to) {
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

std::uint32_t GraphBuilder::repair(std::uint32_t count) {
  LinkScratch scratch;
  std::vector<std::uint8_t> reached(count);
  std::vector<std::uint32_t> open;
  const GraphEntry entry = generation_.entry().load();
  for (std::uint32_t slot = 0; slot < count; ++slot) {
    if ((slots_.upper(slot) >= 0 && takes_part(slot)) || (entry.present && slot == entry.slot)) {
      reached[slot] = 1;
      open.push_back(slot);
    }
  }
  flood(open, reached, count);
  std::uint32_t unreachable = 0;
  for (std::uint32_t slot = 0; slot < count; ++slot) {
    if (!takes_part(slot)) {
      continue;
    }
    const std::uint32_t links = nodes_.link_count(slot);
    for (std::uint32_t i = 0; i < links; ++i) {
      if (reached[slot] != 0 && nodes_.in_degree(slot) > kInDegreeMin) {
        break;
      }
      const std::uint32_t neighbour = nodes_.link(slot, i).load(std::memory_order_relaxed);
      if (neighbour < count && reached[neighbour] != 0 && attach(neighbour, slot) &&
          reached[slot] == 0) {
        reached[slot] = 1;
        open.push_back(slot);
        flood(open, reached, count);
      }
    }
    if (reached[slot] == 0) {
      // No neighbour is reachable or has room: ask the graph itself.
      if (const VectorValue values = generation_.vector(slot); values != nullptr && entry.present) {
        space_.prepare_row(values, scratch.query);
        const GraphWalk walk(nodes_, slots_, space_, count);
        const Candidate start = walk.descend(scratch.query, entry, 0, scratch.walk);
        walk.beam(scratch.query, start, 0, ef_, slot, scratch.walk);
        for (std::size_t i = 0; i < scratch.walk.pool.size() && reached[slot] == 0; ++i) {
          if (attach(scratch.walk.pool.id(i), slot)) {
            reached[slot] = 1;
            open.push_back(slot);
            flood(open, reached, count);
          }
        }
      }
    }
    unreachable += reached[slot] == 0 ? 1U : 0U;
  }
  return unreachable;
}

}  // namespace omen::engine
