#include "server/threads/worker_pool.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "engine/base/blocking.h"

namespace omen::server {
namespace {

constexpr std::chrono::milliseconds kLookInterval{1};
constexpr std::chrono::seconds kLentThreadIdleMax{10};
/// Looks without anything executing before the monitor goes to sleep.
constexpr int kIdleLooksMax = 50;

/// The pool and shard this thread works for; null on every other thread.
thread_local WorkerPool* current_pool = nullptr;
thread_local Shard* current_shard = nullptr;

}  // namespace

WorkerPool::WorkerPool(Options options) : options_(options) {
  for (std::uint32_t i = 0; i < options_.shard_count; ++i) {
    shards_.push_back(std::make_unique<Shard>());
    guards_.push_back(asio::make_work_guard(shards_.back()->context));
  }
  engine::BlockingScope::listener.entered = &WorkerPool::help_current_shard;
  for (const auto& shard : shards_) {
    add_thread(*shard, true);
  }
  monitor_ = std::make_unique<Thread>([this] { monitor(); });
}

WorkerPool::~WorkerPool() {
  stop();
}

Shard& WorkerPool::acquire_shard() {
  const auto least = std::min_element(
      shards_.begin(), shards_.end(),
      [](const auto& a, const auto& b) { return a->connections.load() < b->connections.load(); });
  (*least)->connections.fetch_add(1);
  return **least;
}

void WorkerPool::help_current_shard() {
  if (current_pool != nullptr) {
    current_pool->help(*current_shard);
  }
}

void WorkerPool::help(Shard& shard) {
  if (shard.connections.load() <= shard.executing.load()) {
    return;  // each session of the shard is running: nobody waits to be read
  }
  if (shard.threads.load() > shard.executing.load()) {
    // Somebody is free, but may be parked: an empty handler makes it look, and poll if nobody does.
    asio::post(shard.context, [] {});
    return;
  }
  add_thread(shard, false);
}

void WorkerPool::add_thread(Shard& shard, bool is_base) {
  const engine::MutexLock lock(mutex_);
  if (workers_.size() >= options_.thread_count_max || stopping_.load()) {
    return;
  }
  shard.threads.fetch_add(1);
  Worker& worker = workers_.emplace_back();
  try {
    worker.thread = std::make_unique<Thread>([this, &shard, &worker, is_base] {
      run_shard(shard, is_base);
      worker.finished.store(true);
    });
  } catch (const std::system_error& error) {
    // The shard is served later, by the thread that is busy now.
    spdlog::warn("{}", error.what());
    workers_.pop_back();
    shard.threads.fetch_sub(1);
  }
}

void WorkerPool::run_shard(Shard& shard, bool is_base) {
  current_pool = this;
  current_shard = &shard;
  if (is_base) {
    shard.context.run();
  } else {
    shard.context.run_for(kLentThreadIdleMax);
  }
  current_pool = nullptr;
  shard.threads.fetch_sub(1);
  // Invariant 2: this thread may have been the one that polled.
  if (!stopping_.load()) {
    asio::post(shard.context, [] {});
  }
}

void WorkerPool::monitor() {
  std::vector<Watched> watched(shards_.size());
  int idle_looks = 0;
  while (!stopping_.load()) {
    std::this_thread::sleep_for(kLookInterval);
    idle_looks = watch_shards(watched) ? 0 : idle_looks + 1;
    if (idle_looks >= kIdleLooksMax) {
      join_finished();
      wait_for_work();
      idle_looks = 0;
    }
  }
}

bool WorkerPool::watch_shards(std::vector<Watched>& watched) {
  bool any_executing = false;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    Shard& shard = *shards_[i];
    const std::uint64_t progress = shard.progress.load(std::memory_order_relaxed);
    if (shard.executing.load() > 0) {
      any_executing = true;
      const bool all_busy = shard.threads.load() <= shard.executing.load();
      if (progress == watched[i].progress && (all_busy || progress != watched[i].helped_at)) {
        watched[i].helped_at = progress;
        help(shard);
      }
    }
    watched[i].progress = progress;
  }
  return any_executing;
}

void WorkerPool::wait_for_work() {
  engine::MutexLock lock(mutex_);
  // Pairs with enter(): either it sees the flag, or this sees what it counted (both are
  // sequentially consistent).
  monitor_sleeps_.store(true);
  monitor_wakes_.wait(lock, [this] {
    return stopping_.load() ||
           std::any_of(shards_.begin(), shards_.end(),
                       [](const auto& shard) { return shard->executing.load() > 0; }) ||
           !monitor_sleeps_.load();
  });
  monitor_sleeps_.store(false);
}

void WorkerPool::wake_monitor() {
  {
    const engine::MutexLock lock(mutex_);
    monitor_sleeps_.store(false);
  }
  monitor_wakes_.notify_one();
}

void WorkerPool::join_finished() {
  std::list<Worker> finished;
  {
    const engine::MutexLock lock(mutex_);
    for (auto worker = workers_.begin(); worker != workers_.end();) {
      const auto next = std::next(worker);
      if (worker->finished.load()) {
        finished.splice(finished.end(), workers_, worker);
      }
      worker = next;
    }
  }
  for (Worker& worker : finished) {
    worker.thread->join();
  }
}

void WorkerPool::stop() {
  if (stopping_.exchange(true)) {
    return;
  }
  wake_monitor();
  monitor_->join();
  for (const auto& shard : shards_) {
    shard->context.stop();
  }
  // No thread is added any more: add_thread looks at stopping_ under the mutex.
  std::list<Worker> workers;
  {
    const engine::MutexLock lock(mutex_);
    workers.swap(workers_);
  }
  for (Worker& worker : workers) {
    worker.thread->join();
  }
  engine::BlockingScope::listener.entered = nullptr;
}

}  // namespace omen::server
