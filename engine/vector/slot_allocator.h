#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "engine/vector/reader_epochs.h"

namespace omen::engine {

/// The slots that belong to nobody. A slot comes here when nothing leads to it any more, and leaves
/// for a new entry once (R14) a durable checkpoint records it as free and all readers that began
/// before it came have ended.
///
/// **Threads:** members but the counter by one thread at a time (the generation's write mutex).
class SlotAllocator {
 public:
  /// Slots that nothing leads to, out of reach since the end of `epoch` (ReaderEpochs::advance);
  /// epochs do not decrease.
  void retire(std::span<const std::uint32_t> slots, std::uint64_t epoch) {
    for (const std::uint32_t slot : slots) {
      retired_.push_back({slot, epoch});
    }
    retired_total_ += slots.size();
    count_.fetch_add(slots.size(), std::memory_order_relaxed);
  }
  /// A slot nobody has ever been told of.
  void give_back(std::uint32_t slot) {
    free_.push_back(slot);
    count_.fetch_add(1, std::memory_order_relaxed);
  }
  /// A slot to be filled, if there is one.
  std::optional<std::uint32_t> take(const ReaderEpochs& epochs) {
    if (suspended_) {
      return std::nullopt;
    }
    if (free_.empty()) {
      reclaim(epochs);
    }
    if (free_.empty()) {
      return std::nullopt;
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    count_.fetch_sub(1, std::memory_order_relaxed);
    return slot;
  }

  /// Everything retired before a checkpoint began is recorded as free by it: take the mark when it
  /// begins, hand it back when the checkpoint is durable.
  [[nodiscard]] std::uint64_t checkpoint_mark() const { return retired_total_; }
  void checkpoint_durable(std::uint64_t mark) { durable_total_ = mark; }

  /// While suspended, take() gives nothing: who copies slots in order meets each once.
  void suspend(bool suspended) { suspended_ = suspended; }

  [[nodiscard]] std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  struct Retired {
    std::uint32_t slot = 0;
    std::uint64_t epoch = 0;
  };

  void reclaim(const ReaderEpochs& epochs) {
    while (!retired_.empty() && reclaimed_total_ < durable_total_ &&
           epochs.passed(retired_.front().epoch)) {
      free_.push_back(retired_.front().slot);
      retired_.pop_front();
      ++reclaimed_total_;
    }
  }

  std::vector<std::uint32_t> free_;
  std::deque<Retired> retired_;
  std::uint64_t retired_total_ = 0;
  std::uint64_t reclaimed_total_ = 0;
  std::uint64_t durable_total_ = 0;
  bool suspended_ = false;
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace omen::engine
