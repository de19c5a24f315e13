#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/cancel_token.h"
#include "engine/base/result.h"
#include "engine/base/thread_annotations.h"
#include "engine/storage/store_mark.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class PinnableSlice;
class WriteBatch;
}  // namespace rocksdb

namespace omen::engine {

/// The key spaces of the store; byte tables of their keys are in storage/keys.h.
enum class Family : std::uint8_t {
  Meta,
  Rows,
  Wide,
  Index,
  Commits,
  Garbage,
  Changes,
  Sequences,
};
constexpr std::size_t kFamilyCount = 8;

/// What a batch is about; part of its log header (architecture, section 7, rule 1).
enum class WriteKind : std::uint8_t {
  Data = 1,      ///< versions tagged with an xid; void until that xid's commit record
  Commit = 2,    ///< commit records
  Vacuum = 3,    ///< removal of what no snapshot sees, horizons, erasures
  Reserve = 4,   ///< blocks of xids, row ids, oids
  Sequence = 5,  ///< sequence counters
};

class Store;

/// Changes that become durable together. Reused after clear(). Not thread-safe.
class Batch {
 public:
  /// `commit_timestamp` is the newest of a Commit batch, else 0.
  Batch(const Store& store, WriteKind kind, std::uint64_t commit_timestamp = 0);
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch(const Batch&) = delete;

  void put(Family family, std::string_view key, std::string_view value);
  void remove(Family family, std::string_view key);
  /// Removes keys in [first, last).
  void remove_range(Family family, std::string_view first, std::string_view last);
  void clear();
  [[nodiscard]] std::size_t size_bytes() const;
  [[nodiscard]] bool empty() const;
  [[nodiscard]] WriteKind kind() const { return kind_; }

 private:
  friend class Store;
  void write_header();

  const Store& store_;
  WriteKind kind_;
  std::uint64_t commit_timestamp_;
  std::unique_ptr<rocksdb::WriteBatch> batch_;
};

/// Bytes read by Store::get; the view lives until the next get into it.
class PinnedValue {
 public:
  PinnedValue();
  ~PinnedValue();
  PinnedValue(const PinnedValue&) = delete;
  [[nodiscard]] std::string_view view() const;

 private:
  friend class Store;
  std::unique_ptr<rocksdb::PinnableSlice> slice_;
};

/// Bytes read by Store::get_many; views live until the next get_many into it.
class PinnedValues {
 public:
  PinnedValues();
  ~PinnedValues();
  PinnedValues(const PinnedValues&) = delete;
  /// Whether there is a value for the key of that place.
  [[nodiscard]] bool has(std::size_t i) const;
  [[nodiscard]] std::string_view view(std::size_t i) const;

 private:
  friend class Store;
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

/// A position in one family. Sees the store as of its creation or last refresh(). Views of key()
/// and value() live until it moves. Not thread-safe.
class StoreIterator {
 public:
  StoreIterator();
  ~StoreIterator();
  StoreIterator(StoreIterator&&) noexcept;
  StoreIterator& operator=(StoreIterator&&) noexcept;

  [[nodiscard]] bool valid() const;
  void seek(std::string_view key);
  /// Positions on the last key <= `key`.
  void seek_for_prev(std::string_view key);
  void seek_to_first();
  void next();
  void prev();
  [[nodiscard]] std::string_view key() const;
  [[nodiscard]] std::string_view value() const;
  /// Ok while valid, and at a real end.
  [[nodiscard]] Status status() const;
  /// Moves to the store's present; the position is lost.
  Status refresh();
  [[nodiscard]] bool is_open() const { return rep_ != nullptr; }

 private:
  friend class Store;
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

struct StoreOptions {
  std::filesystem::path directory;
  std::size_t block_cache_bytes = 0;
  std::size_t memtable_bytes = 0;
  unsigned background_threads = 2;
};

/// The one door to RocksDB: nothing else in OmenDB includes or calls it.
///
/// **Threads:** everything may be called from any thread at once.
/// **Invariants:**
/// 1. Every change goes through write() with a log header (architecture, section 7, rule 1).
/// 2. R15: one WAL, never disabled, point-in-time recovery; R16: bounded WAL and byte-wise syncs.
///    A file beside the store says what is known to be durable (store_mark.h): a store that would
///    recover to less is refused before anything in it is changed.
/// 3. R7: Data and Sequence batches fail with DiskFull while free space is under the reserve;
///    commits and vacuum may use it.
class Store {
 public:
  /// Creates the store if there is none. Leaves a damaged one as it is.
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options);
  ~Store();
  Store(const Store&) = delete;

  /// Writes a batch to the log and the memtables; not yet durable (see sync).
  Status write(Batch& batch);
  /// As write, but false, with nothing written, where write would wait for room: for who holds
  /// latches, and writes much. Let go, wait_for_room, and try again (R16).
  Result<bool> try_write(Batch& batch);
  /// Makes every batch written so far durable. Others write on meanwhile.
  Status sync();
  /// Waits, outside of every latch, while the store has more to flush than it may hold (R16), and
  /// longer the more often try_write refused in a row.
  Status wait_for_room(const CancelToken& cancel, int refusals = 0) const;

  /// False if there is no such key.
  Result<bool> get(Family family, std::string_view key, PinnedValue& value) const;
  Result<bool> get(Family family, std::string_view key, std::string& value) const;

  /// Reads many keys at once.
  Status get_many(Family family, std::span<const std::string> keys, PinnedValues& values) const;

  /// Iterates keys in [seek target, upper); an empty `upper` is the family's end. For ranges (R16).
  [[nodiscard]] StoreIterator range(Family family, std::string_view upper = {},
                                    bool fill_cache = true) const;
  /// Iterates the versions of one row at a time: seek() to a row, end at the row's end. Uses bloom
  /// filters. Rows only.
  [[nodiscard]] StoreIterator row_versions() const;

  /// Writes memtables to files.
  Status flush();
  [[nodiscard]] std::uint64_t size_bytes() const;
  /// Approximate bytes of keys in [first, last).
  [[nodiscard]] std::uint64_t size_bytes(Family family, std::string_view first,
                                         std::string_view last) const;
  /// Position in the log: grows with every change.
  [[nodiscard]] std::uint64_t sequence() const;

 private:
  friend class Batch;
  class Listener;
  Store() = default;
  [[nodiscard]] Status check_reserve() const;
  void note_synced(std::uint64_t sequence) OMEN_EXCLUDES(mark_mutex_);
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<std::size_t>(family)];
  }

  std::filesystem::path directory_;
  std::uint64_t reserve_bytes_ = 0;
  mutable std::atomic<std::int64_t> reserve_checked_ms_{0};
  mutable std::atomic<bool> under_reserve_{false};
  std::shared_ptr<Listener> listener_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> handles_{};
  Mutex mark_mutex_;
  StoreMark mark_ OMEN_GUARDED_BY(mark_mutex_);
  StoreMarkFile mark_file_ OMEN_GUARDED_BY(mark_mutex_);
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace omen::engine
