#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "engine/base/thread_annotations.h"

namespace omen::engine {

/// Who may still look at what has been taken out of reach. Readers enter the epoch that is current
/// when they begin; whoever takes something away ends that epoch, and may reuse or delete the thing
/// once all readers of it and of older ones have left.
///
/// **Threads:** any. enter(), leaving and advance() take a mutex for some nanoseconds; it orders
/// what a reader sees: one that enters after advance() sees everything done before advance().
class ReaderEpochs {
 public:
  class Guard {
   public:
    Guard() = default;
    Guard(const ReaderEpochs* epochs, std::uint64_t number) : epochs_(epochs), number_(number) {}
    Guard(Guard&& other) noexcept
        : epochs_(std::exchange(other.epochs_, nullptr)), number_(other.number_) {}
    Guard& operator=(Guard&& other) noexcept {
      std::swap(epochs_, other.epochs_);
      std::swap(number_, other.number_);
      return *this;
    }
    ~Guard() {
      if (epochs_ != nullptr) {
        epochs_->leave(number_);
      }
    }

   private:
    const ReaderEpochs* epochs_ = nullptr;
    std::uint64_t number_ = 0;
  };

  [[nodiscard]] Guard enter() const {
    const MutexLock lock(mutex_);
    ++epochs_.back().readers;
    return {this, epochs_.back().number};
  }

  /// Ends the current epoch and returns its number: what was out of reach before the call is
  /// nobody's once passed(number).
  std::uint64_t advance() {
    const MutexLock lock(mutex_);
    const std::uint64_t number = epochs_.back().number;
    epochs_.push_back({number + 1, 0});
    drop_passed();
    return number;
  }
  [[nodiscard]] bool passed(std::uint64_t number) const {
    const MutexLock lock(mutex_);
    return epochs_.front().number > number;
  }

  /// Deletes what is out of reach once nobody can look at it any more.
  template <typename T>
  void dispose(std::unique_ptr<T> thing) {
    std::shared_ptr<void> garbage(std::move(thing));
    const std::uint64_t number = advance();
    const MutexLock lock(mutex_);
    garbage_.emplace_back(number, std::move(garbage));
    drop_passed();
  }

  [[nodiscard]] std::uint64_t readers() const {
    const MutexLock lock(mutex_);
    std::uint64_t count = 0;
    for (const Epoch& epoch : epochs_) {
      count += epoch.readers;
    }
    return count;
  }

 private:
  struct Epoch {
    std::uint64_t number = 0;
    std::uint32_t readers = 0;
  };

  void leave(std::uint64_t number) const {
    const MutexLock lock(mutex_);
    --epochs_[static_cast<std::size_t>(number - epochs_.front().number)].readers;
    drop_passed();
  }
  void drop_passed() const OMEN_REQUIRES(mutex_) {
    while (epochs_.size() > 1 && epochs_.front().readers == 0) {
      epochs_.pop_front();
    }
    while (!garbage_.empty() && garbage_.front().first < epochs_.front().number) {
      garbage_.pop_front();
    }
  }

  mutable Mutex mutex_;
  /// Consecutive numbers; the last is current.
  mutable std::deque<Epoch> epochs_ OMEN_GUARDED_BY(mutex_){Epoch{}};
  mutable std::deque<std::pair<std::uint64_t, std::shared_ptr<void>>> garbage_
      OMEN_GUARDED_BY(mutex_);
};

}  // namespace omen::engine
