#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/vector/reader_epochs.h"

namespace omen::engine {

/// The tail of an index: slots that are published but not yet linked, in the order in which they
/// came; every search compares all of them. A list of chunks, from which a search reads a stretch
/// that was there when it began.
///
/// **Threads:** push() by one thread at a time, front() and advance() by one thread at a time, both
/// beside readers. The end is stored with release after the slot's number; the begin with release
/// after the slots before it are in the graph: a reader that loads it (acquire) finds there what it
/// does not find here. Chunks left behind live until readers that may walk them have ended.
class PendingQueue {
  struct Chunk {
    explicit Chunk(std::uint64_t begin) : first(begin) {}
    static constexpr std::size_t kCount = 1024;
    const std::uint64_t first;
    std::atomic<Chunk*> next{nullptr};
    std::array<std::uint32_t, kCount> slots{};
  };

 public:
  /// What was pending at one moment; valid while its owner is in an epoch entered before.
  struct View {
    const Chunk* chunk = nullptr;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    [[nodiscard]] std::uint64_t size() const { return end - begin; }
  };

  explicit PendingQueue(ReaderEpochs& epochs) : epochs_(epochs) {
    first_ = new Chunk(0);
    last_ = first_.load(std::memory_order_relaxed);
  }
  ~PendingQueue() {
    for (const Chunk* chunk = first_.load(std::memory_order_relaxed); chunk != nullptr;) {
      const Chunk* next = chunk->next.load(std::memory_order_relaxed);
      delete chunk;
      chunk = next;
    }
  }
  PendingQueue(const PendingQueue&) = delete;
  PendingQueue& operator=(const PendingQueue&) = delete;

  void push(std::uint32_t slot) {
    const std::uint64_t end = end_.load(std::memory_order_relaxed);
    if (end == last_->first + Chunk::kCount) {
      auto* chunk = new Chunk(end);
      last_->next.store(chunk, std::memory_order_release);
      last_ = chunk;
    }
    last_->slots[end - last_->first] = slot;
    end_.store(end + 1, std::memory_order_release);
  }

  /// Up to `count_max` slots from the front.
  [[nodiscard]] std::vector<std::uint32_t> front(std::size_t count_max) const {
    View part = view();
    part.end = std::min(part.end, part.begin + count_max);
    std::vector<std::uint32_t> slots;
    slots.reserve(part.size());
    for_each(part, [&](std::uint32_t slot) { slots.push_back(slot); });
    return slots;
  }
  /// Leaves the first `count` slots behind, which are in the graph or gone.
  void advance(std::uint64_t count) {
    const std::uint64_t begin = begin_.load(std::memory_order_relaxed) + count;
    begin_.store(begin, std::memory_order_release);
    Chunk* chunk = first_.load(std::memory_order_relaxed);
    while (begin >= chunk->first + Chunk::kCount) {
      // The last chunk stays: push() writes into it or behind it.
      Chunk* next = chunk->next.load(std::memory_order_acquire);
      if (next == nullptr) {
        break;
      }
      first_.store(next, std::memory_order_release);
      epochs_.dispose(std::unique_ptr<Chunk>(chunk));
      chunk = next;
    }
  }

  [[nodiscard]] View view() const {
    View view;
    view.chunk = first_.load(std::memory_order_acquire);
    view.begin = std::max(begin_.load(std::memory_order_acquire), view.chunk->first);
    view.end = end_.load(std::memory_order_acquire);
    return view;
  }
  template <typename Visit>
  static void for_each(const View& view, const Visit& visit) {
    const Chunk* chunk = view.chunk;
    for (std::uint64_t at = view.begin; at < view.end; ++at) {
      while (at >= chunk->first + Chunk::kCount) {
        chunk = chunk->next.load(std::memory_order_acquire);
      }
      visit(chunk->slots[at - chunk->first]);
    }
  }
  [[nodiscard]] std::uint64_t size() const {
    const std::uint64_t begin = begin_.load(std::memory_order_acquire);
    return end_.load(std::memory_order_acquire) - begin;
  }

 private:
  ReaderEpochs& epochs_;
  std::atomic<Chunk*> first_;
  std::atomic<std::uint64_t> begin_{0};
  std::atomic<std::uint64_t> end_{0};
  Chunk* last_ = nullptr;  ///< the pusher's
};

}  // namespace omen::engine
