#include "engine/vector/hnsw_index.h"

#include <algorithm>
#include <system_error>

#include "engine/base/blocking.h"
#include "engine/base/failpoint.h"
#include "engine/vector/checkpoint.h"
#include "engine/vector/element.h"
#include "engine/vector/generation_search.h"

namespace omen::engine {
namespace {

constexpr std::chrono::milliseconds kTailPoll{10};
constexpr std::size_t kTailShare = 4;       // of the machine's memory
constexpr std::size_t kSparseBytes = 1024;  // of a value, about

std::uint64_t tail_max(const Generation& generation) {
  const VectorIndexOptions& options = generation.options();
  const std::uint64_t budget_bytes =
      options.tail_bytes_max != 0 ? options.tail_bytes_max : machine_memory_bytes() / kTailShare;
  const std::size_t value_size = value_bytes(options);
  const std::size_t slot_bytes =
      generation.nodes().layout().stride_bytes + (value_size == 0 ? kSparseBytes : value_size);
  return std::clamp(budget_bytes / slot_bytes, HnswIndex::kTailMin, HnswIndex::kTailMax);
}

}  // namespace

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
      std::make_unique<HnswIndex>(directory, std::move(generation)));
}

HnswIndex::HnswIndex(std::filesystem::path directory, std::shared_ptr<Generation> generation)
    : directory_(std::move(directory)),
      cursor_(0),
      tail_max_(tail_max(*generation)),
      checkpoint_writer_(directory_, {}),
      generation_(std::move(generation)) {
  generation_->set_damage_listener([this] { wake(); });
}

HnswIndex::HnswIndex(std::filesystem::path directory, std::unique_ptr<OpenedCheckpoint> opened)
    : directory_(std::move(directory)),
      cursor_(opened->cursor),
      tail_max_(tail_max(*opened->generation)),
      checkpoint_writer_(directory_, opened->state),
      checkpoint_cursor_(opened->cursor),
      checkpoint_bytes_(opened->state.base_bytes + opened->state.delta_bytes),
      generation_(opened->generation),
      verified_(false),
      opened_(std::move(opened)) {
  generation_->set_damage_listener([this] { wake(); });
  wake();
}

HnswIndex::~HnswIndex() {
  current()->set_damage_listener({});  // searches may outlive the index
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

Status HnswIndex::append(const VectorEntry& entry, bool if_absent) {
  wait_for_tail();
  {
    const AppendGate::Writer writer(gate_);
    const std::shared_ptr<Generation> generation = current();
    if (entry.vector.has_value()) {
      OMEN_TRY(check_value(generation->options(), *entry.vector));
    }
    generation->make_ready();
    OMEN_TRY(generation->append(entry, if_absent));
  }
  wake();
  return {};
}

/// Back-pressure. Who builds links himself, and a thread that fails does not catch up.
void HnswIndex::wait_for_tail() const {
  if (current()->pending().size() < tail_max_) {
    return;
  }
  const BlockingScope blocking;
  MutexLock lock(state_mutex_);
  while (!building_ && maintenance_status_.ok() && !stop_.cancelled() &&
         generation_->pending().size() >= tail_max_) {
    state_changed_.wait_for(lock, kTailPoll);
  }
}

bool HnswIndex::contains(const VectorKey& key) {
  const std::shared_ptr<Generation> generation = current();
  generation->make_ready();
  const ReaderEpochs::Guard epoch = generation->epochs().enter();
  return generation->find(key) != RowMap::kNone;
}

void HnswIndex::remove(std::span<const VectorKey> keys) {
  {
    const AppendGate::Writer writer(gate_);
    const std::shared_ptr<Generation> generation = current();
    generation->make_ready();
    generation->remove(keys);
    const MutexLock lock(removed_mutex_);
    if (rebuilding_) {
      removed_meanwhile_.insert(removed_meanwhile_.end(), keys.begin(), keys.end());
    }
  }
  wake();
}

std::unique_ptr<VectorSearch> HnswIndex::search(const VectorValue& query,
                                                const VectorSearchOptions& options,
                                                VectorVisibility visibility) const {
  std::shared_ptr<Generation> generation = current();
  generation->make_ready();
  return std::make_unique<GenerationSearch>(std::move(generation), query, options,
                                            std::move(visibility));
}

VectorIndexStatistics HnswIndex::statistics() const {
  const std::shared_ptr<Generation> generation = current();
  generation->make_ready();
  VectorIndexStatistics statistics;
  statistics.slots = std::uint64_t{generation->slots_used()} + generation->nulls_used();
  if (generation->graph_begun()) {
    statistics.tail = generation->pending().size();
    statistics.nodes = generation->slots_used() -
                       std::min<std::uint64_t>(statistics.tail, generation->slots_used());
  }
  statistics.coarse = generation->coarse_slots();
  statistics.tombstones = generation->dead_slots();
  statistics.free_slots = generation->free_slots();
  statistics.unreachable = generation->unreachable();
  statistics.bytes = generation->memory();
  statistics.memory_bytes = statistics.bytes.required();
  statistics.file_bytes = statistics.bytes.vector_file + statistics.bytes.code_file;
  for (std::size_t i = 0; i < statistics.calibration.size(); ++i) {
    statistics.calibration[i] = generation->calibration().recall(i);
  }
  statistics.generation = generation->number();
  statistics.checkpoint_cursor = checkpoint_cursor_;
  statistics.checkpoint_bytes = checkpoint_bytes_;
  return statistics;
}

Status HnswIndex::checkpoint(Xid cursor, CancelToken& cancel) {
  const MutexLock lock(checkpoint_mutex_);
  const std::shared_ptr<Generation> generation = current();
  generation->make_ready();
  const Generation::CheckpointMark mark = generation->checkpoint_mark();
  OMEN_FAILPOINT("vector.checkpoint.begun");
  bool verified = false;
  {
    const MutexLock state_lock(state_mutex_);
    verified = verified_ && !generation->codes_damaged();
  }
  OMEN_TRY(checkpoint_writer_.write(*generation, cursor, verified, cancel));
  checkpoint_cursor_ = cursor;
  checkpoint_bytes_ =
      checkpoint_writer_.state().base_bytes + checkpoint_writer_.state().delta_bytes;
  OMEN_FAILPOINT("vector.checkpoint.durable");
  generation->checkpoint_durable(mark);
  const MutexLock state_lock(state_mutex_);
  if (generation_ == generation) {
    Request served = Request::Checkpoint;
    request_.compare_exchange_strong(served, Request::None, std::memory_order_relaxed);
  }
  return {};
}

Result<std::unique_ptr<VectorIndex>> VectorIndex::open(const std::filesystem::path& directory,
                                                       const VectorIndexOptions& options) {
  OMEN_TRY(check_options(options));
  OMEN_ASSIGN(OpenedCheckpoint opened, read_checkpoint(directory, options));
  OMEN_FAILPOINT("vector.open.read");
  delete_other_files(directory, opened.state, true);
  return std::unique_ptr<VectorIndex>(std::make_unique<HnswIndex>(
      directory, std::make_unique<OpenedCheckpoint>(std::move(opened))));
}

}  // namespace omen::engine
