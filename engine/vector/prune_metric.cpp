#include "engine/vector/prune_metric.h"

#include <algorithm>
#include <cmath>

#include "engine/vector/parallel.h"

namespace omen::engine {
namespace {

constexpr std::uint32_t kEncodeRange = 256;

}  // namespace

PruneMetric::PruneMetric(const Generation& generation, const CodeSpace& space)
    : generation_(generation),
      space_(space),
      source_(space.shape().is_fine() ? Source::OwnCodes : Source::Vectors),
      codes_(generation.nodes().codes()) {}

Status PruneMetric::make_wide_codes(std::uint32_t count, unsigned threads, CancelToken& cancel) {
  if (source_ == Source::OwnCodes) {
    return {};
  }
  wide_space_ = std::make_unique<CodeSpace>(generation_.options(), space_.shape().wide(),
                                            space_.parameters());
  const std::size_t stride_bytes = wide_space_->code_bytes() + 16;
  OMEN_ASSIGN(wide_codes_, ReservedArray::reserve(count * stride_bytes, count * stride_bytes));
  wide_codes_.advise(count * stride_bytes);
  codes_ = {wide_codes_.data(), stride_bytes, wide_space_->code_bytes()};
  for_ranges(0, count, kEncodeRange, threads,
             [&](std::uint32_t begin, std::uint32_t end, unsigned) {
               PreparedQuery row;
               for (std::uint32_t slot = begin; slot < end; ++slot) {
                 if ((generation_.slots().flags(slot) & slot_flag::kFree) != 0) {
                   continue;
                 }
                 // A damaged vector leaves a zero code; linking reports it.
                 if (const VectorValue values = generation_.vector(slot); values != nullptr) {
                   wide_space_->prepare_row(values, row);
                   (void)wide_space_->encode(row, wide_codes_.data() + slot * stride_bytes);
                 }
               }
               return !cancel.cancelled();
             });
  source_ = Source::WideCodes;
  return cancel.check();
}

void PruneMetric::from_row(std::uint32_t slot, std::span<const std::uint32_t> ids, float* out,
                           LinkScratch& scratch) const {
  switch (source_) {
    case Source::OwnCodes:
      space_.estimate()(scratch.query.code, codes_, ids.data(), ids.size(), out);
      return;
    case Source::WideCodes:
      wide_space_->prepare_like(scratch.query, scratch.wide_query);
      wide_space_->estimate()(scratch.wide_query.code, codes_, ids.data(), ids.size(), out);
      return;
    case Source::Vectors:
      from_vectors(slot, ids, out);
      return;
  }
}

void PruneMetric::set_slot(std::uint32_t slot, LinkScratch& scratch) const {
  if (source_ != Source::Vectors) {
    const CodeSpace& space = source_ == Source::OwnCodes ? space_ : *wide_space_;
    space.prepare_from_code(codes_.nodes + slot * codes_.stride_bytes, scratch.pair_query);
  }
}

void PruneMetric::from_slot(std::uint32_t slot, std::span<const std::uint32_t> ids, float* out,
                            const LinkScratch& scratch) const {
  if (source_ == Source::Vectors) {
    from_vectors(slot, ids, out);
    return;
  }
  const CodeSpace& space = source_ == Source::OwnCodes ? space_ : *wide_space_;
  space.estimate()(scratch.pair_query.code, codes_, ids.data(), ids.size(), out);
}

void PruneMetric::from_vectors(std::uint32_t slot, std::span<const std::uint32_t> ids,
                               float* out) const {
  const VectorValue origin = generation_.vector(slot);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const VectorValue other = generation_.vector(ids[i]);
    // A damaged vector is never linked to.
    out[i] = origin == nullptr || other == nullptr ? HUGE_VALF : between(origin, other);
  }
}

float PruneMetric::between(const VectorValue& a, const VectorValue& b) const {
  const VectorIndexOptions& options = generation_.options();
  const double distance = exact_distance(options, a, b);
  switch (options.metric) {
    case Metric::L2:
      return static_cast<float>(distance * distance);
    case Metric::Cosine:
      return static_cast<float>(2 * distance);
    case Metric::InnerProduct: {
      const float square = space_.parameters().norm_max * space_.parameters().norm_max;
      const float norm_a = squared_norm(options, a);
      const float norm_b = squared_norm(options, b);
      const float gap =
          std::sqrt(std::max(square - norm_a, 0.0F)) - std::sqrt(std::max(square - norm_b, 0.0F));
      return norm_a + norm_b + 2 * static_cast<float>(distance) + gap * gap;
    }
    default:
      return static_cast<float>(distance);
  }
}

}  // namespace omen::engine
