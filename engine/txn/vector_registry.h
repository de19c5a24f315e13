#pragma once

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/base/thread_annotations.h"
#include "engine/catalog/table_access.h"
#include "engine/storage/store.h"
#include "engine/txn/active_transactions.h"
#include "engine/txn/index_builds.h"
#include "engine/txn/snapshot_registry.h"
#include "engine/vector/vector_index.h"

namespace omen::engine {

/// AttachedVectorIndex::unsaved_bytes of an index that has no checkpoint of its content at all.
constexpr std::uint64_t kUnsaved = std::uint64_t{1} << 62;

/// What may have been appended since the last checkpoint: a restart replays ten thousand rows in
/// tenths of a second, and each checkpoint syncs whatever was written.
inline std::uint64_t unsaved_bytes_max(const VectorIndexStatistics& statistics) {
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
  const std::uint64_t row_bytes =
      statistics.bytes.vector_file / std::max<std::uint64_t>(statistics.slots, 1);
  return std::max(std::clamp(10000 * row_bytes, 16 * kMiB, 64 * kMiB), statistics.memory_bytes / 4);
}

/// A vector index in this process.
///
/// **Threads:** any.
/// **Invariant:** a writer holds `gate` shared from the Put of a change record until it appended
/// the entry, so that whoever holds it exclusively finds every record of the log applied or, while
/// `index` is null, applied by nobody.
struct AttachedVectorIndex {
  std::uint64_t storage_id = 0;
  std::shared_mutex gate;
  /// Held while waiting for the gate: writers that come one behind the other would keep who wants
  /// it exclusively out for ever.
  std::mutex turnstile;
  std::shared_ptr<VectorIndex> index;  ///< null while it must be rebuilt; changes under the gate
  bool ready = false;                  ///< holds all entries of the log: may serve searches
  /// Bytes appended since the last checkpoint: what a restart would have to replay.
  std::atomic<std::uint64_t> unsaved_bytes{0};
};
using AttachedVectorIndexPtr = std::shared_ptr<AttachedVectorIndex>;

/// An entry that a batch adds to a vector index once it is written.
struct VectorAppend {
  AttachedVectorIndexPtr target;  ///< null if the index is not attached: the log alone has it
  VectorKey key;
  bool is_null = false;
  std::string value;  ///< see copy_value()
};

/// Takes an index that found damage in itself out of service; the background thread builds it anew.
void retire_damaged(AttachedVectorIndex& attached, const VectorIndex& index);

/// All vector indexes of an engine, by storage id: derived data, fed at write time and, after a
/// restart, from the change log.
///
/// R5: every change writes a record to the changes family in the version's batch. A checkpoint's
/// cursor is the lowest xid unfinished when it began; replay of all records from it on is
/// idempotent by (row, xid). The WAL is synced before a checkpoint, and the log trimmed after it.
///
/// **Threads:** any.
class VectorRegistry {
 public:
  VectorRegistry(Store& store, const CommitTable& commits, ActiveTransactions& active)
      : store_(store), commits_(commits), active_(active) {}

  void set_directory(std::filesystem::path directory) { directory_ = std::move(directory); }

  /// Null if the storage is not attached.
  [[nodiscard]] AttachedVectorIndexPtr find(std::uint64_t storage_id) const OMEN_EXCLUDES(mutex_);
  /// Makes an empty index for new storage and attaches it.
  Result<AttachedVectorIndexPtr> create(const TableAccess& access, const VectorAccess& vector);
  /// Opens an index at start and replays the log; attaches it as not ready if it must be rebuilt.
  Status open(const TableAccess& access, const VectorAccess& vector);
  /// Detaches and deletes an index whose storage is erased.
  void erase(std::uint64_t storage_id);
  /// Deletes directories of storages that are not attached; at start.
  void erase_strangers();

  /// Fills an index just created from all versions of the table's rows that some snapshot may see,
  /// and writes a durable checkpoint: what is not in the change log must be in one before the
  /// creation commits.
  Status build(const AttachedVectorIndexPtr& attached, const TableAccess& access,
               const VectorAccess& vector, IndexBuilds::Build& progress, CancelToken& cancel);
  /// Makes one not ready index anew. Writers go on meanwhile.
  Status rebuild(const AttachedVectorIndexPtr& attached, const TableAccess& access,
                 const VectorAccess& vector, CancelToken& cancel);
  /// Indexes that are not ready.
  [[nodiscard]] std::vector<AttachedVectorIndexPtr> broken() const OMEN_EXCLUDES(mutex_);

  /// Writes a batch whose change records name `appends`, then appends them. False, with nothing
  /// done, if the store has no room just now (R16).
  Result<bool> try_write(Batch& batch, std::span<const VectorAppend> appends);
  /// Removes entries of dead versions, after the batch with their records was written.
  void remove(std::uint64_t storage_id, std::span<const VectorKey> keys);
  /// A durable checkpoint of every ready index that a restart would have much to replay for: more
  /// than a fixed amount or a share of the index, whichever is larger; that has none yet; or that
  /// asks for one. Those that found damage in themselves leave service.
  Status checkpoint_grown() OMEN_EXCLUDES(mutex_);
  /// A durable checkpoint of every ready index.
  Status checkpoint_all();

 private:
  [[nodiscard]] std::filesystem::path directory_of(std::uint64_t storage_id) const {
    return directory_ / std::to_string(storage_id);
  }
  void attach(const AttachedVectorIndexPtr& attached) OMEN_EXCLUDES(mutex_);
  Status fill(VectorIndex& index, const TableAccess& access, const VectorAccess& vector,
              IndexBuilds::Build* progress, CancelToken& cancel) const;
  Status replay(VectorIndex& index, const TableAccess& access, const VectorAccess& vector,
                Xid cursor) const;
  Status checkpoint(AttachedVectorIndex& attached, CancelToken& cancel);
  Status checkpoint(AttachedVectorIndex& attached) {
    CancelToken never;
    return checkpoint(attached, never);
  }
  [[nodiscard]] std::vector<AttachedVectorIndexPtr> all() const OMEN_EXCLUDES(mutex_);

  Store& store_;
  const CommitTable& commits_;
  ActiveTransactions& active_;
  std::filesystem::path directory_;
  mutable Mutex mutex_;
  std::map<std::uint64_t, AttachedVectorIndexPtr> attached_ OMEN_GUARDED_BY(mutex_);
};

/// The xid that names the row's entry in a vector index: of the write that stored the vector if it
/// is wide, else of the version.
inline Xid value_xid(const RowView& view, std::size_t column, Xid version_xid) {
  return view.is_wide(column) ? view.wide(column).xid : version_xid;
}

/// A stored value, aligned as VectorValue wants it. InvalidArgument if it is not of the index's
/// dimensions.
Status copy_value(std::string_view bytes, const VectorIndexOptions& options, std::string& out);

/// InvalidArgument if the column has no fixed number of dimensions.
Result<VectorIndexOptions> vector_options(const TableAccess& access, const VectorAccess& vector);

/// Adds the entry of a new version's vector to a batch and to the appends that go with it.
Status append_vector(const VectorRegistry& registry, const TableAccess& access,
                     const VectorAccess& vector, RowId row_id, Xid xid, const Datum& datum,
                     Batch& batch, std::vector<VectorAppend>& appends);

}  // namespace omen::engine
