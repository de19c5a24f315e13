#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
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
  std::uint64_t scans = 0;      ///< begun since the engine was opened
  std::uint64_t rows_read = 0;  ///< returned by these scans
};

/// What an index is busy with, while it is made or in its background.
enum class IndexPhase : std::uint8_t {
  Idle,       ///< or about to begin
  Loading,    ///< rows are read; btree: and their entries written
  Coding,     ///< hnsw: codes are made of the vectors
  Linking,    ///< hnsw: the graph is made
  Repairing,  ///< hnsw: the graph is led around removed entries
  Measuring,  ///< hnsw: the graph is checked and its recall measured
  Saving,     ///< hnsw: the first checkpoint is written
  Checking,   ///< unique: entries of equal keys are compared
};
/// An index that a transaction is making.
struct IndexBuildProgress {
  Oid table_oid = 0;
  Oid index_oid = 0;
  IndexPhase phase = IndexPhase::Idle;
  std::uint64_t rows_done = 0;   ///< of this phase
  std::uint64_t rows_total = 0;  ///< 0: not known
};

/// What a vector index consists of, for its view. Cheap to get, but for the first time after a
/// start.
struct VectorIndexReport {
  /// False: it is filled again from the rows, and queries compare every row; nothing else counts.
  bool ready = false;
  IndexPhase phase = IndexPhase::Idle;  ///< of its background thread
  std::uint64_t entries = 0;            ///< living and removed, rows without a vector included
  std::uint64_t nodes = 0;              ///< entries in the graph, removed ones included
  std::uint64_t tail = 0;               ///< entries that wait to be linked; compared one by one
  std::uint64_t coarse = 0;             ///< nodes linked in a hurry, to be linked better
  std::uint64_t tombstones = 0;         ///< removed entries still in the graph
  std::uint64_t free_slots = 0;         ///< places without an entry
  std::uint64_t unreachable = 0;        ///< living nodes no path leads to
  std::uint64_t block_bytes = 0;        ///< codes and links of the lowest level
  std::uint64_t slot_bytes = 0;
  std::uint64_t upper_list_bytes = 0;
  std::uint64_t row_map_bytes = 0;
  std::uint64_t required_bytes = 0;   ///< the sum of the four
  std::uint64_t evictable_bytes = 0;  ///< of the mapped vectors
  struct PoolRecall {
    std::uint32_t pool = 0;
    float recall = 0;
  };
  std::vector<PoolRecall> calibration;  ///< empty until measured
  std::uint64_t generation = 0;         ///< grows with each rebuild
  Xid checkpoint_cursor = 0;            ///< the last checkpoint has all changes before this xid
  std::uint64_t checkpoint_bytes = 0;   ///< its files, but the vectors
  std::uint64_t unsaved_bytes = 0;      ///< of vectors that a restart would replay
};
/// A lock that is held or waited for.
struct LockInfo {
  enum class Kind : std::uint8_t {
    Table,
    Row,          ///< a place in the queue of those who wait for a row
    Transaction,  ///< every transaction holds its own; who waits for its end wants to share it
    Advisory,
    AdvisoryPair
  };
  Kind kind = Kind::Table;
  std::uint64_t object = 0;  ///< oid of the table, xid (0: wrote nothing), or key of the clients
  TableLock mode = TableLock::AccessShare;
  std::int32_t process_id = 0;  ///< of the session that asked; 0: none
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
  /// For a new session's TransactionOptions::session_locks; `process_id` names the session to
  /// others.
  virtual std::shared_ptr<SessionLocks> make_session_locks(std::int32_t process_id) = 0;
  /// Newest committed catalog.
  [[nodiscard]] virtual CatalogPtr catalog() const = 0;
  [[nodiscard]] virtual TableStatistics table_statistics(Oid table_oid) const = 0;
  [[nodiscard]] virtual IndexStatistics index_statistics(Oid index_oid) const = 0;
  /// Nothing of an index that is not attached, or not a vector index.
  [[nodiscard]] virtual std::optional<VectorIndexReport> vector_index_report(
      const Index& index) const = 0;
  [[nodiscard]] virtual std::vector<IndexBuildProgress> index_builds() const = 0;
  [[nodiscard]] virtual std::vector<LockInfo> locks() const = 0;
  /// Process ids of the sessions that a session waits for, each once, ascending; empty if it waits
  /// for none.
  [[nodiscard]] virtual std::vector<std::int32_t> blockers_of(std::int32_t process_id) const = 0;
  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;

  /// Removes dead versions of one table (0: all) older than the horizon, now.
  virtual Status vacuum(Oid table_oid, CancelToken& cancel) = 0;
  /// Makes what was committed quick to reopen: vector index checkpoints, flushed memtables.
  virtual Status checkpoint() = 0;
};

}  // namespace omen::engine
