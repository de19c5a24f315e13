#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/cancel_token.h"
#include "engine/base/thread_annotations.h"
#include "engine/vector/calibration.h"
#include "engine/vector/code_space.h"
#include "engine/vector/element.h"
#include "engine/vector/fine_codes.h"
#include "engine/vector/graph_walk.h"
#include "engine/vector/node_array.h"
#include "engine/vector/pending_queue.h"
#include "engine/vector/reader_epochs.h"
#include "engine/vector/row_map.h"
#include "engine/vector/slot_allocator.h"
#include "engine/vector/slot_table.h"
#include "engine/vector/vector_file.h"

namespace omen::engine {

/// Scratch of one running search or writer, kept for the next.
struct SearchScratch {
  WalkScratch walk;
  SearchPool tail_pool;
  PreparedQuery query;
  PreparedQuery fine_query;  ///< the same, for the fine codes
};

/// The entries of an index between two rebuilds: slots, vectors, codes and graph. It begins with
/// vectors alone (searched exactly); train() gives it codes, begin_graph() a tail, linking a graph.
///
/// A slot's life: taken (free list, or one more), filled with no lock held, published under
/// write_mutex_ as pending; linked (GraphBuilder); dead; out of the graph (GraphRepair); retired,
/// that is free and out of reach; taken again (SlotAllocator says when).
///
/// **Threads:** append(), remove(), searches: any, at once. train(), begin_graph(), linking and
/// repair: one thread at a time, beside the others. finish_training(): beside searches alone.
/// A reader holds an epoch (`epochs().enter()`) while it uses slot numbers.
class Generation {
 public:
  static constexpr std::uint32_t kVectorScanMax = 2000;
  static constexpr std::uint32_t kCodeScanMax = 10000;

  static Result<std::shared_ptr<Generation>> create(const std::filesystem::path& directory,
                                                    std::uint64_t number,
                                                    const VectorIndexOptions& options);
  /// For checkpoint reading: everything but the contents, with existing files of vectors and, if
  /// `trained`, of fine codes.
  static Result<std::shared_ptr<Generation>> restore(const std::filesystem::path& directory,
                                                     std::uint64_t number,
                                                     const VectorIndexOptions& options,
                                                     std::uint32_t row_count, bool trained);

  /// Adds an entry; with `if_absent` only if its key is unknown.
  Status append(const VectorEntry& entry, bool if_absent) OMEN_EXCLUDES(write_mutex_);
  /// Marks entries dead; those that nothing leads to are retired at once.
  void remove(std::span<const VectorKey> keys) OMEN_EXCLUDES(write_mutex_);
  /// While suspended, new entries take new slots only, so that whoever copies the slots in their
  /// order meets each entry once.
  void suspend_reuse(bool suspended) OMEN_EXCLUDES(write_mutex_);

  /// Fills what a checkpoint does not hold (row map, tail, free slots) from the slot table of a
  /// restored generation; cheap if that is done. Everything but statistics waits for it.
  void make_ready() OMEN_EXCLUDES(write_mutex_);
  /// The entry of a key (see RowMap), or RowMap::kNone. Needs make_ready().
  [[nodiscard]] std::uint32_t find(const VectorKey& key) const;
  [[nodiscard]] VectorKey key(std::uint32_t entry) const;
  /// Calls visit(entry) for every entry of a row (see RowMap), newest version first, dead ones
  /// included; those at or above a search's bounds, and free ones, are not the search's. Lock-free;
  /// needs make_ready() and an epoch.
  template <typename Visit>
  void for_each_entry(RowId row_id, const Visit& visit) const {
    for (std::uint32_t entry = rows_.newest(row_id); entry != RowMap::kNone;
         entry = rows_.previous(entry)) {
      visit(entry);
    }
  }

  /// Learns the codes' parameters from a sample and codes all slots. False means that there is
  /// nothing to code (no codes for these options, or already trained). Reuse must be suspended
  /// until finish_training().
  Result<bool> train(unsigned threads, CancelToken& cancel);
  /// Codes what was appended meanwhile and publishes the codes; no append may run.
  Status finish_training() OMEN_EXCLUDES(write_mutex_);

  /// From here on what is not linked is in the tail: pending().
  void begin_graph() OMEN_EXCLUDES(write_mutex_);
  [[nodiscard]] bool graph_begun() const { return graph_begun_.load(std::memory_order_acquire); }
  [[nodiscard]] const PendingQueue& pending() const { return pending_; }
  /// The first `slots` of the tail have been dealt with: `linked[i]` says which are in the graph.
  /// Those that are dead and are not are retired, other ones go to the end of the tail.
  void finish_linking(std::span<const std::uint32_t> slots, std::span<const std::uint8_t> linked,
                      bool coarse) OMEN_EXCLUDES(write_mutex_);
  /// Retires dead slots that have been taken out of the graph.
  void retire_repaired(std::span<const std::uint32_t> slots) OMEN_EXCLUDES(write_mutex_);
  void clear_coarse(std::uint32_t slot);

  /// What a checkpoint that begins now will record as free may be reused once it is durable.
  struct CheckpointMark {
    std::uint64_t slots = 0;
    std::uint64_t nulls = 0;
  };
  CheckpointMark checkpoint_mark() const OMEN_EXCLUDES(write_mutex_);
  void checkpoint_durable(const CheckpointMark& mark) OMEN_EXCLUDES(write_mutex_);

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
  /// The codes that accompany those of space(), once that is there; null where these are fine.
  [[nodiscard]] const FineCodes* fine_codes() const { return fine_codes_.get(); }
  [[nodiscard]] const CodeSpace* fine_space() const { return fine_space_.get(); }
  /// False if the fine code of a slot does not match its checksum any more, which is noted.
  [[nodiscard]] bool fine_code_intact(std::uint32_t slot) const;
  void restore_graph() { graph_begun_.store(true, std::memory_order_release); }
  [[nodiscard]] std::uint32_t slots_max() const { return static_cast<std::uint32_t>(slots_max_); }
  [[nodiscard]] ReaderEpochs& epochs() const { return epochs_; }
  [[nodiscard]] SlotTable& slots() { return slots_; }
  [[nodiscard]] const SlotTable& slots() const { return slots_; }
  [[nodiscard]] SlotTable& nulls() { return nulls_; }
  [[nodiscard]] const SlotTable& nulls() const { return nulls_; }
  [[nodiscard]] NodeArray& nodes() { return nodes_; }
  [[nodiscard]] const NodeArray& nodes() const { return nodes_; }
  /// Makes the vectors and codes written so far durable.
  Status sync_files(CancelToken& cancel);
  [[nodiscard]] const VectorFile& file() const { return *file_; }
  [[nodiscard]] AtomicGraphEntry& entry() { return entry_; }
  [[nodiscard]] const AtomicGraphEntry& entry() const { return entry_; }
  [[nodiscard]] Calibration& calibration() { return calibration_; }
  [[nodiscard]] const Calibration& calibration() const { return calibration_; }

  /// Slots with an entry, living or dead.
  [[nodiscard]] std::uint32_t slots_used() const {
    return slots_.count() - static_cast<std::uint32_t>(free_slots_.count());
  }
  [[nodiscard]] std::uint64_t free_slots() const { return free_slots_.count(); }
  [[nodiscard]] std::uint32_t nulls_used() const {
    return nulls_.count() - static_cast<std::uint32_t>(free_nulls_.count());
  }
  /// Enough slots that codes beat a scan of the vectors, and that a graph beats a scan of codes.
  [[nodiscard]] bool wants_codes() const {
    return shape_.has_codes() && slots_used() > kVectorScanMax;
  }
  [[nodiscard]] bool wants_graph() const {
    return graph_begun() || (shape_.has_codes() && slots_used() > kCodeScanMax);
  }
  /// Dead slots of the graph: walked, not returned.
  [[nodiscard]] std::uint32_t dead_slots() const {
    return dead_slots_.load(std::memory_order_relaxed);
  }
  /// Slots linked in a hurry.
  [[nodiscard]] std::uint32_t coarse_slots() const {
    return coarse_slots_.load(std::memory_order_relaxed);
  }
  void set_unreachable(std::uint32_t count) {
    unreachable_.store(count, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t unreachable() const {
    return unreachable_.load(std::memory_order_relaxed);
  }
  /// Slots without a usable code; searches compare them exactly.
  [[nodiscard]] std::vector<std::uint32_t> uncoded_slots() const OMEN_EXCLUDES(write_mutex_);

  /// To be called when damaged codes or links are found: only vectors are used from then on.
  void distrust_codes() const OMEN_EXCLUDES(listener_mutex_);
  /// Is called at the first distrust_codes(), by whoever that is; not any more once replaced.
  void set_damage_listener(std::function<void()> listener) OMEN_EXCLUDES(listener_mutex_);
  [[nodiscard]] bool codes_damaged() const {
    return codes_damaged_.load(std::memory_order_relaxed);
  }
  /// The codes' mean is out of date: vectors that came since lie a fifth farther from it than those
  /// it was made of, or there are 16 times as many.
  [[nodiscard]] bool drifted() const;

  [[nodiscard]] std::unique_ptr<SearchScratch> take_scratch() const;
  void give_scratch(std::unique_ptr<SearchScratch> scratch) const;
  [[nodiscard]] VectorIndexBytes memory() const;

  static std::filesystem::path vector_file_name(std::uint64_t number);
  static std::filesystem::path code_file_name(std::uint64_t number);

 private:
  Generation(const VectorIndexOptions& options, std::uint64_t number)
      : options_(options), shape_(CodeShape::of(options)), number_(number), pending_(epochs_) {}
  Status set_up();
  Result<std::uint32_t> take_slot() OMEN_REQUIRES(write_mutex_);
  Result<std::uint32_t> take_null() OMEN_REQUIRES(write_mutex_);
  Status append_null(const VectorKey& key) OMEN_REQUIRES(write_mutex_);
  void publish_slot(std::uint32_t slot, const VectorKey& key, std::uint32_t vector_crc,
                    std::uint32_t flags) OMEN_REQUIRES(write_mutex_);
  void add_row(std::uint32_t entry, RowId row_id) OMEN_REQUIRES(write_mutex_);
  /// Slots that nothing but the row map leads to become free.
  void retire(std::span<const std::uint32_t> entries) OMEN_REQUIRES(write_mutex_);
  void note_norm(float norm) OMEN_REQUIRES(write_mutex_);
  void make_spaces(CodeParameters parameters);
  Status reserve_fine_codes(std::uint32_t count);
  std::uint32_t encode_slot(const CodeSpace& space, std::uint32_t slot, const VectorValue& value,
                            PreparedQuery& scratch);

  const VectorIndexOptions options_;
  const CodeShape shape_;
  const std::uint64_t number_;
  std::size_t slots_max_ = 0;
  mutable ReaderEpochs epochs_;
  std::unique_ptr<VectorFile> file_;
  std::unique_ptr<FineCodes> fine_codes_;
  SlotTable slots_;
  SlotTable nulls_;
  NodeArray nodes_;

  mutable Mutex write_mutex_;
  RowMap rows_;  ///< written under write_mutex_, as are the next four
  PendingQueue pending_;
  SlotAllocator free_slots_;
  SlotAllocator free_nulls_;
  std::vector<std::uint32_t> uncoded_ OMEN_GUARDED_BY(write_mutex_);
  std::atomic<bool> has_uncoded_{false};
  std::atomic<bool> ready_{true};
  std::atomic<bool> graph_begun_{false};
  double recent_norms_ OMEN_GUARDED_BY(write_mutex_) = 0;  ///< sum, of codes made since training
  std::uint32_t recent_count_ OMEN_GUARDED_BY(write_mutex_) = 0;
  std::atomic<bool> drifted_{false};

  std::unique_ptr<CodeSpace> space_;
  std::unique_ptr<CodeSpace> fine_space_;
  std::vector<std::uint8_t> trained_;  ///< slots coded by train(), for finish_training()
  std::atomic<const CodeSpace*> published_space_{nullptr};
  AtomicGraphEntry entry_;
  Calibration calibration_;
  std::atomic<std::uint32_t> dead_slots_{0};
  std::atomic<std::uint32_t> coarse_slots_{0};
  std::atomic<std::uint32_t> unreachable_{0};
  mutable std::atomic<bool> codes_damaged_{false};
  mutable Mutex listener_mutex_;
  std::function<void()> damage_listener_ OMEN_GUARDED_BY(listener_mutex_);
  mutable Mutex scratch_mutex_;
  mutable std::vector<std::unique_ptr<SearchScratch>> scratch_ OMEN_GUARDED_BY(scratch_mutex_);
};

}  // namespace omen::engine
