#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/vector/generation.h"
#include "engine/vector/slot_filter.h"

namespace omen::engine {

/// One search over one generation. Candidates come in rounds, each wider than the last: the graph's
/// beam and the codes of the tail, then the codes of everything. They are estimated anew by fine
/// codes, then compared exactly, each step only as far as error bounds ask for, and leave in the
/// order of their exact distances once the asking statement has said that it sees them. Entries
/// without a distance follow, NULLs last.
///
/// Restricted to rows, the first round is a scan of their codes, or where they are so many that
/// this costs more, a beam as much wider as they are fewer; a beam that meets too few of them, as
/// one does that starts far from where they lie, gives way to the scan.
///
/// **Threads:** one. Keeps its generation alive.
/// **Invariants:** 1. A slot in seen_ has been compared or waits in refined_, and never enters
/// candidates_ again. 2. Visibility is asked once for a key. 3. After the round over all codes
/// every slot below slots_end_ is either seen, waiting in candidates_ or remainder_, dead, or
/// without a distance.
class GenerationSearch final : public VectorSearch {
 public:
  GenerationSearch(std::shared_ptr<const Generation> generation, const VectorValue& query,
                   const VectorSearchOptions& options, VectorVisibility visibility);
  ~GenerationSearch() override;

  /// As if a slot were not in the graph. Before next().
  void leave_out(std::uint32_t slot) { left_out_ = slot; }

  Result<bool> next(std::size_t count, std::vector<VectorHit>& out) override;
  void restrict_to(std::span<const RowId> rows) override;

 private:
  enum class Round : std::uint8_t { None, Graph, All };
  enum class Stage : std::uint8_t { Distances, Undefined, Nulls, Done };
  struct Ranked {
    double rank = 0;  ///< exact, in the codes' space when there are codes
    double distance = 0;
    std::uint32_t slot = 0;
  };
  static bool farther(const Ranked& a, const Ranked& b) { return a.rank > b.rank; }
  /// Estimated by its fine code, not yet compared exactly.
  struct Refined {
    double bound = 0;  ///< the distance is hardly less
    std::uint32_t slot = 0;
  };
  static bool beyond(const Refined& a, const Refined& b) { return a.bound > b.bound; }

  [[nodiscard]] VectorValue query() const { return VectorValue(query_bytes_); }
  void prepare();
  [[nodiscard]] std::size_t first_ef(std::size_t count) const;
  Status supply(std::size_t count);
  void supply_filtered(std::size_t count);
  bool search_graph_filtered();
  void search_graph(std::size_t ef);
  void scan_tail(std::size_t ef);
  void scan_all(std::size_t ef);
  void merge_scanned();
  void enter(float* distances, std::uint32_t* ids, std::size_t count);
  std::uint32_t next_block(std::uint32_t& slot, const VisitedSet& visited,
                           std::uint32_t* ids) const;
  void scan_codes();
  void drop_seen();
  [[nodiscard]] bool admits(std::uint32_t slot) const {
    return filter_ == nullptr || filter_->contains(slot);
  }
  [[nodiscard]] bool may_see(std::uint32_t slot);
  Status scan_vectors();
  Status rank(std::uint32_t slot);
  Status rank_uncoded();
  void prefetch_candidate(std::size_t index) const;
  bool next_candidate(Candidate& candidate);
  Status refine();
  Status rank_refined();
  void refill();
  Status pull(std::size_t count, std::vector<Ranked>& batch);
  Status advance(std::size_t count);
  Status advance_distances(std::size_t count);
  Status advance_undefined();
  Status advance_nulls();
  Status ask(std::span<const VectorKey> keys);

  const std::shared_ptr<const Generation> generation_;
  const ReaderEpochs::Guard epoch_;  ///< keeps the slots this search meets from being reused
  const std::string query_bytes_;    ///< aligned like all that is allocated
  const VectorSearchOptions options_;
  const VectorVisibility visibility_;
  const CodeSpace* space_;       ///< null: only vectors can be compared
  const CodeSpace* fine_space_;  ///< null: candidates are compared exactly at once
  PendingQueue::View tail_;
  GraphEntry entry_;
  Xid judged_xid_ = 0;  ///< the last one that options_.may_see was asked about
  bool judged_seen_ = false;
  std::uint32_t left_out_ = GraphWalk::kNoSlot;
  std::uint32_t slots_end_;
  std::uint32_t nulls_end_;
  std::unique_ptr<const SlotFilter> filter_;  ///< null: all entries
  bool filter_searched_ = false;              ///< candidates have been gathered under filter_
  std::unique_ptr<SearchScratch> scratch_;

  Round round_ = Round::None;
  Stage stage_ = Stage::Distances;
  std::size_t ef_ = 0;
  std::size_t asked_ = 0;              ///< entries pulled so far, rejected ones included
  std::size_t batch_factor_ = 1;       ///< grows while visibility rejects most of a batch
  std::vector<Candidate> candidates_;  ///< ascending, from cursor_ on not yet compared
  std::size_t cursor_ = 0;
  std::vector<Candidate> remainder_;  ///< all farther than candidates_, unordered
  std::vector<Refined> refined_;      ///< heap, least bound first
  std::vector<Ranked> ranked_;        ///< heap, nearest first
  std::vector<std::uint32_t> seen_;
  std::vector<std::uint32_t> undefined_;  ///< compared, but the distance is NaN
  std::uint32_t position_ = 0;            ///< of the stages after distances
  std::vector<VectorHit> ready_;          ///< visible; from ready_begin_ on not yet handed out
  std::size_t ready_begin_ = 0;
  double floor_ = -HUGE_VAL;  ///< under strict_order: the last distance handed out
  std::vector<Ranked> batch_;
  std::vector<VectorKey> keys_;
  std::vector<std::uint8_t> visible_;
};

}  // namespace omen::engine
