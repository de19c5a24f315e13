#include "engine/vector/generation.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/vector/code_training.h"
#include "engine/vector/parallel.h"

namespace omen::engine {
namespace {

constexpr std::size_t kSlotsMax = (std::size_t{1} << 28) - 2;  // upper places are 28 bits
constexpr std::size_t kScratchKept = 64;
constexpr std::uint32_t kSampleRows = 8192;
constexpr std::uint32_t kEncodeRange = 256;
constexpr std::uint64_t kRotationSeed = 0x6F6D656E64623031;  // "omendb01"

Status damaged_row() {
  return {StatusCode::Corruption, "vector index holds a damaged vector"};
}

}  // namespace

std::filesystem::path Generation::vector_file_name(std::uint64_t number) {
  return "vectors." + std::to_string(number);
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
  return generation;
}

Result<std::shared_ptr<Generation>> Generation::restore(const std::filesystem::path& directory,
                                                        std::uint64_t number,
                                                        const VectorIndexOptions& options,
                                                        std::uint32_t row_count) {
  std::shared_ptr<Generation> generation(new Generation(options, number));
  OMEN_TRY(generation->set_up());
  OMEN_ASSIGN(generation->file_, VectorFile::open(directory / vector_file_name(number), options,
                                                  generation->slots_max_, row_count));
  generation->rows_made_.store(false, std::memory_order_relaxed);
  return generation;
}

Status Generation::reserve(std::uint32_t row_count) {
  return file_->reserve(static_cast<std::size_t>(slots_.count()) + row_count);
}

Status Generation::append(const VectorKey& key, const VectorValue& value, PreparedQuery& scratch) {
  const std::uint32_t slot = slots_.count();
  if (slot >= slots_max_) {
    return {StatusCode::LimitExceeded, "vector index is full"};
  }
  OMEN_TRY(file_->reserve(static_cast<std::size_t>(slot) + 1));
  OMEN_TRY(file_->write(slot, value));
  SlotEntry& entry = slots_.next();
  entry.row_id = key.row_id;
  entry.xid = key.xid;
  entry.vector_crc = kernels().crc32c(0, value.data(), value.size_bytes());
  entry.state = 0;
  if (is_zero(options_, value)) {
    entry.state = slot_flag::kZero;
  } else if (const CodeSpace* space = this->space(); space != nullptr) {
    encode_slot(*space, slot, value, scratch);
  }
  nodes_.blocks().advise((static_cast<std::size_t>(slot) + 1) * nodes_.layout().stride_bytes);
  const MutexLock lock(rows_mutex_);
  slots_.publish();
  if (rows_made_.load(std::memory_order_relaxed)) {
    add_row(slot, key.row_id);
  }
  return {};
}

Status Generation::append_null(const VectorKey& key) {
  if (nulls_.count() >= slots_max_) {
    return {StatusCode::LimitExceeded, "vector index is full"};
  }
  SlotEntry& entry = nulls_.next();
  entry.row_id = key.row_id;
  entry.xid = key.xid;
  entry.vector_crc = 0;
  entry.state = 0;
  const std::uint32_t number = nulls_.count();
  const MutexLock lock(rows_mutex_);
  nulls_.publish();
  if (rows_made_.load(std::memory_order_relaxed)) {
    add_row(number | RowMap::kNullEntry, key.row_id);
  }
  return {};
}

VectorKey Generation::key(std::uint32_t entry) const {
  return (entry & RowMap::kNullEntry) != 0 ? nulls_.key(entry & ~RowMap::kNullEntry)
                                           : slots_.key(entry);
}

void Generation::add_row(std::uint32_t entry, RowId row_id) const {
  rows_.insert(entry, row_id, [this](std::uint32_t other) { return key(other).xid; });
}

void Generation::make_rows() const {
  if (rows_made_.load(std::memory_order_acquire)) {
    return;
  }
  const MutexLock lock(rows_mutex_);
  if (rows_made_.load(std::memory_order_relaxed)) {
    return;
  }
  for (std::uint32_t slot = 0, count = slots_.count(); slot < count; ++slot) {
    add_row(slot, slots_.key(slot).row_id);
  }
  for (std::uint32_t entry = 0, count = nulls_.count(); entry < count; ++entry) {
    add_row(entry | RowMap::kNullEntry, nulls_.key(entry).row_id);
  }
  rows_made_.store(true, std::memory_order_release);
}

std::uint32_t Generation::find(const VectorKey& key) const {
  std::uint32_t entry = rows_.newest(key.row_id);
  while (entry != RowMap::kNone && this->key(entry) != key) {
    entry = rows_.previous(entry);
  }
  return entry;
}

void Generation::encode_slot(const CodeSpace& space, std::uint32_t slot, const VectorValue& value,
                             PreparedQuery& scratch) {
  space.prepare_row(value, scratch);
  if (!space.encode(scratch, nodes_.node(slot))) {
    slots_.set(slot, slot_flag::kUncoded);
    add_uncoded(slot);
  }
}

Result<bool> Generation::train(unsigned threads, CancelToken& cancel) {
  const std::uint32_t count = slots_.count();
  if (!shape_.has_codes() || space_ != nullptr || count == 0) {
    return false;
  }
  // Rows spread over all slots.
  CodeTraining training(options_);
  const std::uint32_t stride = std::max(count / kSampleRows, 1U);
  for (std::uint32_t slot = 0; slot < count; slot += stride) {
    const VectorValue value = vector(slot);
    if (value == nullptr) {
      return damaged_row();
    }
    if ((slots_.flags(slot) & slot_flag::kZero) == 0) {
      training.add(value);
    }
  }
  space_ = std::make_unique<CodeSpace>(options_, shape_, training.finish(kRotationSeed, count));
  std::atomic<bool> damaged{false};
  nodes_.blocks().advise(count * nodes_.layout().stride_bytes);
  for_ranges(0, count, kEncodeRange, threads,
             [&](std::uint32_t begin, std::uint32_t end, unsigned) {
               PreparedQuery scratch;
               for (std::uint32_t slot = begin; slot < end; ++slot) {
                 const VectorValue values = vector(slot);
                 if (values == nullptr) {
                   damaged.store(true, std::memory_order_relaxed);
                   return false;
                 }
                 if ((slots_.flags(slot) & slot_flag::kZero) == 0) {
                   encode_slot(*space_, slot, values, scratch);
                 }
               }
               return !cancel.cancelled();
             });
  Status outcome = damaged.load(std::memory_order_relaxed) ? damaged_row() : cancel.check();
  if (!outcome.ok()) {
    space_.reset();
    return outcome;
  }
  trained_count_ = count;
  return true;
}

Status Generation::finish_training() {
  PreparedQuery scratch;
  const std::uint32_t count = slots_.count();
  for (std::uint32_t slot = trained_count_; slot < count; ++slot) {
    const VectorValue values = vector(slot);
    if (values == nullptr) {
      return damaged_row();
    }
    if ((slots_.flags(slot) & slot_flag::kZero) == 0) {
      encode_slot(*space_, slot, values, scratch);
    }
  }
  published_space_.store(space_.get(), std::memory_order_release);
  return {};
}

void Generation::restore_space(CodeParameters parameters) {
  space_ = std::make_unique<CodeSpace>(options_, shape_, std::move(parameters));
  published_space_.store(space_.get(), std::memory_order_release);
}

VectorValue Generation::vector(std::uint32_t slot) const {
  const VectorValue value = file_->value(slot);
  if ((slots_.flags(slot) & slot_flag::kUnverified) != 0) {
    if (value == nullptr ||
        kernels().crc32c(0, value.data(), value.size_bytes()) != slots_.vector_crc(slot)) {
      return {};
    }
    slots_.clear(slot, slot_flag::kUnverified);
  }
  return value;
}

bool Generation::remove_slot(std::uint32_t slot) {
  if ((slots_.set(slot, slot_flag::kDead) & slot_flag::kDead) != 0) {
    return false;
  }
  dead_slots_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool Generation::remove_null(std::uint32_t entry) {
  if ((nulls_.set(entry, slot_flag::kDead) & slot_flag::kDead) != 0) {
    return false;
  }
  dead_nulls_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Generation::restore_dead(std::uint32_t slots, std::uint32_t nulls) {
  dead_slots_.store(slots, std::memory_order_relaxed);
  dead_nulls_.store(nulls, std::memory_order_relaxed);
}

std::vector<std::uint32_t> Generation::uncoded_slots(std::uint32_t slots_end) const {
  std::vector<std::uint32_t> slots;
  if (has_uncoded_.load(std::memory_order_acquire)) {
    const MutexLock lock(uncoded_mutex_);
    for (const std::uint32_t slot : uncoded_) {
      if (slot < slots_end) {
        slots.push_back(slot);
      }
    }
  }
  return slots;
}

void Generation::add_uncoded(std::uint32_t slot) {
  const MutexLock lock(uncoded_mutex_);
  uncoded_.push_back(slot);
  has_uncoded_.store(true, std::memory_order_release);
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

std::uint64_t Generation::memory_bytes() const {
  const std::uint64_t slots = slots_.count();
  return slots * (sizeof(SlotEntry) + (space() != nullptr ? nodes_.layout().stride_bytes : 0)) +
         nulls_.count() * sizeof(SlotEntry) +
         nodes_.upper_used() * nodes_.layout().upper_words() * sizeof(std::uint32_t) +
         rows_.page_bytes() +
         (rows_made_.load(std::memory_order_relaxed)
              ? (slots + nulls_.count()) * sizeof(std::uint32_t)
              : 0);
}

}  // namespace omen::engine
