#include <algorithm>
#include <atomic>
#include <cstring>
#include <numeric>

#include "engine/base/failpoint.h"
#include "engine/vector/code_training.h"
#include "engine/vector/generation.h"
#include "engine/vector/parallel.h"

/// How a generation gets its codes.
namespace omen::engine {
namespace {

constexpr std::uint32_t kSampleRows = 8192;
constexpr std::uint32_t kEncodeRange = 256;
constexpr std::uint64_t kRotationSeed = 0x6F6D656E64623031;  // "omendb01"
constexpr std::uint8_t kCoded = 1;
constexpr std::uint8_t kUncodable = 2;

Status damaged_row() {
  return {StatusCode::Corruption, "vector index holds a damaged vector"};
}

}  // namespace

/// Returns kUncoded if the vector cannot be coded, else 0.
std::uint32_t Generation::encode_slot(const CodeSpace& space, std::uint32_t slot,
                                      const VectorValue& value, PreparedQuery& scratch) {
  space.prepare_row(value, scratch);
  bool coded = space.encode(scratch, nodes_.node(slot));
  if (shape_.kind == CodeShape::Kind::Sparse) {
    const VectorFile::Place place = file_->place(slot);
    std::memcpy(nodes_.node(slot), &place, sizeof place);
  } else if (fine_space_ != nullptr) {
    coded = fine_codes_->write(*fine_space_, scratch, slot) && coded;
  }
  nodes_.mark(slot);
  return coded ? 0 : slot_flag::kUncoded;
}

Result<bool> Generation::train(unsigned threads, CancelToken& cancel) {
  const std::uint32_t count = slots_.count();
  if (!shape_.has_codes() || space() != nullptr || count == 0) {
    return false;
  }
  // Rows spread over all slots.
  CodeTraining training(options_);
  const std::uint32_t stride = std::max(count / kSampleRows, 1U);
  for (std::uint32_t slot = 0; slot < count; slot += stride) {
    if ((slots_.flags(slot) & (slot_flag::kFree | slot_flag::kZero)) != 0) {
      continue;
    }
    const VectorValue value = vector(slot);
    if (value == nullptr) {
      return damaged_row();
    }
    training.add(value);
  }
  OMEN_TRY(reserve_fine_codes(count));
  make_spaces(training.finish(kRotationSeed, count));
  std::atomic<bool> damaged{false};
  trained_.assign(count, 0);
  std::vector<double> norm_sums(threads);
  std::vector<std::uint32_t> norm_counts(threads);
  nodes_.blocks().advise(count * nodes_.layout().stride_bytes);
  for_ranges(0, count, kEncodeRange, threads,
             [&](std::uint32_t begin, std::uint32_t end, unsigned worker) {
               PreparedQuery scratch;
               for (std::uint32_t slot = begin; slot < end; ++slot) {
                 if ((slots_.flags(slot) & (slot_flag::kFree | slot_flag::kZero)) != 0) {
                   continue;
                 }
                 const VectorValue values = vector(slot);
                 if (values == nullptr) {
                   damaged.store(true, std::memory_order_relaxed);
                   return false;
                 }
                 const bool coded = encode_slot(*space_, slot, values, scratch) == 0;
                 norm_sums[worker] += coded ? static_cast<double>(scratch.norm) : 0.0;
                 norm_counts[worker] += coded ? 1U : 0U;
                 trained_[slot] = coded ? kCoded : kUncodable;
               }
               return !cancel.cancelled();
             });
  Status outcome = damaged.load(std::memory_order_relaxed) ? damaged_row() : cancel.check();
  if (!outcome.ok()) {
    space_.reset();
    return outcome;
  }
  OMEN_KILLPOINT("vector.train.coded");
  const double norm_sum = std::accumulate(norm_sums.begin(), norm_sums.end(), 0.0);
  const std::uint32_t norm_count = std::accumulate(norm_counts.begin(), norm_counts.end(), 0U);
  space_->set_residual_norm(norm_count == 0 ? 0.0F : static_cast<float>(norm_sum / norm_count));
  return true;
}

Status Generation::finish_training() {
  PreparedQuery scratch;
  const MutexLock lock(write_mutex_);
  const std::uint32_t count = slots_.count();
  trained_.resize(count);
  OMEN_TRY(reserve_fine_codes(count));
  for (std::uint32_t slot = 0; slot < count; ++slot) {
    if ((slots_.flags(slot) & (slot_flag::kFree | slot_flag::kZero)) != 0) {
      continue;
    }
    if (trained_[slot] == 0) {
      const VectorValue values = vector(slot);
      if (values == nullptr) {
        return damaged_row();
      }
      trained_[slot] = encode_slot(*space_, slot, values, scratch) == 0 ? kCoded : kUncodable;
    }
    if (trained_[slot] == kUncodable) {
      slots_.set(slot, slot_flag::kUncoded);
      uncoded_.push_back(slot);
      has_uncoded_.store(true, std::memory_order_release);
    }
  }
  trained_ = {};
  OMEN_FAILPOINT("vector.train.publish");
  published_space_.store(space_.get(), std::memory_order_release);
  return {};
}

void Generation::restore_space(CodeParameters parameters) {
  make_spaces(std::move(parameters));
  published_space_.store(space_.get(), std::memory_order_release);
}

void Generation::make_spaces(CodeParameters parameters) {
  if (fine_codes_ != nullptr) {
    fine_space_ = std::make_unique<CodeSpace>(options_, shape_.fine(), parameters, file_.get());
  }
  space_ = std::make_unique<CodeSpace>(options_, shape_, std::move(parameters), file_.get());
}

Status Generation::reserve_fine_codes(std::uint32_t count) {
  return fine_codes_ == nullptr ? Status() : fine_codes_->reserve(count);
}

}  // namespace omen::engine
