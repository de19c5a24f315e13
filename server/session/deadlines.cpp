#include "server/session/deadlines.h"

namespace omen::server {

Deadlines::Ticket Deadlines::arm(Clock::time_point at, std::function<void()> action) {
  bool wake_earlier = false;
  Ticket ticket{.at = at};
  {
    const engine::MutexLock lock(mutex_);
    ticket.number = ++last_number_;
    armed_.emplace(ticket, std::move(action));
    if (!wakes_at_ || at < *wakes_at_) {
      wakes_at_ = at;
      wake_earlier = true;
    }
  }
  if (wake_earlier) {
    asio::post(control_, [this] { wait_on_control_thread(); });
  }
  return ticket;
}

void Deadlines::disarm(Ticket& ticket) {
  if (ticket.number == 0) {
    return;
  }
  const engine::MutexLock lock(mutex_);
  armed_.erase(ticket);
  ticket = {};
}

void Deadlines::wait_on_control_thread() {
  Clock::time_point at;
  {
    const engine::MutexLock lock(mutex_);
    if (!wakes_at_) {
      return;
    }
    at = *wakes_at_;
  }
  timer_.expires_at(at);  // cancels the wait before
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      run_due();
    }
  });
}

void Deadlines::run_due() {
  {
    const engine::MutexLock lock(mutex_);
    const Clock::time_point now = Clock::now();
    while (!armed_.empty() && armed_.begin()->first.at <= now) {
      armed_.begin()->second();
      armed_.erase(armed_.begin());
    }
    wakes_at_.reset();
    if (!armed_.empty()) {
      wakes_at_ = armed_.begin()->first.at;
    }
  }
  wait_on_control_thread();
}

}  // namespace omen::server
