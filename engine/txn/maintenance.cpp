#include "engine/txn/maintenance.h"

#include <spdlog/spdlog.h>

#include "engine/base/background.h"

namespace omen::engine {
namespace {

constexpr std::chrono::milliseconds kTick(200);
constexpr std::chrono::seconds kVacuumInterval(1);
constexpr std::chrono::seconds kCheckpointInterval(60);
/// A pass looks at all garbage that must still stay, so it may cost this share of the time at most.
constexpr int kVacuumShare = 10;

void log_failure(const char* what, const Status& status) {
  if (!status.ok() && status.code() != StatusCode::Cancelled) {
    spdlog::warn("{} failed: {}", what, status.message());
  }
}

}  // namespace

Maintenance::Maintenance(EngineCore& core, Vacuum& vacuum) : core_(core), vacuum_(vacuum) {
  next_vacuum_ = std::chrono::steady_clock::now() + kVacuumInterval;
  next_checkpoint_ = std::chrono::steady_clock::now() + kCheckpointInterval;
  checkpointed_xid_ = core_.xids.next();
  thread_ = std::jthread([this, end = core_.xids.next()] {
    log_failure("counting dead rows", vacuum_.count_dead_rows(end, stop_));
    run();
  });
}

Maintenance::~Maintenance() {
  stop_.cancel(CancelReason::Shutdown);
  {
    const MutexLock lock(mutex_);
    stopped_.notify_all();
  }
  thread_.join();
}

void Maintenance::run() {
  enter_background();
  while (!stop_.cancelled()) {
    rebuild_vectors();
    vacuum_if_useful();
    checkpoint_vectors();
    MutexLock lock(mutex_);
    if (!stop_.cancelled()) {
      stopped_.wait_for(lock, kTick);
    }
  }
}

void Maintenance::vacuum_if_useful() {
  const auto start = std::chrono::steady_clock::now();
  const Xid xid = core_.active.oldest();
  const Timestamp oldest = core_.snapshots.oldest();
  if (start < next_vacuum_ || (core_.commits.horizon() == xid) ||
      (xid == vacuumed_xid_ && oldest == vacuumed_oldest_ && !vacuum_.is_unfinished())) {
    return;
  }
  log_failure("vacuum", vacuum_.run(0, stop_));
  vacuumed_xid_ = xid;
  vacuumed_oldest_ = oldest;
  const auto end = std::chrono::steady_clock::now();
  next_vacuum_ = end + std::max<std::chrono::steady_clock::duration>(kVacuumInterval,
                                                                     kVacuumShare * (end - start));
}

void Maintenance::rebuild_vectors() {
  for (const AttachedVectorIndexPtr& attached : core_.vectors.broken()) {
    const CatalogSnapshotPtr catalog = core_.catalog.get();
    for (const CatalogEntry* entry : catalog->entries()) {
      const Index* index = std::get_if<Index>(entry);
      if (index == nullptr || index->storage_id != attached->storage_id) {
        continue;
      }
      const TableAccessPtr access = catalog->access(index->table_oid);
      const auto ticket = core_.snapshots.acquire();  // R3: the scan asks for outcomes
      log_failure("rebuilding a vector index",
                  core_.vectors.rebuild(attached, *access, *access->vector(index->oid), stop_));
      core_.snapshots.release(ticket);
    }
  }
}

void Maintenance::checkpoint_vectors() {
  log_failure("checkpoint of a vector index", core_.vectors.checkpoint_grown());
  const auto now = std::chrono::steady_clock::now();
  const Xid xid = core_.xids.next();
  if (now < next_checkpoint_ || xid == checkpointed_xid_) {
    return;
  }
  const Status written = core_.vectors.checkpoint_all();
  log_failure("checkpoint of vector indexes", written);
  checkpointed_xid_ = written.ok() ? xid : checkpointed_xid_;
  next_checkpoint_ = now + kCheckpointInterval;
}

}  // namespace omen::engine
