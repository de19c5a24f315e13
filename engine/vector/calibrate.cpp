#include "engine/vector/calibrate.h"

#include <algorithm>
#include <cmath>

#include "engine/vector/generation_search.h"

namespace omen::engine {
namespace {

constexpr std::uint32_t kSampleCount = 200;
constexpr std::size_t kRows = 10;
constexpr std::size_t kScanPool = std::size_t{1} << 30;  // wide enough to become a scan at once

}  // namespace

Status calibrate(const std::shared_ptr<Generation>& generation, CancelToken& cancel) {
  const ReaderEpochs::Guard epoch = generation->epochs().enter();
  const std::uint32_t count = generation->slots().count();
  std::array<std::size_t, kCalibrationPools.size()> found{};
  std::size_t sampled = 0;
  for (std::uint32_t i = 0; i < kSampleCount; ++i) {
    OMEN_TRY(cancel.check());
    const auto slot = static_cast<std::uint32_t>(static_cast<std::uint64_t>(count) * (2 * i + 1) /
                                                 (2 * kSampleCount));
    // Of the nodes of upper levels a search might begin at the row itself.
    if ((generation->slots().flags(slot) &
         (slot_flag::kDead | slot_flag::kFree | slot_flag::kZero | slot_flag::kPending)) != 0 ||
        generation->nodes().level(slot) > 0) {
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
    const auto run = [&](std::size_t pool, std::vector<VectorHit>& hits) {
      GenerationSearch search(generation, values, {.pool = pool, .row_count_hint = kRows}, others);
      search.leave_out(slot);
      return search.next(kRows, hits);
    };
    std::vector<VectorHit> exact;
    OMEN_TRY(run(kScanPool, exact).status());
    if (exact.size() < kRows || !std::isfinite(exact.back().distance)) {
      continue;
    }
    ++sampled;
    const double radius = exact.back().distance;
    for (std::size_t step = 0; step < found.size(); ++step) {
      std::vector<VectorHit> hits;
      OMEN_TRY(run(kCalibrationPools[step], hits).status());
      for (const VectorHit& hit : hits) {
        found[step] += hit.distance <= radius ? 1 : 0;
      }
    }
  }
  if (sampled == 0) {
    return {};
  }
  std::array<float, kCalibrationPools.size()> recall{};
  for (std::size_t step = 0; step < found.size(); ++step) {
    recall[step] = static_cast<float>(found[step]) / static_cast<float>(sampled * kRows);
  }
  generation->calibration().set(recall);
  return {};
}

}  // namespace omen::engine
