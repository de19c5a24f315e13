#include "engine/vector/hnsw_index.h"

#include <algorithm>
#include <system_error>

#include "engine/vector/checkpoint.h"
#include "engine/vector/element.h"
#include "engine/vector/generation_search.h"

namespace omen::engine {
namespace {}  // namespace

Result<std::unique_ptr<VectorIndex>> VectorIndex::create(const std::filesystem::path& directory,
                                                         const VectorIndexOptions& options) {
  OMEN_TRY(check_options(options));
  std::error_code error;
  std::filesystem::create_directories(directory.parent_path(), error);
  if (!std::filesystem::create_directory(directory, error)) {
    return Status(error ? StatusCode::IoError : StatusCode::AlreadyExists,
                  "could not create vector index directory \"" + directory.string() + "\"" +
                      (error ? ": " + error.message() : ": it exists"));
  }
  OMEN_ASSIGN(std::shared_ptr<Generation> generation, Generation::create(directory, 1, options));
  return std::unique_ptr<VectorIndex>(
      std::make_unique<HnswIndex>(directory, std::move(generation), 0));
}

HnswIndex::HnswIndex(std::filesystem::path directory, std::shared_ptr<Generation> generation,
                     Xid cursor)
    : directory_(std::move(directory)), cursor_(cursor), generation_(std::move(generation)) {}

void HnswIndex::start_verification() {
  {
    const MutexLock lock(state_mutex_);
    verified_ = generation_->space() == nullptr;
  }
  const MutexLock lock(writer_mutex_);
  wake();
}

HnswIndex::~HnswIndex() {
  stop_.cancel(CancelReason::Shutdown);
  {
    // Under the mutex, so that a thread about to wait sees the reason or the signal.
    const MutexLock lock(state_mutex_);
    state_changed_.notify_all();
  }
}

std::shared_ptr<Generation> HnswIndex::current() const {
  const MutexLock lock(state_mutex_);
  return generation_;
}

Status HnswIndex::append(const VectorEntry& entry) {
  const MutexLock lock(writer_mutex_);
  return append_locked(entry);
}

Status HnswIndex::append_if_absent(const VectorEntry& entry) {
  const MutexLock lock(writer_mutex_);
  const std::shared_ptr<Generation> generation = current();
  generation->make_rows();
  return generation->find(entry.key) != RowMap::kNone ? Status() : append_locked(entry);
}

bool HnswIndex::contains(const VectorKey& key) {
  const MutexLock lock(writer_mutex_);
  const std::shared_ptr<Generation> generation = current();
  generation->make_rows();
  return generation->find(key) != RowMap::kNone;
}

Status HnswIndex::append_locked(const VectorEntry& entry) {
  const std::shared_ptr<Generation> generation = current();
  if (entry.vector.has_value()) {
    OMEN_TRY(check_value(generation->options(), *entry.vector));
  }
  if (entry.vector.has_value()) {
    OMEN_TRY(generation->append(entry.key, *entry.vector, append_scratch_));
  } else {
    OMEN_TRY(generation->append_null(entry.key));
  }
  wake();
  return {};
}

void HnswIndex::remove(std::span<const VectorKey> keys) {
  const MutexLock lock(writer_mutex_);
  remove_from(*current(), keys);
  if (rebuilding_) {
    removed_meanwhile_.insert(removed_meanwhile_.end(), keys.begin(), keys.end());
  }
  wake();
}

void HnswIndex::remove_from(Generation& generation, std::span<const VectorKey> keys) {
  generation.make_rows();
  for (const VectorKey& key : keys) {
    const std::uint32_t entry = generation.find(key);
    if (entry == RowMap::kNone) {
      continue;
    }
    if ((entry & RowMap::kNullEntry) != 0) {
      generation.remove_null(entry & ~RowMap::kNullEntry);
    } else {
      generation.remove_slot(entry);
    }
  }
}

std::unique_ptr<VectorSearch> HnswIndex::search(const VectorValue& query,
                                                const VectorSearchOptions& options,
                                                VectorVisibility visibility) const {
  return std::make_unique<GenerationSearch>(current(), query, options, std::move(visibility));
}

VectorIndexStatistics HnswIndex::statistics() const {
  const std::shared_ptr<Generation> generation = current();
  VectorIndexStatistics statistics;
  statistics.slots = generation->slots().count() + generation->nulls().count();
  statistics.tail = generation->space() != nullptr && generation->wants_graph()
                        ? generation->slots().count() - generation->linked()
                        : 0;
  statistics.tombstones = generation->dead_slots() + generation->dead_nulls();
  statistics.unreachable = generation->unreachable();
  statistics.memory_bytes = generation->memory_bytes();
  statistics.file_bytes = generation->file().size_bytes();
  return statistics;
}

Status HnswIndex::checkpoint(Xid cursor) {
  const MutexLock lock(checkpoint_mutex_);
  const std::shared_ptr<Generation> generation = current();
  OMEN_TRY(write_checkpoint(directory_, *generation, cursor));
  delete_older_files(directory_, generation->number());
  return {};
}

Result<std::unique_ptr<VectorIndex>> VectorIndex::open(const std::filesystem::path& directory,
                                                       const VectorIndexOptions& options) {
  OMEN_TRY(check_options(options));
  OMEN_ASSIGN(OpenedCheckpoint opened, read_checkpoint(directory, options));
  const std::uint64_t number = opened.generation->number();
  delete_other_files(directory, number);
  auto index = std::make_unique<HnswIndex>(directory, std::move(opened.generation), opened.cursor);
  index->start_verification();
  return std::unique_ptr<VectorIndex>(std::move(index));
}

}  // namespace omen::engine
