#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/vector/vector_index.h"

namespace omen::engine {

/// Recall of an index by pool size, measured on a sample of its own rows; says which ef a wanted
/// recall takes. Until it is measured, a cautious guess.
///
/// **Threads:** entries are single atomic words, each right by itself.
class Calibration {
 public:
  /// The smallest step whose measured recall@10 meets `recall_target`, scaled to `row_count` rows.
  [[nodiscard]] std::size_t ef_for(double recall_target, std::size_t row_count) const {
    std::size_t ef = kDefaultEf;
    if (measured_.load(std::memory_order_acquire)) {
      ef = kCalibrationPools.back();
      for (std::size_t i = kCalibrationPools.size(); i-- > 0;) {
        if (recall_[i].load(std::memory_order_relaxed) >= static_cast<float>(recall_target)) {
          ef = kCalibrationPools[i];
        }
      }
    }
    return row_count <= 10 ? ef : ef * row_count / 10;
  }
  [[nodiscard]] bool measured() const { return measured_.load(std::memory_order_acquire); }
  [[nodiscard]] float recall(std::size_t step) const {
    return recall_[step].load(std::memory_order_relaxed);
  }
  void set(const std::array<float, kCalibrationPools.size()>& recall) {
    for (std::size_t i = 0; i < recall.size(); ++i) {
      recall_[i].store(recall[i], std::memory_order_relaxed);
    }
    measured_.store(true, std::memory_order_release);
  }

 private:
  static constexpr std::size_t kDefaultEf = 120;

  std::array<std::atomic<float>, kCalibrationPools.size()> recall_{};
  std::atomic<bool> measured_{false};
};

}  // namespace omen::engine
