#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "engine/base/cancel_token.h"
#include "engine/vector/generation.h"

namespace omen::engine {

/// Working memory of one linker thread.
struct LinkScratch {
  WalkScratch walk;
  PreparedQuery query;       ///< the row being linked, for the generation's codes
  PreparedQuery wide_query;  ///< the same for the wide codes
  PreparedQuery pair_query;
  std::vector<Candidate> candidates;
  std::vector<Candidate> chosen;
  std::vector<Candidate> left;
  std::vector<std::uint32_t> ids;
  std::vector<float> distances;
};

/// Squared distances in the code space between rows, finer than coarse codes tell: what links are
/// chosen by. Fine codes serve themselves; others are accompanied by 4-bit codes during
/// a bulk build (dropped with this object), or replaced by the vectors when only a few rows are
/// linked.
///
/// **Threads:** measuring by any, after set-up.
class PruneMetric {
 public:
  PruneMetric(const Generation& generation, const CodeSpace& space);

  /// Makes 4-bit codes of slots [0, count); OutOfMemory or Cancelled.
  Status make_wide_codes(std::uint32_t count, unsigned threads, CancelToken& cancel);

  /// Distances from the row of scratch.query to `ids`.
  void from_row(std::uint32_t slot, std::span<const std::uint32_t> ids, float* out,
                LinkScratch& scratch) const;
  /// Chooses the slot that from_slot() measures from.
  void set_slot(std::uint32_t slot, LinkScratch& scratch) const;
  void from_slot(std::uint32_t slot, std::span<const std::uint32_t> ids, float* out,
                 const LinkScratch& scratch) const;

 private:
  enum class Source : std::uint8_t { OwnCodes, WideCodes, Vectors };

  void from_vectors(std::uint32_t slot, std::span<const std::uint32_t> ids, float* out) const;
  [[nodiscard]] float between(const VectorValue& a, const VectorValue& b) const;

  const Generation& generation_;
  const CodeSpace& space_;
  Source source_;
  std::unique_ptr<CodeSpace> wide_space_;
  ReservedArray wide_codes_;
  CodeArray codes_;  ///< of OwnCodes or WideCodes
};

}  // namespace omen::engine
