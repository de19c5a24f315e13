#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "engine/base/thread_annotations.h"
#include "engine/vector/append_gate.h"
#include "engine/vector/checkpoint.h"
#include "engine/vector/generation.h"
#include "engine/vector/progress.h"
#include "engine/vector/vector_index.h"

namespace omen::engine {

/// The VectorIndex: one current Generation, and a thread that trains, links, repairs, rebuilds and
/// checks behind the writers' backs.
///
/// **Threads:** see VectorIndex. Lock order: checkpoint_mutex_, gate_, removed_mutex_ or the
/// generation's write mutex, state_mutex_.
/// **Invariants:** 1. generation_ changes only while gate_ is closed. 2. Whoever links or repairs
/// is the maintenance thread, or build() while building_ keeps that idle. 3. Files named vectors.N
/// exist for the current generation, for the one of the checkpoint and for one under construction;
/// others are deleted.
class HnswIndex final : public VectorIndex {
 public:
  /// A tail so long makes append() wait until the background thread has caught up: searches
  /// compare all of it, 12 ms a million at 1536 dimensions.
  static constexpr std::uint64_t kTailMax = std::uint64_t{1} << 20;
  /// A tail so short never makes it wait, whatever it takes: linking goes in such steps.
  static constexpr std::uint64_t kTailMin = 4096;

  HnswIndex(std::filesystem::path directory, std::shared_ptr<Generation> generation);
  /// Checks the mapped node blocks in the background.
  HnswIndex(std::filesystem::path directory, std::unique_ptr<OpenedCheckpoint> opened);
  ~HnswIndex() override;

  Status build(const VectorSource& source, unsigned threads, CancelToken& cancel) override;
  Status append(const VectorEntry& entry) override { return append(entry, false); }
  Status append_if_absent(const VectorEntry& entry) override { return append(entry, true); }
  [[nodiscard]] bool contains(const VectorKey& key) override;
  void remove(std::span<const VectorKey> keys) override;
  std::unique_ptr<VectorSearch> search(const VectorValue& query, const VectorSearchOptions& options,
                                       VectorVisibility visibility) const override;
  using VectorIndex::checkpoint;
  Status checkpoint(Xid cursor, CancelToken& cancel) override;
  [[nodiscard]] Xid cursor() const override { return cursor_; }
  Status wait_linked(CancelToken& cancel) override;
  [[nodiscard]] Request request() const override {
    return request_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] VectorIndexStatistics statistics() const override;
  [[nodiscard]] VectorIndexProgress progress() const override { return progress_.get(); }

 private:
  /// What the maintenance thread may be needed for.
  enum class Work : std::uint8_t { None, Verify, Train, Link, Repair, Refine, Rebuild };

  [[nodiscard]] std::shared_ptr<Generation> current() const;
  Status append(const VectorEntry& entry, bool if_absent);
  void wait_for_tail() const;
  void wake();

  void maintain();
  [[nodiscard]] Work next_work() const OMEN_REQUIRES(state_mutex_);
  static Work work_for(const Generation& generation);
  Status verify(Generation& generation);
  Status perform(Work work);
  Status load(const VectorSource& source, unsigned threads, CancelToken& cancel);
  Status train(Generation& generation, unsigned threads, CancelToken& cancel);
  Status link(const std::shared_ptr<Generation>& generation, unsigned threads, CancelToken& cancel);
  Status repair(const std::shared_ptr<Generation>& generation, CancelToken& cancel);
  Status refine(Generation& generation, CancelToken& cancel);
  Status measure(const std::shared_ptr<Generation>& generation, CancelToken& cancel);
  static unsigned idle_threads(const Generation& generation, std::uint64_t amount);
  void log_failure(Work work, const Status& status);

  Status rebuild();
  Status rebuild_from(Generation& old, std::uint32_t slot_count, std::uint32_t null_count);

  const std::filesystem::path directory_;
  const Xid cursor_;
  const std::uint64_t tail_max_;  ///< slots

  Mutex checkpoint_mutex_;
  CheckpointWriter checkpoint_writer_ OMEN_GUARDED_BY(checkpoint_mutex_);
  /// Of the last durable checkpoint, for who must not wait for the next one.
  std::atomic<Xid> checkpoint_cursor_{0};
  std::atomic<std::uint64_t> checkpoint_bytes_{0};
  mutable AppendGate gate_;

  Mutex removed_mutex_;
  bool rebuilding_ OMEN_GUARDED_BY(removed_mutex_) = false;
  std::vector<VectorKey> removed_meanwhile_ OMEN_GUARDED_BY(removed_mutex_);

  mutable Mutex state_mutex_;
  std::shared_ptr<Generation> generation_ OMEN_GUARDED_BY(state_mutex_);
  bool building_ OMEN_GUARDED_BY(state_mutex_) = false;
  bool verified_ OMEN_GUARDED_BY(state_mutex_) = true;
  bool idle_ OMEN_GUARDED_BY(state_mutex_) = true;
  Status maintenance_status_ OMEN_GUARDED_BY(state_mutex_);
  bool worker_started_ OMEN_GUARDED_BY(state_mutex_) = false;
  mutable std::condition_variable_any state_changed_;

  Progress progress_;
  std::atomic<Request> request_{Request::None};
  std::unique_ptr<OpenedCheckpoint> opened_;  ///< until it is verified; the maintenance thread's
  /// When a kind of error was last logged; the maintenance thread's.
  std::map<std::pair<Work, StatusCode>, std::chrono::steady_clock::time_point> logged_;
  CancelToken stop_;
  std::jthread worker_;  ///< last member: joined first; started with the first work
};

}  // namespace omen::engine
