#include "engine/vector/calibrate.h"

#include <algorithm>
#include <cmath>

#include "engine/vector/generation_search.h"

namespace omen::engine {
namespace {

constexpr std::uint32_t kSampleCount = 100;
constexpr std::size_t kRows = 10;
constexpr float kStrangerFactor = 1.5F;
constexpr std::size_t kScanEf = std::size_t{1} << 30;  // wide enough to become a scan at once

}  // namespace

Status calibrate(const std::shared_ptr<Generation>& generation, CancelToken& cancel) {
  const ReaderEpochs::Guard epoch = generation->epochs().enter();
  const std::uint32_t count = generation->slots().count();
  std::array<std::size_t, Calibration::kEfSteps.size()> found{};
  std::size_t sampled = 0;
  for (std::uint32_t i = 0; i < kSampleCount; ++i) {
    OMEN_TRY(cancel.check());
    const auto slot = static_cast<std::uint32_t>(static_cast<std::uint64_t>(count) * (2 * i + 1) /
                                                 (2 * kSampleCount));
    if ((generation->slots().flags(slot) &
         (slot_flag::kDead | slot_flag::kFree | slot_flag::kZero | slot_flag::kPending)) != 0) {
      continue;
    }
    const VectorValue values = generation->vector(slot);
    if (values == nullptr) {
      return {StatusCode::Corruption, "vector index holds a damaged vector"};
    }
    const VectorKey self = generation->slots().key(slot);
    const VectorVisibility others = [&](std::span<const VectorKey> keys,
                                        std::span<std::uint8_t> visible) {
      for (std::size_t k = 0; k < keys.size(); ++k) {
        visible[k] = keys[k] == self ? 0 : 1;
      }
      return Status();
    };
    const auto run = [&](std::size_t ef, std::vector<VectorHit>& hits) {
      GenerationSearch search(generation, values, {.ef_search = ef, .row_count_hint = kRows},
                              others);
      return search.next(kRows, hits);
    };
    std::vector<VectorHit> exact;
    OMEN_TRY(run(kScanEf, exact).status());
    if (exact.size() < kRows || !std::isfinite(exact.back().distance)) {
      continue;
    }
    ++sampled;
    const double radius = exact.back().distance;
    for (std::size_t step = 0; step < found.size(); ++step) {
      std::vector<VectorHit> hits;
      OMEN_TRY(run(generation->shape().ef_for_pool(Calibration::kEfSteps[step]), hits).status());
      for (const VectorHit& hit : hits) {
        found[step] += hit.distance <= radius ? 1 : 0;
      }
    }
  }
  if (sampled == 0) {
    return {};
  }
  std::array<float, Calibration::kEfSteps.size()> recall{};
  for (std::size_t step = 0; step < found.size(); ++step) {
    const float missed = 1 - static_cast<float>(found[step]) / static_cast<float>(sampled * kRows);
    recall[step] = std::max(0.0F, 1 - kStrangerFactor * missed);
  }
  generation->calibration().set(recall);
  return {};
}

}  // namespace omen::engine
