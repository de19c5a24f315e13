#include <algorithm>
#include <chrono>

#include "engine/vector/calibrate.h"
#include "engine/vector/checkpoint.h"
#include "engine/vector/graph_builder.h"
#include "engine/vector/hnsw_index.h"

/// What HnswIndex does behind its writers' backs, and the bulk build, which is the same in front.
namespace omen::engine {
namespace {

constexpr std::uint32_t kDeadMin = 1000;   // fewer dead entries are never worth a rebuild
constexpr std::uint32_t kDeadShare = 4;    // a quarter is
constexpr std::uint32_t kGrowth = 16;      // since codes were made: their mean is out of date
constexpr std::uint32_t kLinkStep = 8192;  // slots linked between publications
constexpr std::uint32_t kBulkMin = 4096;   // from here on 4-bit codes pay for a linking run
constexpr std::uint32_t kBulkShare = 4;    // of all slots
constexpr std::chrono::seconds kRetryDelay{10};
constexpr std::chrono::milliseconds kPoll{10};

}  // namespace

HnswIndex::Work HnswIndex::work_for(const Generation& generation) {
  const std::uint32_t slots = generation.slots().count();
  const std::uint32_t dead = generation.dead_slots();
  const CodeSpace* space = generation.space();
  if (generation.codes_damaged() || (dead > kDeadMin && dead > slots / kDeadShare) ||
      (space != nullptr && slots / kGrowth > space->parameters().row_count)) {
    return Work::Rebuild;
  }
  if (space == nullptr) {
    return generation.wants_codes() ? Work::Train : Work::None;
  }
  return generation.wants_graph() && generation.linked() < slots ? Work::Link : Work::None;
}

HnswIndex::Work HnswIndex::next_work() const {
  return verified_ ? work_for(*generation_) : Work::Verify;
}

void HnswIndex::wake() {
  const MutexLock lock(state_mutex_);
  if (building_ || next_work() == Work::None) {
    return;
  }
  if (!worker_started_) {
    worker_started_ = true;
    worker_ = std::jthread([this] { maintain(); });
  }
  if (idle_) {
    state_changed_.notify_all();
  }
}

/// Damaged codes or links cost recall at most while this runs (numbers are checked where they are
/// used, distances come from vectors with checksums of their own). Found damaged, they are left
/// alone from then on and made anew from the vectors.
Status HnswIndex::verify(Generation& generation) {
  const Status outcome = verify_blocks(directory_, generation.number(), stop_);
  if (outcome.code() == StatusCode::Corruption) {
    generation.distrust_codes();
  } else {
    OMEN_TRY(outcome);
  }
  const MutexLock lock(state_mutex_);
  verified_ = true;
  return {};
}

void HnswIndex::maintain() {
  while (true) {
    Work work = Work::None;
    {
      MutexLock lock(state_mutex_);
      while (!stop_.cancelled() && (building_ || (work = next_work()) == Work::None)) {
        idle_ = true;
        state_changed_.notify_all();
        state_changed_.wait(lock);
      }
      if (stop_.cancelled()) {
        return;
      }
      idle_ = false;
    }
    Status outcome = perform(work);
    MutexLock lock(state_mutex_);
    maintenance_status_ = std::move(outcome);
    if (!maintenance_status_.ok() && !stop_.cancelled()) {
      // A full disk may be emptied; searches do without what failed.
      state_changed_.notify_all();
      state_changed_.wait_for(lock, kRetryDelay, [this] { return stop_.cancelled(); });
    }
  }
}

Status HnswIndex::perform(Work work) {
  const std::shared_ptr<Generation> generation = current();
  switch (work) {
    case Work::Verify:
      return verify(*generation);
    case Work::Train:
      return train(*generation, 1, stop_);
    case Work::Link:
      return link(generation, 1, stop_);
    case Work::Rebuild:
      return rebuild();
    case Work::None:
      break;
  }
  return {};
}

Status HnswIndex::train(Generation& generation, unsigned threads, CancelToken& cancel) {
  OMEN_ASSIGN(const bool trained, generation.train(threads, cancel));
  if (!trained) {
    return {};
  }
  const MutexLock lock(writer_mutex_);
  return generation.finish_training();
}

/// Links the tail as it is now.
Status HnswIndex::link(const std::shared_ptr<Generation>& generation, unsigned threads,
                       CancelToken& cancel) {
  const CodeSpace* space = generation->space();
  if (space == nullptr || !generation->wants_graph()) {
    return {};
  }
  const std::uint32_t begin = generation->linked();
  const std::uint32_t end = generation->slots().count();
  GraphBuilder builder(*generation, *space);
  // What is done for all slots must pay for the few that are new.
  const bool bulk = end - begin >= kBulkMin && end - begin >= end / kBulkShare;
  if (bulk) {
    OMEN_TRY(builder.metric().make_wide_codes(end, threads, cancel));
  }
  for (std::uint32_t first = begin; first < end;) {
    const std::uint32_t last = std::min(end, first + kLinkStep);
    OMEN_TRY(builder.link(first, last, threads, cancel));
    generation->set_linked(last);
    first = last;
  }
  if (bulk || !generation->calibration().measured()) {
    generation->set_unreachable(builder.repair(end));
    OMEN_TRY(calibrate(generation, cancel));
  }
  return {};
}

Status HnswIndex::build(const VectorSource& source, unsigned threads, CancelToken& cancel) {
  {
    const MutexLock lock(state_mutex_);
    building_ = true;
  }
  const auto run = [&]() -> Status {
    VectorEntry entry;
    while (true) {
      OMEN_TRY(cancel.check());
      OMEN_ASSIGN(const bool more, source(entry));
      if (!more) {
        break;
      }
      OMEN_TRY(append(entry));
    }
    const std::shared_ptr<Generation> generation = current();
    if (generation->wants_codes()) {
      OMEN_TRY(train(*generation, std::max(threads, 1U), cancel));
      OMEN_TRY(link(generation, std::max(threads, 1U), cancel));
    }
    return {};
  };
  Status outcome = run();
  const MutexLock lock(state_mutex_);
  building_ = false;
  state_changed_.notify_all();
  return outcome;
}

/// Copies live entries of `from` that `to` lacks; they keep their order.
Status HnswIndex::copy_appended(const Generation& from, Generation& to, std::uint32_t& slots_copied,
                                std::uint32_t& nulls_copied, PreparedQuery& scratch) {
  for (const std::uint32_t end = from.slots().count(); slots_copied < end; ++slots_copied) {
    OMEN_TRY(stop_.check());
    if ((from.slots().flags(slots_copied) & slot_flag::kDead) != 0) {
      continue;
    }
    const VectorValue values = from.vector(slots_copied);
    if (values == nullptr) {
      return {StatusCode::Corruption, "vector index holds a damaged vector"};
    }
    OMEN_TRY(to.append(from.slots().key(slots_copied), values, scratch));
  }
  for (const std::uint32_t end = from.nulls().count(); nulls_copied < end; ++nulls_copied) {
    if ((from.nulls().flags(nulls_copied) & slot_flag::kDead) == 0) {
      OMEN_TRY(to.append_null(from.nulls().key(nulls_copied)));
    }
  }
  return {};
}

/// Makes a generation of the living beside the current one, which serves until the new one has
/// caught up; then swaps them between two writes.
Status HnswIndex::rebuild() {
  const std::shared_ptr<Generation> old = current();
  {
    const MutexLock lock(writer_mutex_);
    rebuilding_ = true;
    removed_meanwhile_.clear();
  }
  const auto run = [&]() -> Status {
    OMEN_ASSIGN(std::shared_ptr<Generation> fresh,
                Generation::create(directory_, old->number() + 1, old->options()));
    PreparedQuery scratch;
    std::uint32_t slots_copied = 0;
    std::uint32_t nulls_copied = 0;
    OMEN_TRY(copy_appended(*old, *fresh, slots_copied, nulls_copied, scratch));
    if (fresh->wants_codes()) {
      OMEN_ASSIGN(const bool trained, fresh->train(1, stop_));
      if (trained) {
        OMEN_TRY(fresh->finish_training());
      }
      OMEN_TRY(link(fresh, 1, stop_));
      // Most of what came meanwhile, before writers have to wait for the rest.
      OMEN_TRY(copy_appended(*old, *fresh, slots_copied, nulls_copied, scratch));
    }
    const MutexLock lock(writer_mutex_);
    OMEN_TRY(copy_appended(*old, *fresh, slots_copied, nulls_copied, scratch));
    {
      const MutexLock state_lock(state_mutex_);
      generation_ = fresh;
      verified_ = true;
    }
    remove_from(*fresh, removed_meanwhile_);
    return {};
  };
  Status outcome = run();
  const MutexLock lock(writer_mutex_);
  rebuilding_ = false;
  removed_meanwhile_.clear();
  return outcome;
}

Status HnswIndex::wait_linked(CancelToken& cancel) {
  {
    const MutexLock writer_lock(writer_mutex_);
    wake();
  }
  MutexLock lock(state_mutex_);
  while (building_ || next_work() != Work::None) {
    OMEN_TRY(cancel.check());
    OMEN_TRY(maintenance_status_);
    state_changed_.wait_for(lock, kPoll);
  }
  return {};
}

}  // namespace omen::engine
