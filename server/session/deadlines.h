#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "engine/base/thread_annotations.h"
#include "server/net/asio.h"

namespace omen::server {

/// Actions to be taken at a time unless they are disarmed before: statement, idle-in-transaction
/// and authentication timeouts.
///
/// Most deadlines are disarmed long before they are due. So arming one only touches a map; the
/// timer's thread is woken when the new deadline comes before the time it wakes up anyway.
///
/// **Threads:** any. An action runs on the control thread, under the mutex: when disarm() returns,
/// the action has either run to its end or never will.
class Deadlines {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Deadlines(asio::io_context& control) : control_(control), timer_(control) {}

  /// Identifies an armed deadline; default: none.
  struct Ticket {
    Clock::time_point at{};
    std::uint64_t number = 0;
    friend auto operator<=>(const Ticket&, const Ticket&) = default;
  };
  Ticket arm(Clock::time_point at, std::function<void()> action) OMEN_EXCLUDES(mutex_);
  /// Also for a ticket that is due already; resets it.
  void disarm(Ticket& ticket) OMEN_EXCLUDES(mutex_);

 private:
  void wait_on_control_thread() OMEN_EXCLUDES(mutex_);
  void run_due() OMEN_EXCLUDES(mutex_);

  asio::io_context& control_;
  Timer timer_;  ///< control thread only
  engine::Mutex mutex_;
  std::map<Ticket, std::function<void()>> armed_ OMEN_GUARDED_BY(mutex_);
  std::optional<Clock::time_point> wakes_at_ OMEN_GUARDED_BY(mutex_);
  std::uint64_t last_number_ OMEN_GUARDED_BY(mutex_) = 0;
};

}  // namespace omen::server
