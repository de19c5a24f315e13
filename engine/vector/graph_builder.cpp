#include "engine/vector/graph_builder.h"

#include <algorithm>
#include <cmath>

#include "engine/vector/link_list.h"
#include "engine/vector/parallel.h"

namespace omen::engine {
namespace {

constexpr std::size_t kEfMin = 150;
constexpr std::size_t kEfHasty = 100;
// Measured: by codes of one bit, more links than these cost the build a fifth and gain nothing.
constexpr std::size_t kLinksNewMin = 20;
constexpr std::size_t kLinksNewMinCoarse = 16;
constexpr std::size_t kMeasured = 100;  // fewer build faster, but cost recall at small pools
constexpr std::size_t kMeasuredHasty = 48;
constexpr std::size_t kLivingMin = 4;  // fewer living candidates: dead ones hold the graph together
constexpr double kLevelBase = 40;      // nodes of a level for each of the next
constexpr std::size_t kTrials = 4;     // sparse vectors that exclude nobody: no others will
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
      measured_(kMeasured),
      links_new_(std::min<std::size_t>(
          std::max<std::size_t>(generation.options().m,
                                space.shape().is_fine() ? kLinksNewMin : kLinksNewMinCoarse),
          generation.nodes().layout().links_max)) {}

void GraphBuilder::hurry() {
  ef_ = std::max<std::size_t>(generation_.options().ef_construction, kEfHasty);
  measured_ = kMeasuredHasty;
}

std::uint32_t GraphBuilder::random_level(std::uint32_t slot) const {
  const double uniform =
      (static_cast<double>(mix(slot) >> 11) + 1) / static_cast<double>(std::uint64_t{1} << 53);
  const double level = -std::log(uniform) / std::log(kLevelBase);
  return std::min(static_cast<std::uint32_t>(level), kLevelMax);
}

template <typename Work>
Status GraphBuilder::for_each(std::span<const std::uint32_t> slots, unsigned threads,
                              CancelToken& cancel, const Work& work) {
  std::vector<LinkScratch> scratch(threads);
  std::vector<Status> outcomes(threads);
  for_ranges(0, static_cast<std::uint32_t>(slots.size()), kLinkRange, threads,
             [&](std::uint32_t begin, std::uint32_t end, unsigned worker) {
               for (std::uint32_t i = begin; i < end; ++i) {
                 outcomes[worker] = work(i, scratch[worker]);
                 if (!outcomes[worker].ok()) {
                   return false;
                 }
               }
               return !cancel.cancelled();
             });
  for (const Status& outcome : outcomes) {
    OMEN_TRY(outcome);
  }
  return cancel.check();
}

Status GraphBuilder::link(std::span<const std::uint32_t> slots, std::span<std::uint8_t> linked,
                          unsigned threads, CancelToken& cancel) {
  constexpr std::uint32_t kNever = slot_flag::kFree | slot_flag::kDead | slot_flag::kNoNode;
  return for_each(slots, threads, cancel, [&](std::uint32_t i, LinkScratch& scratch) -> Status {
    const std::uint32_t flags = slots_.flags(slots[i]);
    if ((flags & kNever) != 0 || (flags & slot_flag::kPending) == 0) {
      return {};
    }
    OMEN_TRY(insert(slots[i], scratch));
    linked[i] = 1;
    return {};
  });
}

Status GraphBuilder::relink(std::span<const std::uint32_t> slots, unsigned threads,
                            CancelToken& cancel) {
  return for_each(slots, threads, cancel, [&](std::uint32_t i, LinkScratch& scratch) -> Status {
    const std::uint32_t slot = slots[i];
    const VectorValue values = generation_.vector(slot);
    const GraphEntry entry = generation_.entry().load();
    if (values == nullptr || !entry.present) {
      return {};  // its links stay as they are
    }
    space_.prepare_row(values, scratch.query);
    const GraphWalk walk(nodes_, slots_, space_, slots_.count());
    Candidate nearest = walk.descend(scratch.query, entry, 0, scratch.walk);
    link_level(slot, 0, nearest, walk, scratch);
    return {};
  });
}

Status GraphBuilder::insert(std::uint32_t slot, LinkScratch& scratch) {
  const VectorValue values = generation_.vector(slot);
  if (values == nullptr) {
    return {StatusCode::Corruption, "vector index holds a damaged vector"};
  }
  space_.prepare_row(values, scratch.query);
  std::uint32_t level = random_level(slot);
  if (level > 0 && slots_.upper(slot) < 0) {
    const std::uint32_t place = nodes_.take_upper(level);
    const std::size_t end_bytes = (static_cast<std::size_t>(place) + level) *
                                  nodes_.layout().upper_words() * sizeof(std::uint32_t);
    if (end_bytes > nodes_.upper().capacity_bytes() || place > SlotTable::kUpperMax) {
      level = 0;
    } else {
      slots_.set_upper(slot, place);
    }
  }
  // Nothing leads to it: what a former life of the slot left behind goes unseen.
  nodes_.set_level(slot, level);
  nodes_.clear(slot, slots_.upper(slot));
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
  const std::size_t count = std::min(pool.size(), measured_);
  scratch.ids.clear();
  for (std::size_t i = 0; i < count; ++i) {
    if ((slots_.flags(pool.id(i)) & slot_flag::kDead) == 0) {
      scratch.ids.push_back(pool.id(i));
    }
  }
  if (scratch.ids.size() < kLivingMin) {
    scratch.ids.clear();
    for (std::size_t i = 0; i < count; ++i) {
      scratch.ids.push_back(pool.id(i));
    }
  }
  std::erase(scratch.ids, slot);
  nearest = {pool.distance(0), pool.id(0)};
  scratch.distances.resize(std::max(scratch.distances.size(), scratch.ids.size()));
  metric_.from_row(scratch.ids, scratch.distances.data(), scratch);
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
/// before than to the origin. Each chosen one is measured against all that are left at once. Where
/// there are hubs, the nearest of those left out take what places remain. Distances of sparse
/// vectors are dear: where the first chosen exclude nobody, no others are measured.
void GraphBuilder::choose(std::size_t count_max, LinkScratch& scratch) const {
  const bool sparse = generation_.shape().kind == CodeShape::Kind::Sparse;
  std::vector<Candidate>& left = scratch.left;
  scratch.chosen.clear();
  std::sort(scratch.candidates.begin(), scratch.candidates.end());
  left = scratch.candidates;
  while (!left.empty()) {
    scratch.chosen.push_back(left.front());
    left.erase(left.begin());
    if (scratch.chosen.size() >= count_max) {
      return;
    }
    if (left.empty()) {
      break;
    }
    if (sparse && scratch.chosen.size() > kTrials &&
        scratch.chosen.size() + left.size() == scratch.candidates.size()) {
      const std::size_t count = std::min(left.size(), count_max - scratch.chosen.size());
      scratch.chosen.insert(scratch.chosen.end(), left.begin(),
                            left.begin() + static_cast<std::ptrdiff_t>(count));
      return;
    }
    scratch.ids.clear();
    for (const Candidate& candidate : left) {
      scratch.ids.push_back(candidate.id);
    }
    scratch.distances.resize(std::max(scratch.distances.size(), left.size()));
    metric_.set_slot(scratch.chosen.back().id, scratch);
    metric_.from_slot(scratch.ids, scratch.distances.data(), scratch);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!(kLinkAlpha * scratch.distances[i] < left[i].distance)) {
        left[kept++] = left[i];
      }
    }
    left.resize(kept);
  }
  if (!generation_.shape().has_hubs) {
    return;
  }
  for (const Candidate& candidate : scratch.candidates) {
    if (scratch.chosen.size() >= count_max) {
      return;
    }
    if (std::none_of(scratch.chosen.begin(), scratch.chosen.end(),
                     [&](const Candidate& c) { return c.id == candidate.id; })) {
      scratch.chosen.push_back(candidate);
    }
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
  metric_.from_slot(scratch.ids, scratch.distances.data(), scratch);
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

}  // namespace omen::engine
