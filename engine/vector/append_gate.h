#pragma once

#include <atomic>
#include <mutex>
#include <shared_mutex>

namespace omen::engine {

/// Lets many writers in at once, or one thread that must know that none is under way. Writers that
/// come while it waits stand back, so that it is not starved.
///
/// **Threads:** any.
class AppendGate {
 public:
  class Writer {
   public:
    explicit Writer(AppendGate& gate) : gate_(gate) {
      if (gate_.closing_.load(std::memory_order_relaxed)) {
        const std::lock_guard wait(gate_.closing_mutex_);
      }
      gate_.mutex_.lock_shared();
    }
    ~Writer() { gate_.mutex_.unlock_shared(); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

   private:
    AppendGate& gate_;
  };

  class Closed {
   public:
    explicit Closed(AppendGate& gate) : gate_(gate), closing_(gate.closing_mutex_) {
      gate_.closing_.store(true, std::memory_order_relaxed);
      gate_.mutex_.lock();
    }
    ~Closed() {
      gate_.closing_.store(false, std::memory_order_relaxed);
      gate_.mutex_.unlock();
    }
    Closed(const Closed&) = delete;
    Closed& operator=(const Closed&) = delete;

   private:
    AppendGate& gate_;
    std::unique_lock<std::mutex> closing_;
  };

 private:
  std::mutex closing_mutex_;
  std::atomic<bool> closing_{false};
  std::shared_mutex mutex_;
};

}  // namespace omen::engine
