#include "engine/vector/generation.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/base/failpoint.h"

namespace omen::engine {
namespace {

constexpr std::size_t kSlotsMax = (std::size_t{1} << 28) - 2;
constexpr std::size_t kScratchKept = 64;
constexpr std::uint32_t kDriftRows = 10000;  // so many norms are worth an opinion
constexpr double kDrift = 1.2;               // of the norm the codes were made for
constexpr std::uint32_t kGrowth = 16;        // since codes were made: their mean is out of date

}  // namespace

std::filesystem::path Generation::vector_file_name(std::uint64_t number) {
  return "vectors." + std::to_string(number);
}

std::filesystem::path Generation::code_file_name(std::uint64_t number) {
  return "codes." + std::to_string(number);
}

Status Generation::set_up() {
  const NodeLayout layout(shape_.code_bytes, std::clamp<std::size_t>(options_.m, 16, 100));
  slots_max_ = std::min(reservation_bytes() / layout.stride_bytes, kSlotsMax);
  OMEN_ASSIGN(nodes_, NodeArray::create(layout, slots_max_));
  OMEN_ASSIGN(slots_, SlotTable::create(slots_max_));
  OMEN_ASSIGN(nulls_, SlotTable::create(slots_max_));
  OMEN_ASSIGN(rows_, RowMap::create(slots_max_));
  return {};
}

Result<std::shared_ptr<Generation>> Generation::create(const std::filesystem::path& directory,
                                                       std::uint64_t number,
                                                       const VectorIndexOptions& options) {
  std::shared_ptr<Generation> generation(new Generation(options, number));
  OMEN_TRY(generation->set_up());
  OMEN_ASSIGN(generation->file_, VectorFile::create(directory / vector_file_name(number), options,
                                                    generation->slots_max_));
  if (generation->shape_.has_codes() && !generation->shape_.is_fine()) {
    OMEN_ASSIGN(generation->fine_codes_,
                FineCodes::create(directory / code_file_name(number),
                                  generation->shape_.fine().code_bytes, generation->slots_max_));
  }
  return generation;
}

Result<std::shared_ptr<Generation>> Generation::restore(const std::filesystem::path& directory,
                                                        std::uint64_t number,
                                                        const VectorIndexOptions& options,
                                                        std::uint32_t row_count, bool trained) {
  std::shared_ptr<Generation> generation(new Generation(options, number));
  OMEN_TRY(generation->set_up());
  OMEN_ASSIGN(generation->file_, VectorFile::open(directory / vector_file_name(number), options,
                                                  generation->slots_max_, row_count));
  if (generation->shape_.has_codes() && !generation->shape_.is_fine()) {
    OMEN_ASSIGN(
        generation->fine_codes_,
        FineCodes::open(directory / code_file_name(number), generation->shape_.fine().code_bytes,
                        generation->slots_max_, trained ? row_count : 0));
  }
  generation->ready_.store(false, std::memory_order_relaxed);
  return generation;
}

Result<std::uint32_t> Generation::take_slot() {
  if (const std::optional<std::uint32_t> slot = free_slots_.take(epochs_); slot.has_value()) {
    return *slot;
  }
  const std::uint32_t count = slots_.count();
  if (count >= slots_max_) {
    return Status(StatusCode::LimitExceeded, "vector index is full");
  }
  OMEN_TRY(file_->reserve(static_cast<std::size_t>(count) + 1));
  if (space() != nullptr) {
    OMEN_TRY(reserve_fine_codes(count + 1));
  }
  nodes_.blocks().advise((static_cast<std::size_t>(count) + 1) * nodes_.layout().stride_bytes);
  return slots_.add();
}

Result<std::uint32_t> Generation::take_null() {
  if (const std::optional<std::uint32_t> entry = free_nulls_.take(epochs_); entry.has_value()) {
    return *entry;
  }
  if (nulls_.count() >= slots_max_) {
    return Status(StatusCode::LimitExceeded, "vector index is full");
  }
  return nulls_.add();
}

Status Generation::append(const VectorEntry& entry, bool if_absent) {
  if (std::max(entry.key.row_id, entry.key.xid) > SlotEntry::kNumberMax) {
    return {StatusCode::LimitExceeded, "row number too large for a vector index"};
  }
  std::uint32_t slot = 0;
  {
    const MutexLock lock(write_mutex_);
    if (if_absent && find(entry.key) != RowMap::kNone) {
      return {};
    }
    if (!entry.vector.has_value()) {
      return append_null(entry.key);
    }
    OMEN_ASSIGN(slot, take_slot());
  }
  // The slot is free for everybody else: what takes time is done without the mutex.
  const VectorValue& value = *entry.vector;
  const Status written = file_->write(slot, value);
  std::uint32_t vector_crc = 0;
  std::uint32_t flags = slot_flag::kPending;
  float norm = -1;
  if (written.ok()) {
    vector_crc = kernels().crc32c(0, value.data(), value.size_bytes());
    if (is_zero(options_, value)) {
      flags |= slot_flag::kZero;
    } else if (const CodeSpace* space = this->space(); space != nullptr) {
      std::unique_ptr<SearchScratch> scratch = take_scratch();
      flags |= encode_slot(*space, slot, value, scratch->query);
      norm = scratch->query.norm;
      give_scratch(std::move(scratch));
    }
  }
  const MutexLock lock(write_mutex_);
  if (!written.ok() || (if_absent && find(entry.key) != RowMap::kNone)) {
    free_slots_.give_back(slot);
    return written;
  }
  OMEN_KILLPOINT("vector.append.filled");
  publish_slot(slot, entry.key, vector_crc, flags);
  OMEN_KILLPOINT("vector.append.published");
  if (norm >= 0 && (flags & slot_flag::kUncoded) == 0) {
    note_norm(norm);
  }
  return {};
}

void Generation::publish_slot(std::uint32_t slot, const VectorKey& key, std::uint32_t vector_crc,
                              std::uint32_t flags) {
  if ((flags & slot_flag::kUncoded) != 0) {
    uncoded_.push_back(slot);
    has_uncoded_.store(true, std::memory_order_release);
  }
  slots_.publish(slot, key, vector_crc, flags);
  add_row(slot, key.row_id);
  if (graph_begun_.load(std::memory_order_relaxed)) {
    pending_.push(slot);
  }
}

Status Generation::append_null(const VectorKey& key) {
  OMEN_ASSIGN(const std::uint32_t entry, take_null());
  OMEN_KILLPOINT("vector.append.null");
  nulls_.publish(entry, key, 0, 0);
  add_row(entry | RowMap::kNullEntry, key.row_id);
  return {};
}

/// The codes' parameters fit as long as vectors lie as far from the mean as the sample did.
void Generation::note_norm(float norm) {
  if (shape_.kind != CodeShape::Kind::Signs && shape_.kind != CodeShape::Kind::Digits) {
    return;
  }
  recent_norms_ += static_cast<double>(norm);
  const CodeParameters& parameters = space_->parameters();
  if (++recent_count_ < std::max(kDriftRows, parameters.row_count / 4)) {
    return;
  }
  if (parameters.residual_norm > 0 &&
      recent_norms_ / recent_count_ > kDrift * static_cast<double>(parameters.residual_norm)) {
    drifted_.store(true, std::memory_order_relaxed);
  }
  recent_norms_ /= 2;
  recent_count_ /= 2;
}

bool Generation::drifted() const {
  const CodeSpace* space = this->space();
  return drifted_.load(std::memory_order_relaxed) ||
         (space != nullptr && slots_used() / kGrowth > space->parameters().row_count);
}

VectorKey Generation::key(std::uint32_t entry) const {
  return (entry & RowMap::kNullEntry) != 0 ? nulls_.key(entry & ~RowMap::kNullEntry)
                                           : slots_.key(entry);
}

void Generation::add_row(std::uint32_t entry, RowId row_id) {
  rows_.insert(entry, row_id, [this](std::uint32_t other) { return key(other).xid; });
}

std::uint32_t Generation::find(const VectorKey& key) const {
  std::uint32_t entry = rows_.newest(key.row_id);
  while (entry != RowMap::kNone && this->key(entry) != key) {
    entry = rows_.previous(entry);
  }
  return entry;
}

void Generation::remove(std::span<const VectorKey> keys) {
  const MutexLock lock(write_mutex_);
  std::vector<std::uint32_t> unused;
  for (const VectorKey& key : keys) {
    const std::uint32_t entry = find(key);
    if (entry == RowMap::kNone) {
      continue;
    }
    if ((entry & RowMap::kNullEntry) != 0) {
      if ((nulls_.set(entry & ~RowMap::kNullEntry, slot_flag::kDead) & slot_flag::kDead) == 0) {
        unused.push_back(entry);
      }
      continue;
    }
    const std::uint32_t flags = slots_.set(entry, slot_flag::kDead);
    if ((flags & slot_flag::kDead) != 0) {
      continue;
    }
    if (!graph_begun_.load(std::memory_order_relaxed)) {
      unused.push_back(entry);
    } else if ((flags & slot_flag::kPending) == 0) {
      if ((flags & slot_flag::kNoNode) != 0) {
        unused.push_back(entry);
      } else {
        dead_slots_.fetch_add(1, std::memory_order_relaxed);
      }
    }
    // Of the tail: whoever links it finds it dead.
  }
  OMEN_KILLPOINT("vector.remove.marked");
  retire(unused);
}

void Generation::retire(std::span<const std::uint32_t> entries) {
  if (entries.empty()) {
    return;
  }
  RowMap::Pages pages;
  std::vector<std::uint32_t> slots;
  std::vector<std::uint32_t> nulls;
  for (const std::uint32_t entry : entries) {
    rows_.erase(entry, key(entry).row_id, pages);
    if ((entry & RowMap::kNullEntry) != 0) {
      nulls.push_back(entry & ~RowMap::kNullEntry);
      nulls_.set_free(nulls.back());
      continue;
    }
    const std::uint32_t flags = slots_.flags(entry);
    if ((flags & slot_flag::kUncoded) != 0) {
      std::erase(uncoded_, entry);
    }
    if ((flags & slot_flag::kCoarse) != 0) {
      coarse_slots_.fetch_sub(1, std::memory_order_relaxed);
    }
    slots_.set_free(entry);
    slots.push_back(entry);
  }
  OMEN_KILLPOINT("vector.retire");
  const std::uint64_t epoch = epochs_.advance();
  free_slots_.retire(slots, epoch);
  free_nulls_.retire(nulls, epoch);
  for (std::unique_ptr<RowMap::Page>& page : pages) {
    epochs_.dispose(std::move(page));
  }
}

void Generation::suspend_reuse(bool suspended) {
  const MutexLock lock(write_mutex_);
  free_slots_.suspend(suspended);
  free_nulls_.suspend(suspended);
}

void Generation::make_ready() {
  if (ready_.load(std::memory_order_acquire)) {
    return;
  }
  const MutexLock lock(write_mutex_);
  if (ready_.load(std::memory_order_relaxed)) {
    return;
  }
  std::uint32_t dead_count = 0;
  for (std::uint32_t slot = 0, count = slots_.count(); slot < count; ++slot) {
    const std::uint32_t flags = slots_.flags(slot);
    const bool dead = (flags & slot_flag::kDead) != 0;
    const bool node = graph_begun() && (flags & (slot_flag::kPending | slot_flag::kNoNode)) == 0;
    if ((flags & slot_flag::kFree) != 0 || (dead && !node)) {
      slots_.set_free(slot);
      free_slots_.give_back(slot);
      continue;
    }
    add_row(slot, slots_.key(slot).row_id);
    dead_count += dead ? 1U : 0U;
    if ((flags & slot_flag::kUncoded) != 0) {
      uncoded_.push_back(slot);
      has_uncoded_.store(true, std::memory_order_release);
    }
    if ((flags & slot_flag::kCoarse) != 0) {
      coarse_slots_.fetch_add(1, std::memory_order_relaxed);
    }
    if ((flags & slot_flag::kPending) != 0 && graph_begun()) {
      pending_.push(slot);
    }
  }
  for (std::uint32_t entry = 0, count = nulls_.count(); entry < count; ++entry) {
    if ((nulls_.flags(entry) & (slot_flag::kFree | slot_flag::kDead)) != 0) {
      nulls_.set_free(entry);
      free_nulls_.give_back(entry);
    } else {
      add_row(entry | RowMap::kNullEntry, nulls_.key(entry).row_id);
    }
  }
  OMEN_KILLPOINT("vector.open.ready");
  dead_slots_.store(dead_count, std::memory_order_relaxed);
  ready_.store(true, std::memory_order_release);
}

void Generation::begin_graph() {
  const MutexLock lock(write_mutex_);
  if (graph_begun_.load(std::memory_order_relaxed)) {
    return;
  }
  for (std::uint32_t slot = 0, count = slots_.count(); slot < count; ++slot) {
    if ((slots_.flags(slot) & slot_flag::kFree) == 0) {
      pending_.push(slot);
    }
  }
  OMEN_KILLPOINT("vector.link.begun");
  graph_begun_.store(true, std::memory_order_release);
}

void Generation::finish_linking(std::span<const std::uint32_t> slots,
                                std::span<const std::uint8_t> linked, bool coarse) {
  const MutexLock lock(write_mutex_);
  std::vector<std::uint32_t> unused;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::uint32_t flags = slots_.flags(slots[i]);
    if ((flags & slot_flag::kPending) == 0) {
      continue;
    }
    if (linked[i] != 0) {
      if (coarse) {
        slots_.set(slots[i], slot_flag::kCoarse);
        coarse_slots_.fetch_add(1, std::memory_order_relaxed);
      }
      slots_.clear(slots[i], slot_flag::kPending);
      nodes_.mark(slots[i]);  // a checkpoint may have copied the node as one that is not linked
      dead_slots_.fetch_add((flags & slot_flag::kDead) != 0 ? 1 : 0, std::memory_order_relaxed);
    } else if ((flags & slot_flag::kDead) != 0) {
      unused.push_back(slots[i]);
    } else if ((flags & slot_flag::kNoNode) != 0) {
      slots_.clear(slots[i], slot_flag::kPending);
    } else {
      pending_.push(slots[i]);  // the step failed: again, behind the others
    }
  }
  OMEN_KILLPOINT("vector.link.states");
  pending_.advance(slots.size());
  retire(unused);  // what is retired has left the tail
}

void Generation::retire_repaired(std::span<const std::uint32_t> slots) {
  const MutexLock lock(write_mutex_);
  retire(slots);
  dead_slots_.fetch_sub(static_cast<std::uint32_t>(slots.size()), std::memory_order_relaxed);
}

void Generation::clear_coarse(std::uint32_t slot) {
  const MutexLock lock(write_mutex_);
  if ((slots_.flags(slot) & slot_flag::kCoarse) != 0) {
    slots_.clear(slot, slot_flag::kCoarse);
    coarse_slots_.fetch_sub(1, std::memory_order_relaxed);
  }
}

Generation::CheckpointMark Generation::checkpoint_mark() const {
  const MutexLock lock(write_mutex_);
  return {free_slots_.checkpoint_mark(), free_nulls_.checkpoint_mark()};
}

void Generation::checkpoint_durable(const CheckpointMark& mark) {
  const MutexLock lock(write_mutex_);
  free_slots_.checkpoint_durable(mark.slots);
  free_nulls_.checkpoint_durable(mark.nulls);
}

VectorValue Generation::vector(std::uint32_t slot) const {
  const VectorValue value = file_->value(slot);
  if ((slots_.flags(slot) & slot_flag::kUnverified) != 0) {
    if (value == nullptr ||
        kernels().crc32c(0, value.data(), value.size_bytes()) != slots_.vector_crc(slot)) {
      return {};
    }
    slots_.clear_verified(slot, slot_flag::kUnverified);
  }
  return value;
}

bool Generation::fine_code_intact(std::uint32_t slot) const {
  if ((slots_.flags(slot) & slot_flag::kFineUnverified) == 0) {
    return true;
  }
  if (!fine_codes_->intact(slot)) {
    distrust_codes();
    return false;
  }
  slots_.clear_verified(slot, slot_flag::kFineUnverified);
  return true;
}

void Generation::distrust_codes() const {
  if (!codes_damaged_.exchange(true, std::memory_order_relaxed)) {
    const MutexLock lock(listener_mutex_);
    if (damage_listener_) {
      damage_listener_();
    }
  }
}

void Generation::set_damage_listener(std::function<void()> listener) {
  const MutexLock lock(listener_mutex_);
  damage_listener_ = std::move(listener);
}

Status Generation::sync_files(CancelToken& cancel) {
  if (fine_codes_ != nullptr) {
    OMEN_TRY(fine_codes_->sync(cancel));
  }
  return file_->sync(cancel);
}

std::vector<std::uint32_t> Generation::uncoded_slots() const {
  if (!has_uncoded_.load(std::memory_order_acquire)) {
    return {};
  }
  const MutexLock lock(write_mutex_);
  return uncoded_;
}

std::unique_ptr<SearchScratch> Generation::take_scratch() const {
  {
    const MutexLock lock(scratch_mutex_);
    if (!scratch_.empty()) {
      std::unique_ptr<SearchScratch> scratch = std::move(scratch_.back());
      scratch_.pop_back();
      return scratch;
    }
  }
  return std::make_unique<SearchScratch>();
}

void Generation::give_scratch(std::unique_ptr<SearchScratch> scratch) const {
  const MutexLock lock(scratch_mutex_);
  if (scratch_.size() < kScratchKept) {
    scratch_.push_back(std::move(scratch));
  }
}

VectorIndexBytes Generation::memory() const {
  const std::uint64_t slots = slots_.count();
  VectorIndexBytes bytes;
  bytes.blocks = space() != nullptr ? slots * nodes_.layout().stride_bytes : 0;
  bytes.slots = (slots + nulls_.count()) * sizeof(SlotEntry);
  bytes.upper_lists = nodes_.upper_used() * nodes_.layout().upper_words() * sizeof(std::uint32_t);
  bytes.row_map = rows_.page_bytes() + rows_.chain_bytes();
  bytes.vector_file = file_->size_bytes();
  bytes.code_file = fine_codes_ == nullptr ? 0 : fine_codes_->size_bytes();
  return bytes;
}

}  // namespace omen::engine
