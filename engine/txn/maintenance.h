#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <thread>

#include "engine/txn/engine_core.h"
#include "engine/txn/vacuum.h"

namespace omen::engine {

/// The engine's background work, on a thread of its own: vacuum passes while there is garbage,
/// rebuilding of vector indexes that could not be opened, checkpoints of vector indexes, saving of
/// row counts. Failures are logged and tried again.
class Maintenance {
 public:
  Maintenance(EngineCore& core, Vacuum& vacuum, std::filesystem::path statistics_file);
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;

  /// Reads and writes the statistics file: a line "storage live dead" for each storage.
  void load_row_counts();
  Status save_row_counts();

 private:
  void run();
  void vacuum_if_useful();
  void rebuild_vectors();
  void checkpoint_vectors();

  EngineCore& core_;
  Vacuum& vacuum_;
  const std::filesystem::path statistics_file_;
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
