#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "engine/base/thread_annotations.h"
#include "engine/vector/generation.h"
#include "engine/vector/vector_index.h"

namespace omen::engine {

/// The VectorIndex: one current Generation, a map from keys to its slots, and a thread that trains,
/// links, rebuilds and checks behind the writers' backs.
///
/// **Threads:** see VectorIndex. Lock order: checkpoint_mutex_, writer_mutex_, state_mutex_.
/// **Invariants:** 1. generation_ changes only under writer_mutex_. 2. Files named vectors.N exist
/// for the current generation, for the one of the checkpoint and for one under construction; others
/// are deleted.
class HnswIndex final : public VectorIndex {
 public:
  HnswIndex(std::filesystem::path directory, std::shared_ptr<Generation> generation, Xid cursor);
  ~HnswIndex() override;

  /// After open(): checks the mapped node blocks in the background.
  void start_verification();

  Status build(const VectorSource& source, unsigned threads, CancelToken& cancel) override;
  Status append(const VectorEntry& entry) override;
  Status append_if_absent(const VectorEntry& entry) override;
  [[nodiscard]] bool contains(const VectorKey& key) override;
  void remove(std::span<const VectorKey> keys) override;
  std::unique_ptr<VectorSearch> search(const VectorValue& query, const VectorSearchOptions& options,
                                       VectorVisibility visibility) const override;
  Status checkpoint(Xid cursor) override;
  [[nodiscard]] Xid cursor() const override { return cursor_; }
  Status wait_linked(CancelToken& cancel) override;
  [[nodiscard]] VectorIndexStatistics statistics() const override;

 private:
  /// What the maintenance thread may be needed for.
  enum class Work : std::uint8_t { None, Verify, Train, Link, Rebuild };

  [[nodiscard]] std::shared_ptr<Generation> current() const;
  Status append_locked(const VectorEntry& entry) OMEN_REQUIRES(writer_mutex_);
  static void remove_from(Generation& generation, std::span<const VectorKey> keys);
  void wake() OMEN_REQUIRES(writer_mutex_);

  void maintain();
  [[nodiscard]] Work next_work() const OMEN_REQUIRES(state_mutex_);
  static Work work_for(const Generation& generation);
  Status verify(Generation& generation);
  Status perform(Work work);
  Status train(Generation& generation, unsigned threads, CancelToken& cancel);
  static Status link(const std::shared_ptr<Generation>& generation, unsigned threads,
                     CancelToken& cancel);
  Status rebuild();
  Status copy_appended(const Generation& from, Generation& to, std::uint32_t& slots_copied,
                       std::uint32_t& nulls_copied, PreparedQuery& scratch);

  const std::filesystem::path directory_;
  const Xid cursor_;

  Mutex checkpoint_mutex_;  ///< one checkpoint at a time

  mutable Mutex writer_mutex_;
  PreparedQuery append_scratch_ OMEN_GUARDED_BY(writer_mutex_);
  bool rebuilding_ OMEN_GUARDED_BY(writer_mutex_) = false;
  std::vector<VectorKey> removed_meanwhile_ OMEN_GUARDED_BY(writer_mutex_);

  mutable Mutex state_mutex_;
  std::shared_ptr<Generation> generation_ OMEN_GUARDED_BY(state_mutex_);
  bool building_ OMEN_GUARDED_BY(state_mutex_) = false;
  bool verified_ OMEN_GUARDED_BY(state_mutex_) = true;
  bool idle_ OMEN_GUARDED_BY(state_mutex_) = true;
  Status maintenance_status_ OMEN_GUARDED_BY(state_mutex_);
  mutable std::condition_variable_any state_changed_;

  CancelToken stop_;
  bool worker_started_ OMEN_GUARDED_BY(writer_mutex_) = false;
  std::jthread worker_;  ///< last member: joined first; started with the first work
};

}  // namespace omen::engine
