#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/cancel_token.h"
#include "engine/base/thread_annotations.h"
#include "engine/vector/calibration.h"
#include "engine/vector/code_space.h"
#include "engine/vector/element.h"
#include "engine/vector/graph_walk.h"
#include "engine/vector/node_array.h"
#include "engine/vector/row_map.h"
#include "engine/vector/slot_table.h"
#include "engine/vector/vector_file.h"

namespace omen::engine {

/// Scratch of one running search or linker, kept for the next.
struct SearchScratch {
  WalkScratch walk;
  SearchPool tail_pool;
  PreparedQuery query;
};

/// The entries of an index between two rebuilds: slots, vectors, codes and graph. It begins with
/// vectors alone (searched exactly); train() gives it codes, linking a graph. A rebuild makes a new
/// generation without the dead and drops the old one when its last search ends.
///
/// Slots [0, linked()) are in the graph; [linked(), slots().count()) are the tail.
///
/// **Threads:** append*(), finish_training() by one thread at a time (the index's writer mutex);
/// remove by any; reading by any, below counts loaded with acquire. Linking: see GraphBuilder.
class Generation {
 public:
  static constexpr std::uint32_t kVectorScanMax = 2000;
  static constexpr std::uint32_t kCodeScanMax = 10000;

  static Result<std::shared_ptr<Generation>> create(const std::filesystem::path& directory,
                                                    std::uint64_t number,
                                                    const VectorIndexOptions& options);
  /// For checkpoint reading: everything but the contents, with an existing vector file.
  static Result<std::shared_ptr<Generation>> restore(const std::filesystem::path& directory,
                                                     std::uint64_t number,
                                                     const VectorIndexOptions& options,
                                                     std::uint32_t row_count);

  Status append(const VectorKey& key, const VectorValue& value, PreparedQuery& scratch);
  Status append_null(const VectorKey& key);
  /// Appends up to `row_count` more rows without running out of disk.
  Status reserve(std::uint32_t row_count);

  [[nodiscard]] VectorKey key(std::uint32_t entry) const;
  /// The entry of a key (see RowMap), or RowMap::kNone. Needs make_rows().
  [[nodiscard]] std::uint32_t find(const VectorKey& key) const;
  /// Fills the row map of a generation that comes from a checkpoint; cheap if it is filled.
  void make_rows() const OMEN_EXCLUDES(rows_mutex_);
  /// Calls visit(entry) for every entry of a row (see RowMap) that was ever published, newest
  /// version first, dead ones included; those at or above a search's bounds are younger than the
  /// search. Lock-free; needs make_rows().
  template <typename Visit>
  void for_each_entry(RowId row_id, const Visit& visit) const {
    for (std::uint32_t entry = rows_.newest(row_id); entry != RowMap::kNone;
         entry = rows_.previous(entry)) {
      visit(entry);
    }
  }

  /// Learns the codes' parameters from a sample and codes all slots. False means that there is
  /// nothing to code (no codes for this metric, or already trained).
  Result<bool> train(unsigned threads, CancelToken& cancel);
  /// Codes what was appended meanwhile and publishes the codes; no append may run.
  Status finish_training();

  /// The value of a slot, or null if it does not match its checksum any more.
  [[nodiscard]] VectorValue vector(std::uint32_t slot) const;

  [[nodiscard]] const VectorIndexOptions& options() const { return options_; }
  [[nodiscard]] const CodeShape& shape() const { return shape_; }
  [[nodiscard]] std::uint64_t number() const { return number_; }
  /// Null until trained. Acquire: the codes of all slots published before are there.
  [[nodiscard]] const CodeSpace* space() const {
    return published_space_.load(std::memory_order_acquire);
  }
  void restore_space(CodeParameters parameters);
  [[nodiscard]] std::uint32_t slots_max() const { return static_cast<std::uint32_t>(slots_max_); }
  [[nodiscard]] SlotTable& slots() { return slots_; }
  [[nodiscard]] const SlotTable& slots() const { return slots_; }
  [[nodiscard]] SlotTable& nulls() { return nulls_; }
  [[nodiscard]] const SlotTable& nulls() const { return nulls_; }
  [[nodiscard]] NodeArray& nodes() { return nodes_; }
  [[nodiscard]] const NodeArray& nodes() const { return nodes_; }
  [[nodiscard]] VectorFile& file() { return *file_; }
  [[nodiscard]] const VectorFile& file() const { return *file_; }
  [[nodiscard]] AtomicGraphEntry& entry() { return entry_; }
  [[nodiscard]] const AtomicGraphEntry& entry() const { return entry_; }
  [[nodiscard]] Calibration& calibration() { return calibration_; }
  [[nodiscard]] const Calibration& calibration() const { return calibration_; }

  /// Enough slots that codes beat a scan of the vectors, and that a graph beats a scan of codes.
  [[nodiscard]] bool wants_codes() const {
    return shape_.has_codes() && slots_.count() > kVectorScanMax;
  }
  [[nodiscard]] bool wants_graph() const {
    return shape_.has_codes() && slots_.count() > kCodeScanMax;
  }

  [[nodiscard]] std::uint32_t linked() const { return linked_.load(std::memory_order_acquire); }
  void set_linked(std::uint32_t count) { linked_.store(count, std::memory_order_release); }
  /// Marks a slot dead; true the first time.
  bool remove_slot(std::uint32_t slot);
  bool remove_null(std::uint32_t entry);
  [[nodiscard]] std::uint32_t dead_slots() const {
    return dead_slots_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t dead_nulls() const {
    return dead_nulls_.load(std::memory_order_relaxed);
  }
  void restore_dead(std::uint32_t slots, std::uint32_t nulls);
  void set_unreachable(std::uint32_t count) {
    unreachable_.store(count, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t unreachable() const {
    return unreachable_.load(std::memory_order_relaxed);
  }
  /// Slots without a usable code, below `slots_end`; searches compare them exactly.
  [[nodiscard]] std::vector<std::uint32_t> uncoded_slots(std::uint32_t slots_end) const;
  void add_uncoded(std::uint32_t slot);

  /// Set when a background check finds damaged codes or links: only vectors are used from then on.
  void distrust_codes() { codes_damaged_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool codes_damaged() const {
    return codes_damaged_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::unique_ptr<SearchScratch> take_scratch() const;
  void give_scratch(std::unique_ptr<SearchScratch> scratch) const;
  [[nodiscard]] std::uint64_t memory_bytes() const;

  static std::filesystem::path vector_file_name(std::uint64_t number);

 private:
  Generation(const VectorIndexOptions& options, std::uint64_t number)
      : options_(options), shape_(CodeShape::of(options)), number_(number) {}
  Status set_up();
  void add_row(std::uint32_t entry, RowId row_id) const OMEN_REQUIRES(rows_mutex_);
  void encode_slot(const CodeSpace& space, std::uint32_t slot, const VectorValue& value,
                   PreparedQuery& scratch);

  const VectorIndexOptions options_;
  const CodeShape shape_;
  const std::uint64_t number_;
  std::size_t slots_max_ = 0;
  std::unique_ptr<VectorFile> file_;
  SlotTable slots_;
  SlotTable nulls_;
  NodeArray nodes_;
  mutable Mutex rows_mutex_;
  mutable RowMap rows_;  ///< written under rows_mutex_
  mutable std::atomic<bool> rows_made_{true};
  std::unique_ptr<CodeSpace> space_;
  std::uint32_t trained_count_ = 0;  ///< slots coded by train(), for finish_training()
  std::atomic<const CodeSpace*> published_space_{nullptr};
  AtomicGraphEntry entry_;
  Calibration calibration_;
  std::atomic<std::uint32_t> linked_{0};
  std::atomic<std::uint32_t> dead_slots_{0};
  std::atomic<std::uint32_t> dead_nulls_{0};
  std::atomic<std::uint32_t> unreachable_{0};
  std::atomic<bool> codes_damaged_{false};
  std::atomic<bool> has_uncoded_{false};
  mutable Mutex uncoded_mutex_;
  std::vector<std::uint32_t> uncoded_ OMEN_GUARDED_BY(uncoded_mutex_);
  mutable Mutex scratch_mutex_;
  mutable std::vector<std::unique_ptr<SearchScratch>> scratch_ OMEN_GUARDED_BY(scratch_mutex_);
};

}  // namespace omen::engine
