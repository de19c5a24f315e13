#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include "engine/base/thread_annotations.h"
#include "server/net/asio.h"
#include "server/threads/thread.h"

namespace omen::server {

/// One event loop and the sessions that live on it.
///
/// Normally one thread serves it: it waits for a socket, reads, runs the statement and writes, and
/// nobody else is woken (the io_context is made with hint 1, which keeps Asio from waking a second
/// thread for each event). While that thread runs something long, or blocks, the pool lends others.
struct Shard {
  asio::io_context context{1};
  std::atomic<std::uint32_t> connections{0};
  std::atomic<std::uint32_t> threads{0};    ///< that run `context`, base thread included
  std::atomic<std::uint32_t> executing{0};  ///< of them, those inside a statement
  std::atomic<std::uint64_t> progress{0};   ///< statements begun and ended
};

/// The threads that run sessions (rule R8: accepts, cancels, timers and signals are elsewhere).
///
/// One shard per CPU with one base thread each. A monitor looks every millisecond while anything
/// executes: a shard whose threads have all been in the same statements since its last look, with
/// other sessions waiting, gets another thread. A thread about to block (engine::BlockingScope)
/// asks at once. Threads lent and idle for a while leave again.
///
/// **Threads:** all public functions from any thread. **Invariants:** 1. Threads <=
/// thread_count_max, which is above the number of sessions: each session can be blocked, and every
/// shard still polls.
/// 2. A thread that stops running a context wakes another that may be parked there, so that a loop
/// is never left unattended.
class WorkerPool {
 public:
  struct Options {
    std::uint32_t shard_count = 1;
    std::uint32_t thread_count_max = 1;
  };
  explicit WorkerPool(Options options);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// The shard with the fewest sessions; counts one more on it until release_shard().
  Shard& acquire_shard();
  static void release_shard(Shard& shard) { shard.connections.fetch_sub(1); }

  /// Around the stretches in which a session keeps its thread from polling. Not across co_await.
  void enter(Shard& shard) {
    shard.executing.fetch_add(1);
    shard.progress.fetch_add(1, std::memory_order_relaxed);
    if (monitor_sleeps_.load()) {
      wake_monitor();
    }
  }
  static void leave(Shard& shard) {
    shard.progress.fetch_add(1, std::memory_order_relaxed);
    shard.executing.fetch_sub(1);
  }

  /// Stops all loops and joins all threads. No session may need its loop any more.
  void stop();

 private:
  struct Worker {
    std::unique_ptr<Thread> thread;
    std::atomic<bool> finished{false};
  };
  struct Watched {
    std::uint64_t progress = 0;
    std::uint64_t helped_at = 0;  ///< the progress at which help was called
  };

  /// Sees to it that a thread polls `shard`, unless no session could want it.
  void help(Shard& shard);
  static void help_current_shard();
  void add_thread(Shard& shard, bool is_base) OMEN_EXCLUDES(mutex_);
  void run_shard(Shard& shard, bool is_base);
  void monitor();
  bool watch_shards(std::vector<Watched>& watched);
  void wait_for_work() OMEN_EXCLUDES(mutex_);
  void join_finished() OMEN_EXCLUDES(mutex_);
  void wake_monitor() OMEN_EXCLUDES(mutex_);

  const Options options_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<asio::executor_work_guard<Executor>> guards_;
  std::atomic<bool> monitor_sleeps_{false};
  std::atomic<bool> stopping_{false};
  engine::Mutex mutex_;
  std::condition_variable_any monitor_wakes_;
  std::list<Worker> workers_ OMEN_GUARDED_BY(mutex_);
  std::unique_ptr<Thread> monitor_;
};

/// enter() for a scope, with pause() and resume() around a co_await inside it.
class Executing {
 public:
  Executing(WorkerPool& pool, Shard& shard) : pool_(pool), shard_(shard) { pool_.enter(shard_); }
  ~Executing() {
    if (!paused_) {
      WorkerPool::leave(shard_);
    }
  }
  Executing(const Executing&) = delete;
  Executing& operator=(const Executing&) = delete;
  void pause() {
    paused_ = true;
    WorkerPool::leave(shard_);
  }
  void resume() {
    paused_ = false;
    pool_.enter(shard_);
  }

 private:
  WorkerPool& pool_;
  Shard& shard_;
  bool paused_ = false;
};

}  // namespace omen::server
