#include "engine/vector/prune_metric.h"

#include <cmath>

namespace omen::engine {

void PruneMetric::from_row(std::span<const std::uint32_t> ids, float* out,
                           LinkScratch& scratch) const {
  if (fine_space_ == nullptr) {
    estimate(scratch.query.code, ids, out);
    return;
  }
  fine_space_->prepare_like(scratch.query, scratch.fine_query);
  estimate(scratch.fine_query.code, ids, out);
}

void PruneMetric::set_slot(std::uint32_t slot, LinkScratch& scratch) const {
  if (fine_space_ == nullptr) {
    space_.prepare_from_code(generation_.nodes().node(slot), scratch.pair_query);
  } else {
    fine_space_->prepare_from_code(generation_.fine_codes()->row(slot), scratch.pair_query);
  }
}

void PruneMetric::from_slot(std::span<const std::uint32_t> ids, float* out,
                            const LinkScratch& scratch) const {
  estimate(scratch.pair_query.code, ids, out);
}

void PruneMetric::estimate(const CodeQuery& query, std::span<const std::uint32_t> ids,
                           float* out) const {
  if (fine_space_ == nullptr) {
    space_.estimate()(query, generation_.nodes().codes(), ids.data(), ids.size(), out);
    return;
  }
  generation_.fine_codes()->estimate(fine_space_->estimate(), query, ids, out);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!generation_.fine_code_intact(ids[i])) {
      out[i] = HUGE_VALF;
    }
  }
}

}  // namespace omen::engine
