#include <algorithm>
#include <cmath>

#include "engine/vector/generation_search.h"

/// Where a search's candidates come from: the graph, the tail, scans of codes.
namespace omen::engine {
namespace {

constexpr std::size_t kEfPerRow = 2;  // a pool of 1-bit estimates needs more than the rows asked
constexpr std::size_t kTailPoolMin = 100;  // estimates kept of a scan: recall 0.99 and more
constexpr std::size_t kTailPerRow = 10;
constexpr std::size_t kGraphEfMax = 5000;
constexpr std::size_t kScanShare = 25;  // a beam of n / 25 costs what scanning n codes does
constexpr std::size_t kRefill = 512;
constexpr std::uint32_t kScanBlock = 256;
constexpr double kFilteredRecall = 0.99;  // of the beam: what it gives the scan gives more cheaply
constexpr std::size_t kScanPoolMax = 1000;  // above, all estimates are kept rather than sorted in
constexpr std::size_t kBeamScanCost = 80;   // codes scanned in the time a place of a beam takes
constexpr std::uint32_t kGone = slot_flag::kDead | slot_flag::kFree;
constexpr std::uint32_t kNoEstimate = kGone | slot_flag::kNoNode;

}  // namespace

/// Sees to it that candidates have been gathered widely enough for `count` more entries, and that
/// there are some if any are left.
Status GenerationSearch::supply(std::size_t count) {
  if (round_ == Round::All) {
    return {};
  }
  const std::size_t needed = (asked_ + count) * kEfPerRow;
  const bool exhausted = cursor_ == candidates_.size() && refined_.empty() && ranked_.empty();
  const bool restricted_since = filter_ != nullptr && !filter_searched_;
  if (round_ == Round::Graph && ef_ >= needed && !exhausted && !restricted_since) {
    return {};
  }
  if (round_ == Round::None) {
    prepare();
    if (space_ == nullptr) {
      return scan_vectors();
    }
    OMEN_TRY(rank_uncoded());
    ef_ = first_ef(count);
  } else {
    ef_ = std::max(ef_ * 2, needed);
  }
  const bool again = round_ == Round::Graph;
  round_ = Round::Graph;
  if (filter_ != nullptr) {
    if (restricted_since) {
      filter_searched_ = true;
      ef_ = first_ef(count);
      supply_filtered(count);
      drop_seen();
    } else {
      scan_codes();
    }
    return {};
  }
  const bool has_graph = entry_.present;
  if (ef_ > kGraphEfMax || ef_ * kScanShare > slots_end_ + kTailPoolMin * kScanShare ||
      (!has_graph && again)) {
    scan_codes();
    return {};
  }
  candidates_.clear();
  cursor_ = 0;
  if (has_graph) {
    search_graph(ef_);
  }
  const std::size_t scanned = std::max({ef_, count * kTailPerRow, kTailPoolMin});
  if (!has_graph) {
    scratch_->walk.visited.start(slots_end_);
    scan_all(scanned);
  } else if (tail_.size() > 0) {
    scan_tail(scanned);
  }
  if (again) {
    drop_seen();
  }
  return {};
}

void GenerationSearch::drop_seen() {
  std::sort(seen_.begin(), seen_.end());
  std::erase_if(candidates_, [&](const Candidate& candidate) {
    return std::binary_search(seen_.begin(), seen_.end(), candidate.id);
  });
}

void GenerationSearch::search_graph(std::size_t ef) {
  WalkScratch& walk_scratch = scratch_->walk;
  const GraphWalk walk(generation_->nodes(), generation_->slots(), *space_, slots_end_);
  const Candidate start = walk.descend(scratch_->query, entry_, 0, walk_scratch);
  walk.beam(scratch_->query, start, 0, ef, left_out_, walk_scratch);
  const SearchPool& pool = walk_scratch.pool;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    candidates_.push_back({pool.distance(i), pool.id(i)});
  }
}

/// The first round of a restricted search.
void GenerationSearch::supply_filtered(std::size_t count) {
  candidates_.clear();
  cursor_ = 0;
  if (search_graph_filtered()) {
    return;
  }
  ef_ = std::max({ef_, count * kTailPerRow, kTailPoolMin});
  if (ef_ > kScanPoolMax) {
    scan_codes();
    return;
  }
  candidates_.clear();
  scratch_->walk.visited.start(slots_end_);
  scan_all(ef_);
}

/// False if a scan of the filter's codes is cheaper, or if the beam met too few of its slots for
/// the nearest of them to be sure to be among those.
bool GenerationSearch::search_graph_filtered() {
  const std::size_t matches = filter_->slot_count();
  if (!entry_.present || matches == 0) {
    return false;
  }
  ef_ = std::max(ef_,
                 6 * generation_->calibration().ef_for(kFilteredRecall, options_.row_count_hint));
  const std::size_t beam = ef_ * slots_end_ / matches * 5 / 4;
  if (beam > kGraphEfMax || beam * kBeamScanCost > matches) {
    return false;
  }
  search_graph(beam);
  std::erase_if(candidates_, [&](const Candidate& candidate) { return !admits(candidate.id); });
  if (candidates_.size() < ef_ / 2) {
    return false;
  }
  if (tail_.size() > 0) {
    scan_tail(ef_);
  }
  return true;
}

/// Up to kScanBlock slots that have a code from `slot` on, of the filter if there is one, without
/// those in `visited`. Moves `slot` behind them.
std::uint32_t GenerationSearch::next_block(std::uint32_t& slot, const VisitedSet& visited,
                                           std::uint32_t* ids) const {
  const SlotTable& slots = generation_->slots();
  std::uint32_t count = 0;
  for (; slot < slots_end_ && count < kScanBlock; ++slot) {
    if (filter_ != nullptr && (slot = filter_->next(slot)) >= slots_end_) {
      break;
    }
    if ((slots.flags(slot) & kNoEstimate) == 0 && !visited.contains(slot)) {
      ids[count++] = slot;
    }
  }
  return count;
}

/// The nearest `ef` by estimate of the tail's slots that the graph has not shown (while it is
/// linked, a slot of the tail may be in both), merged into candidates_.
void GenerationSearch::scan_tail(std::size_t ef) {
  scratch_->tail_pool.reset(ef);
  const SlotTable& slots = generation_->slots();
  const CodeArray codes = generation_->nodes().codes();
  std::uint32_t ids[kScanBlock];
  float distances[kScanBlock];
  std::uint32_t count = 0;
  const auto flush = [&] {
    space_->estimate()(scratch_->query.code, codes, ids, count, distances);
    enter(distances, ids, count);
    count = 0;
  };
  PendingQueue::for_each(tail_, [&](std::uint32_t slot) {
    if (slot < slots_end_ && (slots.flags(slot) & kNoEstimate) == 0 && admits(slot) &&
        scratch_->walk.visited.insert(slot)) {
      ids[count++] = slot;
      if (count == kScanBlock) {
        flush();
      }
    }
  });
  flush();
  merge_scanned();
}

/// The nearest `ef` by estimate of all slots, merged into candidates_.
void GenerationSearch::scan_all(std::size_t ef) {
  SearchPool& pool = scratch_->tail_pool;
  pool.reset(ef);
  const CodeArray codes = generation_->nodes().codes();
  std::uint32_t ids[kScanBlock];
  float distances[kScanBlock];
  for (std::uint32_t slot = 0; slot < slots_end_;) {
    const std::uint32_t count = next_block(slot, scratch_->walk.visited, ids);
    space_->estimate()(scratch_->query.code, codes, ids, count, distances);
    enter(distances, ids, count);
  }
  merge_scanned();
}

/// Enters scanned slots into the tail's pool. Who may see them is asked last: of few.
void GenerationSearch::enter(float* distances, std::uint32_t* ids, std::size_t count) {
  SearchPool& pool = scratch_->tail_pool;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (distances[i] < pool.limit() && may_see(ids[i])) {
      distances[kept] = distances[i];
      ids[kept++] = ids[i];
    }
  }
  pool.insert(distances, ids, kept);
}

void GenerationSearch::merge_scanned() {
  const SearchPool& pool = scratch_->tail_pool;
  const std::size_t graph_count = candidates_.size();
  for (std::size_t i = 0; i < pool.size(); ++i) {
    candidates_.push_back({pool.distance(i), pool.id(i)});
  }
  std::inplace_merge(candidates_.begin(),
                     candidates_.begin() + static_cast<std::ptrdiff_t>(graph_count),
                     candidates_.end());
}

/// The last round: estimates of everything not compared yet.
void GenerationSearch::scan_codes() {
  round_ = Round::All;
  candidates_.clear();
  cursor_ = 0;
  const CodeArray codes = generation_->nodes().codes();
  VisitedSet& visited = scratch_->walk.visited;
  visited.start(slots_end_);
  for (const std::uint32_t slot : seen_) {
    visited.insert(slot);
  }
  std::uint32_t ids[kScanBlock];
  float distances[kScanBlock];
  for (std::uint32_t slot = 0; slot < slots_end_;) {
    const std::uint32_t count = next_block(slot, visited, ids);
    space_->estimate()(scratch_->query.code, codes, ids, count, distances);
    for (std::uint32_t i = 0; i < count; ++i) {
      // A damaged code may give NaN, which no order admits.
      remainder_.push_back({std::isnan(distances[i]) ? HUGE_VALF : distances[i], ids[i]});
    }
  }
  refill();
}

/// Moves the nearest of remainder_ to candidates_.
void GenerationSearch::refill() {
  candidates_.clear();
  cursor_ = 0;
  const std::size_t count = std::min(std::max(kRefill, asked_), remainder_.size());
  const auto split = remainder_.end() - static_cast<std::ptrdiff_t>(count);
  std::nth_element(remainder_.begin(), split, remainder_.end(),
                   [](const Candidate& a, const Candidate& b) { return b < a; });
  candidates_.assign(split, remainder_.end());
  remainder_.erase(split, remainder_.end());
  std::sort(candidates_.begin(), candidates_.end());
}

}  // namespace omen::engine
