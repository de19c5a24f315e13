#pragma once

#include <cstdint>
#include <span>

#include "engine/vector/generation.h"

namespace omen::engine {

/// Working memory of one linker thread.
struct LinkScratch {
  WalkScratch walk;
  PreparedQuery query;       ///< the row being linked, for the generation's codes
  PreparedQuery fine_query;  ///< the same for its fine codes
  PreparedQuery pair_query;
  std::vector<Candidate> candidates;
  std::vector<Candidate> chosen;
  std::vector<Candidate> left;
  std::vector<std::uint32_t> ids;
  std::vector<float> distances;
};

/// Squared distances in the code space between rows, finer than coarse codes tell: what links are
/// chosen by. They come from the generation's fine codes, or from its codes where these are fine.
/// To a row whose fine code is damaged everything is infinitely far.
///
/// **Threads:** any.
class PruneMetric {
 public:
  PruneMetric(const Generation& generation, const CodeSpace& space)
      : generation_(generation), space_(space), fine_space_(generation.fine_space()) {}

  /// Distances from the row of scratch.query to `ids`.
  void from_row(std::span<const std::uint32_t> ids, float* out, LinkScratch& scratch) const;
  /// Chooses the slot that from_slot() measures from.
  void set_slot(std::uint32_t slot, LinkScratch& scratch) const;
  void from_slot(std::span<const std::uint32_t> ids, float* out, const LinkScratch& scratch) const;

 private:
  void estimate(const CodeQuery& query, std::span<const std::uint32_t> ids, float* out) const;

  const Generation& generation_;
  const CodeSpace& space_;
  const CodeSpace* fine_space_;  ///< null: space_ itself is fine
};

}  // namespace omen::engine
