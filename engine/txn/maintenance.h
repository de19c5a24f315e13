#pragma once

#include <chrono>
#include <condition_variable>
#include <thread>

#include "engine/txn/engine_core.h"
#include "engine/txn/vacuum.h"

namespace omen::engine {

/// The engine's background work, on a thread of its own: vacuum passes while there is garbage,
/// rebuilding of vector indexes that could not be opened, checkpoints of vector indexes; first of
/// all, dead rows are counted. Failures are logged and tried again.
class Maintenance {
 public:
  Maintenance(EngineCore& core, Vacuum& vacuum);
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;

 private:
  void run();
  void vacuum_if_useful();
  void rebuild_vectors();
  void checkpoint_vectors();

  EngineCore& core_;
  Vacuum& vacuum_;
  CancelToken stop_;
  Mutex mutex_;
  std::condition_variable_any stopped_;
  Xid vacuumed_xid_ = 0;           ///< newest xid at the last pass,
  Timestamp vacuumed_oldest_ = 0;  ///< and the oldest snapshot
  std::chrono::steady_clock::time_point next_vacuum_;
  std::chrono::steady_clock::time_point next_checkpoint_;
  Xid checkpointed_xid_ = 0;
  std::jthread thread_;  ///< last member: joined first
};

}  // namespace omen::engine
