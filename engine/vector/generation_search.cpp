#include "engine/vector/generation_search.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace omen::engine {
namespace {

constexpr std::size_t kEfPerRow = 2;  // a pool of 1-bit estimates needs more than the rows asked
constexpr std::size_t kRefusedShare = 2;  // of a pool, that a caller who refuses rows may refuse
constexpr std::size_t kBatchMax = 1024;
constexpr std::size_t kRowsAhead = 4;
constexpr std::size_t kRefineStep = 16;  // codes fetched side by side
constexpr std::uint32_t kGone = slot_flag::kDead | slot_flag::kFree;
constexpr std::uint32_t kNoEstimate = kGone | slot_flag::kNoNode;

/// NULLs last, undefined distances before them.
bool precedes(const VectorHit& a, const VectorHit& b) {
  const auto place = [](const VectorHit& hit) {
    return hit.is_null ? 2 : std::isnan(hit.distance) ? 1 : 0;
  };
  return place(a) != place(b) ? place(a) < place(b) : place(a) == 0 && a.distance < b.distance;
}

}  // namespace

GenerationSearch::GenerationSearch(std::shared_ptr<const Generation> generation,
                                   const VectorValue& query, const VectorSearchOptions& options,
                                   VectorVisibility visibility)
    : generation_(std::move(generation)),
      epoch_(generation_->epochs().enter()),
      query_bytes_(query.bytes()),
      options_(options),
      visibility_(std::move(visibility)),
      space_(generation_->codes_damaged() ? nullptr : generation_->space()),
      fine_space_(space_ == nullptr ? nullptr : generation_->fine_space()),
      // The tail first: what it lacks is in the graph that the entry leads into.
      tail_(generation_->pending().view()),
      entry_(generation_->entry().load()),
      // Last: so all slots of tail and graph lie below it.
      slots_end_(generation_->slots().count()),
      nulls_end_(generation_->nulls().count()) {}

GenerationSearch::~GenerationSearch() {
  if (scratch_ != nullptr) {
    generation_->give_scratch(std::move(scratch_));
  }
}

Result<bool> GenerationSearch::next(std::size_t count, std::vector<VectorHit>& out) {
  ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(ready_begin_));
  ready_begin_ = 0;
  while (ready_.size() < count && stage_ != Stage::Done) {
    OMEN_TRY(advance(count - ready_.size()));
    if (options_.pauses && ready_.size() < count && stage_ != Stage::Done) {
      return true;
    }
  }
  // A wider round may have found something nearer than what waits from an earlier one.
  if (!std::is_sorted(ready_.begin(), ready_.end(), precedes)) {
    std::stable_sort(ready_.begin(), ready_.end(), precedes);
  }
  ready_begin_ = std::min(count, ready_.size());
  const auto end = ready_.begin() + static_cast<std::ptrdiff_t>(ready_begin_);
  out.insert(out.end(), ready_.begin(), end);
  if (options_.strict_order && ready_begin_ > 0 && !std::isnan(std::prev(end)->distance)) {
    floor_ = std::prev(end)->distance;
  }
  return ready_begin_ > 0;
}

void GenerationSearch::restrict_to(std::span<const RowId> rows) {
  filter_ = std::make_unique<SlotFilter>(*generation_, rows, slots_end_, nulls_end_);
  filter_searched_ = false;
  asked_ = 0;
  const auto refused = [&](const auto& hit) {
    const std::uint32_t entry = generation_->find(hit.key);
    if (entry == RowMap::kNone) {
      return true;  // removed meanwhile: dead for everybody
    }
    return hit.is_null ? !filter_->contains_null(entry & ~RowMap::kNullEntry)
                       : !filter_->contains(entry);
  };
  ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(ready_begin_));
  ready_begin_ = 0;
  std::erase_if(ready_, refused);
  std::erase_if(refined_, [&](const Refined& entry) { return !admits(entry.slot); });
  std::make_heap(refined_.begin(), refined_.end(), beyond);
  std::erase_if(ranked_, [&](const Ranked& entry) { return !admits(entry.slot); });
  std::make_heap(ranked_.begin(), ranked_.end(), farther);
  const auto outside = [&](const Candidate& candidate) { return !admits(candidate.id); };
  candidates_.erase(candidates_.begin(),
                    candidates_.begin() + static_cast<std::ptrdiff_t>(cursor_));
  cursor_ = 0;
  std::erase_if(candidates_, outside);
  std::erase_if(remainder_, outside);
}

Status GenerationSearch::advance(std::size_t count) {
  switch (stage_) {
    case Stage::Distances:
      return advance_distances(count);
    case Stage::Undefined:
      return advance_undefined();
    case Stage::Nulls:
      return advance_nulls();
    case Stage::Done:
      break;
  }
  return {};
}

Status GenerationSearch::advance_distances(std::size_t count) {
  const std::size_t wanted = std::min(count * batch_factor_, std::max(count, kBatchMax));
  OMEN_TRY(supply(wanted));
  batch_.clear();
  OMEN_TRY(pull(wanted, batch_));
  if (batch_.empty()) {
    if (round_ == Round::All) {
      stage_ = Stage::Undefined;
    }
    return {};
  }
  asked_ += batch_.size();
  if (options_.strict_order) {
    std::erase_if(batch_, [&](const Ranked& entry) { return entry.distance < floor_; });
  }
  keys_.clear();
  for (const Ranked& entry : batch_) {
    keys_.push_back(generation_->slots().key(entry.slot));
  }
  OMEN_TRY(ask(keys_));
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if (visible_[i] != 0) {
      ready_.push_back({keys_[i], batch_[i].distance, false});
      ++accepted;
    }
  }
  if (accepted * 2 < batch_.size()) {
    batch_factor_ = std::min(batch_factor_ * 2, kBatchMax);
  }
  return {};
}

Status GenerationSearch::ask(std::span<const VectorKey> keys) {
  visible_.assign(keys.size(), 0);
  return visibility_(keys, visible_);
}

std::size_t GenerationSearch::first_ef(std::size_t count) const {
  const std::size_t rows = std::max(count, options_.row_count_hint);
  std::size_t ef = options_.pool;
  if (ef == 0) {
    ef = options_.ef_search != 0 ? generation_->shape().pool_for(options_.ef_search)
                                 : generation_->calibration().ef_for(options_.recall_target, rows);
  }
  ef = std::max({ef, rows * kEfPerRow, generation_->shape().pool_min()});
  if (options_.pauses && filter_ == nullptr) {
    ef *= kRefusedShare;
  }
  // The dead take places in the pool.
  const std::size_t dead = generation_->dead_slots();
  const std::size_t used = generation_->slots_used();
  return dead < used ? ef * used / (used - dead) : ef;
}

void GenerationSearch::prepare() {
  scratch_ = generation_->take_scratch();
  if (space_ != nullptr) {
    space_->prepare_query(query(), scratch_->query);
    if (!scratch_->query.usable) {
      space_ = nullptr;
      fine_space_ = nullptr;
    } else if (fine_space_ != nullptr) {
      fine_space_->prepare_like(scratch_->query, scratch_->fine_query);
    }
  }
}

/// No codes: everything is compared exactly, at once.
Status GenerationSearch::scan_vectors() {
  round_ = Round::All;
  for (std::uint32_t slot = 0; slot < slots_end_; ++slot) {
    if ((generation_->slots().flags(slot) & (kGone | slot_flag::kZero)) == 0 && admits(slot)) {
      OMEN_TRY(rank(slot));
    }
  }
  return {};
}

Status GenerationSearch::rank_uncoded() {
  for (const std::uint32_t slot : generation_->uncoded_slots()) {
    if (slot < slots_end_ && (generation_->slots().flags(slot) & kGone) == 0 && admits(slot)) {
      OMEN_TRY(rank(slot));
    }
  }
  return {};
}

/// Compares a slot's vector exactly.
Status GenerationSearch::rank(std::uint32_t slot) {
  const VectorValue values = generation_->vector(slot);
  if (values == nullptr) {
    return {StatusCode::Corruption,
            "vector index holds a damaged vector in slot " + std::to_string(slot)};
  }
  const double distance = exact_distance(generation_->options(), query(), values);
  if (std::isnan(distance)) {
    undefined_.push_back(slot);
    return {};
  }
  const double rank = space_ == nullptr ? distance : space_->to_space(scratch_->query, distance);
  ranked_.push_back({rank, distance, slot});
  std::push_heap(ranked_.begin(), ranked_.end(), farther);
  return {};
}

/// Fetches what comparing candidate number `index` will touch.
void GenerationSearch::prefetch_candidate(std::size_t index) const {
  if (index < candidates_.size()) {
    const std::uint32_t slot = candidates_[index].id;
    generation_->file().prefetch(slot);
    generation_->slots().prefetch(slot);
    __builtin_prefetch(generation_->nodes().node(slot) + generation_->nodes().layout().code_bytes);
  }
}

/// Rows that one transaction wrote come together: it is asked about once.
bool GenerationSearch::may_see(std::uint32_t slot) {
  if (options_.may_see == nullptr) {
    return true;
  }
  const Xid xid = generation_->slots().key(slot).xid;
  if (xid != judged_xid_ || judged_xid_ == 0) {
    judged_xid_ = xid;
    judged_seen_ = options_.may_see(xid);
  }
  return judged_seen_;
}

bool GenerationSearch::next_candidate(Candidate& candidate) {
  while (true) {
    if (cursor_ == candidates_.size()) {
      if (remainder_.empty()) {
        return false;
      }
      refill();
    }
    candidate = candidates_[cursor_];
    if ((generation_->slots().flags(candidate.id) & kNoEstimate) == 0 && may_see(candidate.id)) {
      return true;
    }
    ++cursor_;
  }
}

/// Estimates the next candidates by their fine codes.
Status GenerationSearch::refine() {
  std::uint32_t slots[kRefineStep];
  float estimates[kRefineStep];
  std::size_t count = 0;
  for (Candidate candidate; count < kRefineStep && next_candidate(candidate); ++cursor_) {
    seen_.push_back(candidate.id);
    if (generation_->fine_code_intact(candidate.id)) {
      slots[count++] = candidate.id;
    } else {
      OMEN_TRY(rank(candidate.id));
    }
  }
  const FineCodes& codes = *generation_->fine_codes();
  const PreparedQuery& fine_query = scratch_->fine_query;
  codes.estimate(fine_space_->estimate(), fine_query.code, {slots, count}, estimates);
  for (std::size_t i = 0; i < count; ++i) {
    refined_.push_back(
        {estimates[i] - fine_space_->error_bound(fine_query, codes.row(slots[i])), slots[i]});
    std::push_heap(refined_.begin(), refined_.end(), beyond);
  }
  return {};
}

/// Compares exactly what may be nearest by its fine code.
Status GenerationSearch::rank_refined() {
  std::pop_heap(refined_.begin(), refined_.end(), beyond);
  const std::uint32_t slot = refined_.back().slot;
  refined_.pop_back();
  if (!refined_.empty()) {
    generation_->file().prefetch(refined_.front().slot);
  }
  return (generation_->slots().flags(slot) & kGone) == 0 ? rank(slot) : Status();
}

/// Takes up to `count` nearest entries in exact order: one leaves when nothing that waits can
/// still be nearer, by its estimate less its error bound.
Status GenerationSearch::pull(std::size_t count, std::vector<Ranked>& batch) {
  const NodeArray& nodes = generation_->nodes();
  for (std::size_t i = cursor_; fine_space_ == nullptr && i <= cursor_ + kRowsAhead; ++i) {
    prefetch_candidate(i);
  }
  while (batch.size() < count) {
    const auto may_precede = [&](double bound) {
      return ranked_.empty() || bound < ranked_.front().rank;
    };
    Candidate candidate;
    if (next_candidate(candidate)) {
      const double bound =
          candidate.distance - space_->error_bound(scratch_->query, nodes.node(candidate.id));
      if (may_precede(bound) && (refined_.empty() || bound <= refined_.front().bound)) {
        if (fine_space_ != nullptr) {
          OMEN_TRY(refine());
          continue;
        }
        ++cursor_;
        prefetch_candidate(cursor_ + kRowsAhead);
        seen_.push_back(candidate.id);
        OMEN_TRY(rank(candidate.id));
        continue;
      }
    }
    if (!refined_.empty() && may_precede(refined_.front().bound)) {
      OMEN_TRY(rank_refined());
      continue;
    }
    if (ranked_.empty()) {
      return {};
    }
    std::pop_heap(ranked_.begin(), ranked_.end(), farther);
    if ((generation_->slots().flags(ranked_.back().slot) & kGone) == 0) {
      batch.push_back(ranked_.back());
    }
    ranked_.pop_back();
  }
  return {};
}

/// Entries whose distance is NaN, in slot order.
Status GenerationSearch::advance_undefined() {
  keys_.clear();
  while (keys_.size() < kBatchMax) {
    if (position_ < undefined_.size()) {
      if (admits(undefined_[position_])) {
        keys_.push_back(generation_->slots().key(undefined_[position_]));
      }
    } else {
      const auto slot = static_cast<std::uint32_t>(position_ - undefined_.size());
      if (slot >= slots_end_) {
        stage_ = Stage::Nulls;
        break;
      }
      const std::uint32_t flags = generation_->slots().flags(slot);
      if ((flags & slot_flag::kZero) != 0 && (flags & kGone) == 0 && admits(slot)) {
        keys_.push_back(generation_->slots().key(slot));
      }
    }
    ++position_;
  }
  if (stage_ == Stage::Nulls) {
    position_ = 0;
  }
  OMEN_TRY(ask(keys_));
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (visible_[i] != 0) {
      ready_.push_back({keys_[i], std::nan(""), false});
    }
  }
  return {};
}

Status GenerationSearch::advance_nulls() {
  keys_.clear();
  for (; position_ < nulls_end_ && keys_.size() < kBatchMax; ++position_) {
    if ((generation_->nulls().flags(position_) & kGone) == 0 &&
        (filter_ == nullptr || filter_->contains_null(position_))) {
      keys_.push_back(generation_->nulls().key(position_));
    }
  }
  if (position_ == nulls_end_) {
    stage_ = Stage::Done;
  }
  OMEN_TRY(ask(keys_));
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (visible_[i] != 0) {
      ready_.push_back({keys_[i], 0, true});
    }
  }
  return {};
}

}  // namespace omen::engine
