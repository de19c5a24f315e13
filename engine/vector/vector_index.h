#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/api/catalog.h"
#include "engine/base/cancel_token.h"
#include "engine/base/result.h"
#include "engine/base/types.h"
#include "engine/vector/vector_value.h"

namespace omen::engine {

/// One indexed value: the version of a row that wrote this vector.
struct VectorKey {
  RowId row_id = 0;
  /// Xid under which the vector was written (not of later versions that carry it over)
  Xid xid = 0;
  friend bool operator==(const VectorKey&, const VectorKey&) = default;
};

struct VectorIndexOptions {
  std::uint32_t dimensions = 0;
  Metric metric = Metric::L2;
  std::uint32_t m = 16;
  std::uint32_t ef_construction = 64;
  VectorElement element = VectorElement::Float32;
  Quantization quantization = Quantization::Binary;
  /// What vectors and codes of the tail may take before append() waits; 0: a quarter of the
  /// machine's memory. Not part of what the index is.
  std::uint64_t tail_bytes_max = 0;
};

struct VectorSearchOptions {
  std::size_t pool = 0;       ///< candidates kept at first; 0: what ef_search asks for
  std::size_t ef_search = 0;  ///< 0: what recall_target takes
  double recall_target = 0.95;
  std::size_t row_count_hint = 10;
  /// What is found only when nothing nearer than it may leave any more is left out, so that
  /// distances never fall from one call of next() to a later one.
  bool strict_order = false;
  /// next() returns true and appends nothing after each lot of candidates that left fewer visible
  /// entries than it was asked for; they are kept and come, in order, with those found later.
  bool pauses = false;
  /// False: the statement sees nothing that this xid wrote, so that candidates of it are passed
  /// over at once. Null: visibility is asked of all.
  std::function<bool(Xid xid)> may_see;
};

struct VectorHit {
  VectorKey key;
  double distance = 0;  ///< exact, of the metric's SQL operator; NaN for a zero vector under cosine
  bool is_null = false;  ///< a row without a vector: these come last, distance meaningless
};

/// Says which of `keys` the asking statement sees: writes 1 or 0 to `visible`. Called from the
/// thread that pulls the search, in batches, never twice for a key.
using VectorVisibility =
    std::function<Status(std::span<const VectorKey> keys, std::span<std::uint8_t> visible)>;

/// A running search. Keeps what it visited, so that next() resumes instead of starting again.
class VectorSearch {
 public:
  virtual ~VectorSearch() = default;
  /// Appends at least one and up to `count` next nearest visible entries to `out`, in order; false
  /// if there are no more. Pulled to its end, it returns every visible entry exactly once, but for
  /// those that strict_order leaves out.
  virtual Result<bool> next(std::size_t count, std::vector<VectorHit>& out) = 0;
  /// From now on only entries of these rows are returned, all of them however few they are; what
  /// was returned before is not returned again. At most once; `rows` in any order.
  virtual void restrict_to(std::span<const RowId> rows) = 0;
};

/// A source of vectors for a bulk build; called until it returns false. The value lives until the
/// next call.
struct VectorEntry {
  VectorKey key;
  std::optional<VectorValue> vector;  ///< nullopt: the row's vector is NULL
};
using VectorSource = std::function<Result<bool>(VectorEntry& entry)>;

/// What an index takes, by part. All but the files is required memory; those are page
/// cache.
struct VectorIndexBytes {
  std::uint64_t blocks = 0;  ///< codes and links of the lowest level
  std::uint64_t slots = 0;
  std::uint64_t upper_lists = 0;
  std::uint64_t row_map = 0;
  std::uint64_t vector_file = 0;
  std::uint64_t code_file = 0;  ///< of fine codes
  [[nodiscard]] std::uint64_t required() const { return blocks + slots + upper_lists + row_map; }
};

constexpr std::array<std::uint32_t, 10> kCalibrationPools = {20,  28,  40,  60,  80,
                                                             120, 160, 240, 400, 800};

struct VectorIndexStatistics {
  std::uint64_t slots = 0;        ///< with an entry, living or dead; NULL entries included
  std::uint64_t nodes = 0;        ///< slots in the graph, dead ones included
  std::uint64_t tail = 0;         ///< slots that wait to be linked
  std::uint64_t coarse = 0;       ///< nodes linked in a hurry, to be linked better
  std::uint64_t tombstones = 0;   ///< dead nodes of the graph
  std::uint64_t free_slots = 0;   ///< slots without an entry, for new ones
  std::uint64_t unreachable = 0;  ///< living nodes without a way to them, after the last repair
  VectorIndexBytes bytes;
  std::uint64_t memory_bytes = 0;  ///< bytes.required()
  std::uint64_t file_bytes = 0;    ///< the files that are mapped beside that
  /// Recall@10 the index found for itself with pools of kCalibrationPools places; zeros until
  /// measured.
  std::array<float, kCalibrationPools.size()> calibration{};
  std::uint64_t generation = 0;        ///< grows with each rebuild
  Xid checkpoint_cursor = 0;           ///< of the last durable checkpoint
  std::uint64_t checkpoint_bytes = 0;  ///< of its files but for the mapped ones; 0: there is none
};

/// What the index is busy with, for pg_stat_progress_create_index and the like.
struct VectorIndexProgress {
  enum class Phase : std::uint8_t { Idle, Loading, Coding, Linking, Repairing, Measuring };
  Phase phase = Phase::Idle;
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0: not known
};

/// An approximate nearest neighbour index over the vectors of one column: binary codes in an HNSW
/// graph, exact re-ranking, an exactly searched tail of fresh entries. Knows rows by VectorKey
/// alone; who sees what is decided by the search's VectorVisibility.
///
/// **Threads:** all members may be called from any thread at once. append() is visible to every
/// search that starts after it returned. Background linking runs on a thread of the index's own.
/// **Files:** one directory per index, owned by it; derived data, safe to lose.
class VectorIndex {
 public:
  /// A new, empty index in `directory` (created; must not exist).
  static Result<std::unique_ptr<VectorIndex>> create(const std::filesystem::path& directory,
                                                     const VectorIndexOptions& options);
  /// The last checkpoint in `directory`; Corruption or NotFound if there is none that is whole (the
  /// caller then creates it anew and feeds it all rows). Milliseconds: the file is mapped.
  static Result<std::unique_ptr<VectorIndex>> open(const std::filesystem::path& directory,
                                                   const VectorIndexOptions& options);
  virtual ~VectorIndex() = default;

  /// Fills a new index, linked when it returns. `threads` at least 1.
  virtual Status build(const VectorSource& source, unsigned threads, CancelToken& cancel) = 0;
  /// Adds an entry to the tail. Waits for the graph only when the tail is a million entries long,
  /// or takes tail_bytes_max.
  /// Several threads append at once; the same key must not be appended by two.
  virtual Status append(const VectorEntry& entry) = 0;
  /// As append, but does nothing if the key is known: replay of the change log (R5).
  virtual Status append_if_absent(const VectorEntry& entry) = 0;
  /// Whether an entry of the key is known, alive or dead.
  [[nodiscard]] virtual bool contains(const VectorKey& key) = 0;
  /// Marks entries as dead for all snapshots; their slots are reclaimed later. Unknown keys are
  /// ignored.
  virtual void remove(std::span<const VectorKey> keys) = 0;

  /// `query` has the form of the index's values; it is copied.
  virtual std::unique_ptr<VectorSearch> search(const VectorValue& query,
                                               const VectorSearchOptions& options,
                                               VectorVisibility visibility) const = 0;

  /// Writes a durable checkpoint that holds at least everything appended before the call, and
  /// remembers `cursor` with it (atomically). Cancelled, it leaves the last one.
  virtual Status checkpoint(Xid cursor, CancelToken& cancel) = 0;
  Status checkpoint(Xid cursor) {
    CancelToken never;
    return checkpoint(cursor, never);
  }
  /// The cursor of the checkpoint this index was opened from; 0 if created.
  [[nodiscard]] virtual Xid cursor() const = 0;
  /// Waits until the tail is linked (tests, checkpoints before a clean stop).
  virtual Status wait_linked(CancelToken& cancel) = 0;
  /// What the background thread asks of the index's owner.
  enum class Request : std::uint8_t {
    None,
    Checkpoint,  ///< files of an older generation stay until there is one
    Refill       ///< a vector is damaged: make the index anew from the rows
  };
  [[nodiscard]] virtual Request request() const = 0;
  [[nodiscard]] virtual VectorIndexStatistics statistics() const = 0;
  /// Of a build, or of the background thread; any thread may ask at any time.
  [[nodiscard]] virtual VectorIndexProgress progress() const = 0;
};

}  // namespace omen::engine
