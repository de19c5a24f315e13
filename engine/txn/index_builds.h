#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/api/engine.h"
#include "engine/base/thread_annotations.h"
#include "engine/vector/vector_index.h"

namespace omen::engine {

/// What a vector index says of itself, in the words of the API.
inline IndexPhase index_phase(VectorIndexProgress::Phase phase) {
  switch (phase) {
    case VectorIndexProgress::Phase::Idle:
      break;
    case VectorIndexProgress::Phase::Loading:
      return IndexPhase::Loading;
    case VectorIndexProgress::Phase::Coding:
      return IndexPhase::Coding;
    case VectorIndexProgress::Phase::Linking:
      return IndexPhase::Linking;
    case VectorIndexProgress::Phase::Repairing:
      return IndexPhase::Repairing;
    case VectorIndexProgress::Phase::Measuring:
      return IndexPhase::Measuring;
  }
  return IndexPhase::Idle;
}

/// The indexes that transactions are making just now. **Threads:** any.
class IndexBuilds {
 public:
  /// One of them, listed as long as it lives. **Threads:** one makes the index, any look.
  class Build {
   public:
    Build(IndexBuilds& builds, const Index& index, std::uint64_t rows_expected)
        : builds_(builds),
          table_oid_(index.table_oid),
          index_oid_(index.oid),
          rows_expected_(rows_expected) {
      const MutexLock lock(builds_.mutex_);
      builds_.running_.push_back(this);
    }
    ~Build() {
      const MutexLock lock(builds_.mutex_);
      std::erase(builds_.running_, this);
    }
    Build(const Build&) = delete;
    Build& operator=(const Build&) = delete;

    void begin(IndexPhase phase) {
      rows_done_.store(0, std::memory_order_relaxed);
      phase_.store(phase, std::memory_order_relaxed);
    }
    void add(std::uint64_t rows) { rows_done_.fetch_add(rows, std::memory_order_relaxed); }
    /// From now on what `index` says of itself counts, but in phases begun by begin().
    void watch(std::shared_ptr<const VectorIndex> index) {
      const MutexLock lock(mutex_);
      vector_ = std::move(index);
    }
    /// A watched index has got all rows: when it has nothing more to say, it is saved.
    void loaded() { loaded_.store(true, std::memory_order_relaxed); }

   private:
    friend class IndexBuilds;

    [[nodiscard]] IndexBuildProgress get() const OMEN_EXCLUDES(mutex_) {
      const MutexLock lock(mutex_);
      IndexBuildProgress result{table_oid_, index_oid_, phase_.load(std::memory_order_relaxed),
                                rows_done_.load(std::memory_order_relaxed), 0};
      if (result.phase == IndexPhase::Idle && vector_ != nullptr) {
        const VectorIndexProgress progress = vector_->progress();
        result.phase = index_phase(progress.phase);
        result.rows_done = progress.done;
        result.rows_total = progress.total;
        if (result.phase == IndexPhase::Idle && loaded_.load(std::memory_order_relaxed)) {
          result.phase = IndexPhase::Saving;
        }
      }
      if (result.phase == IndexPhase::Loading) {
        result.rows_total = std::max(rows_expected_, result.rows_done);
      }
      return result;
    }

    IndexBuilds& builds_;
    const Oid table_oid_;
    const Oid index_oid_;
    const std::uint64_t rows_expected_;
    std::atomic<IndexPhase> phase_{IndexPhase::Idle};
    std::atomic<std::uint64_t> rows_done_{0};
    std::atomic<bool> loaded_{false};
    mutable Mutex mutex_;
    std::shared_ptr<const VectorIndex> vector_ OMEN_GUARDED_BY(mutex_);
  };

  [[nodiscard]] std::vector<IndexBuildProgress> list() const OMEN_EXCLUDES(mutex_) {
    std::vector<IndexBuildProgress> result;
    const MutexLock lock(mutex_);
    for (const Build* build : running_) {
      result.push_back(build->get());
    }
    return result;
  }

 private:
  mutable Mutex mutex_;
  std::vector<const Build*> running_ OMEN_GUARDED_BY(mutex_);
};

}  // namespace omen::engine
