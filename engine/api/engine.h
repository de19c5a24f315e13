#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/api/transaction.h"

namespace omen::engine {

struct EngineOptions {
  std::filesystem::path data_directory;
  std::size_t block_cache_bytes = std::size_t{256} << 20;
  std::size_t memtable_bytes = std::size_t{64} << 20;
  unsigned background_threads = 2;
};

/// Estimates for the planner and counters for views. Cheap to get; may be slightly old.
struct TableStatistics {
  double live_rows = 0;
  double dead_rows = 0;
  std::uint64_t size_bytes = 0;
};
struct IndexStatistics {
  std::uint64_t size_bytes = 0;
  std::uint64_t memory_bytes = 0;  ///< hnsw: required memory
  std::uint64_t slots = 0;         ///< hnsw: slots in use, tombstones included
  std::uint64_t tail = 0;          ///< hnsw: not linked yet, searched exactly
};
struct LockInfo {
  Oid table_oid = 0;
  TableLock mode = TableLock::AccessShare;
  Xid owner = 0;
  bool granted = false;
};

/// The storage engine of one data directory. Thread-safe; Transactions are not.
class Engine {
 public:
  /// Opens or creates the directory: takes its lock file, checks the format version, recovers.
  /// Refuses (and leaves untouched) a directory in use, of another version, or damaged.
  static Result<std::unique_ptr<Engine>> open(const EngineOptions& options);
  virtual ~Engine() = default;

  virtual std::unique_ptr<Transaction> begin(const TransactionOptions& options) = 0;
  /// For a new session's TransactionOptions::session_locks.
  virtual std::shared_ptr<SessionLocks> make_session_locks() = 0;
  /// Newest committed catalog.
  [[nodiscard]] virtual CatalogPtr catalog() const = 0;
  [[nodiscard]] virtual TableStatistics table_statistics(Oid table_oid) const = 0;
  [[nodiscard]] virtual IndexStatistics index_statistics(Oid index_oid) const = 0;
  [[nodiscard]] virtual std::vector<LockInfo> locks() const = 0;
  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;

  /// Removes dead versions of one table (0: all) older than the horizon, now.
  virtual Status vacuum(Oid table_oid, CancelToken& cancel) = 0;
  /// Makes what was committed quick to reopen: vector index checkpoints, flushed memtables.
  virtual Status checkpoint() = 0;
};

}  // namespace omen::engine
