#pragma once

#include <atomic>

#include "engine/vector/vector_index.h"

namespace omen::engine {

/// How far a long piece of work is.
///
/// **Threads:** one works, any look; each number is right by itself.
class Progress {
 public:
  void begin(VectorIndexProgress::Phase phase, std::uint64_t total) {
    done_.store(0, std::memory_order_relaxed);
    total_.store(total, std::memory_order_relaxed);
    phase_.store(phase, std::memory_order_relaxed);
  }
  void end() { begin(VectorIndexProgress::Phase::Idle, 0); }
  void add(std::uint64_t count) { done_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] VectorIndexProgress get() const {
    return {phase_.load(std::memory_order_relaxed), done_.load(std::memory_order_relaxed),
            total_.load(std::memory_order_relaxed)};
  }

 private:
  std::atomic<VectorIndexProgress::Phase> phase_{VectorIndexProgress::Phase::Idle};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> total_{0};
};

}  // namespace omen::engine
