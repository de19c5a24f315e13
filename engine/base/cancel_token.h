#pragma once

#include <atomic>

#include "engine/base/status.h"

namespace omen::engine {

/// Why a statement must stop.
enum class CancelReason : int { None, UserRequest, StatementTimeout, Shutdown, ClientGone };

/// Set from any thread (CancelRequest, timers, shutdown), polled by the statement's thread.
/// Loops over data check it once per batch; waits wake on it through a poll of at most 10 ms.
class CancelToken {
 public:
  void cancel(CancelReason reason) {
    reason_.store(static_cast<int>(reason), std::memory_order_release);
  }
  void reset() { cancel(CancelReason::None); }
  [[nodiscard]] CancelReason reason() const {
    return static_cast<CancelReason>(reason_.load(std::memory_order_acquire));
  }
  [[nodiscard]] bool cancelled() const { return reason() != CancelReason::None; }
  /// Cancelled with PostgreSQL's text for the reason, or Ok.
  [[nodiscard]] Status check() const;

 private:
  std::atomic<int> reason_{0};
};

}  // namespace omen::engine
