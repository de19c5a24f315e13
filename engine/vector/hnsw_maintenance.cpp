#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "engine/base/background.h"
#include "engine/base/failpoint.h"
#include "engine/vector/calibrate.h"
#include "engine/vector/checkpoint.h"
#include "engine/vector/graph_builder.h"
#include "engine/vector/graph_repair.h"
#include "engine/vector/hnsw_index.h"
#include "engine/vector/parallel.h"
#include "engine/vector/reachability.h"

/// What HnswIndex does behind its writers' backs, and the bulk build, which is the same in front.
namespace omen::engine {
namespace {

using Phase = VectorIndexProgress::Phase;

constexpr std::uint32_t kDeadMin = 500;   // fewer dead nodes are never worth a repair
constexpr std::uint32_t kDeadShare = 10;  // a tenth is
constexpr std::size_t kLinkStep = 4096;   // slots linked between publications
constexpr std::uint64_t kBulkMin = 4096;  // from here on a look at all slots pays for a run
constexpr std::uint64_t kBulkShare = 2;   // of all slots
constexpr std::uint64_t kBulkTail = 500000;
constexpr std::uint64_t kHastyTail = 50000;
constexpr std::uint64_t kShortTail = 256;  // not worth a second thread
constexpr std::uint64_t kLongTail = 10000;
constexpr unsigned kThreadsMax = 32;
constexpr std::size_t kLoadStep = 1024;  // rows copied from a source at a time
constexpr std::uint32_t kLoadRange = 32;
constexpr std::size_t kValueAlignment = 16;
constexpr std::chrono::seconds kRetryDelay{10};
constexpr std::chrono::seconds kLogInterval{60};
constexpr std::chrono::milliseconds kPoll{10};

}  // namespace

HnswIndex::Work HnswIndex::work_for(const Generation& generation) {
  if (generation.codes_damaged() || generation.drifted()) {
    return Work::Rebuild;
  }
  if (generation.space() == nullptr) {
    return generation.wants_codes() ? Work::Train : Work::None;
  }
  if (!generation.wants_graph()) {
    return Work::None;
  }
  const std::uint32_t dead = generation.dead_slots();
  if (dead > kDeadMin && dead > generation.slots_used() / kDeadShare) {
    return Work::Repair;
  }
  if (!generation.graph_begun() || generation.pending().size() > 0) {
    return Work::Link;
  }
  return generation.coarse_slots() > 0 ? Work::Refine : Work::None;
}

HnswIndex::Work HnswIndex::next_work() const {
  return verified_ ? work_for(*generation_) : Work::Verify;
}

void HnswIndex::wake() {
  const MutexLock lock(state_mutex_);
  if (building_ || !idle_ || next_work() == Work::None) {
    return;
  }
  if (!worker_started_) {
    worker_started_ = true;
    worker_ = std::jthread([this] { maintain(); });
  }
  state_changed_.notify_all();
}

/// Damaged codes or links cost recall at most while this runs (numbers are checked where they are
/// used, distances come from vectors with checksums of their own). Found damaged, they are left
/// alone from then on and made anew from the vectors.
Status HnswIndex::verify(Generation& generation) {
  const Status outcome = verify_graph(directory_, *opened_, stop_);
  if (outcome.code() == StatusCode::Corruption) {
    generation.distrust_codes();
    log_failure(Work::Verify, outcome);
  } else {
    OMEN_TRY(outcome);
  }
  OMEN_FAILPOINT("vector.open.graph_verified");
  opened_.reset();
  const MutexLock lock(state_mutex_);
  verified_ = true;
  return {};
}

void HnswIndex::maintain() {
  enter_background();
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
    progress_.end();
    log_failure(work, outcome);
    if (outcome.code() == StatusCode::Corruption) {
      request_.store(Request::Refill, std::memory_order_relaxed);
    }
    MutexLock lock(state_mutex_);
    maintenance_status_ = std::move(outcome);
    if (!maintenance_status_.ok() && !stop_.cancelled()) {
      // A full disk may be emptied; searches do without what failed.
      state_changed_.notify_all();
      state_changed_.wait_for(lock, kRetryDelay, [this] { return stop_.cancelled(); });
    }
  }
}

/// Once for each kind of error in a minute.
void HnswIndex::log_failure(Work work, const Status& status) {
  if (status.ok() || status.code() == StatusCode::Cancelled) {
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  auto [last, fresh] = logged_.try_emplace({work, status.code()}, now);
  if (!fresh && now - last->second < kLogInterval) {
    return;
  }
  last->second = now;
  static constexpr const char* kNames[] = {"waiting", "checking",   "coding",    "linking",
                                           "repair",  "refinement", "rebuilding"};
  spdlog::warn("vector index {}: {} failed: {}", directory_.string(),
               kNames[static_cast<std::size_t>(work)], status.message());
}

Status HnswIndex::perform(Work work) {
  const std::shared_ptr<Generation> generation = current();
  generation->make_ready();
  switch (work) {
    case Work::Verify:
      return verify(*generation);
    case Work::Train:
      return train(*generation, 1, stop_);
    case Work::Link:
      return link(generation, 0, stop_);
    case Work::Repair:
      return repair(generation, stop_);
    case Work::Refine:
      return refine(*generation, stop_);
    case Work::Rebuild:
      return rebuild();
    case Work::None:
      break;
  }
  return {};
}

/// Threads for `amount` nodes: all cores while nobody searches, half of them for much work when
/// somebody does, at least two.
unsigned HnswIndex::idle_threads(const Generation& generation, std::uint64_t amount) {
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax);
  if (amount < kShortTail || cores == 1) {
    return 1;
  }
  if (generation.epochs().readers() == 0) {
    return cores;
  }
  return amount < kLongTail ? 1 : std::max(2U, cores / 2);
}

Status HnswIndex::train(Generation& generation, unsigned threads, CancelToken& cancel) {
  {
    const AppendGate::Closed closed(gate_);
    generation.suspend_reuse(true);
  }
  progress_.begin(Phase::Coding, generation.slots().count());
  Result<bool> trained = generation.train(threads, cancel);
  const AppendGate::Closed closed(gate_);
  Status outcome = trained.status();
  if (trained.ok() && trained.value()) {
    outcome = generation.finish_training();
  }
  generation.suspend_reuse(false);
  return outcome;
}

/// Links the tail as it is now; with `threads` 0 as many as are idle.
Status HnswIndex::link(const std::shared_ptr<Generation>& generation, unsigned threads,
                       CancelToken& cancel) {
  const CodeSpace* space = generation->space();
  if (space == nullptr || !generation->wants_graph()) {
    return {};
  }
  generation->begin_graph();
  std::uint64_t left = generation->pending().size();
  const auto threads_now = [&] { return threads != 0 ? threads : idle_threads(*generation, left); };
  progress_.begin(Phase::Linking, left);
  GraphBuilder builder(*generation, *space);
  // What is done for all slots must pay for the few that are new.
  const bool bulk =
      left >= kBulkTail || (left >= kBulkMin && left >= generation->slots_used() / kBulkShare);
  const bool hasty = !bulk && left >= kHastyTail;
  if (hasty) {
    builder.hurry();
  }
  std::vector<std::uint8_t> linked;
  while (left > 0) {
    const std::vector<std::uint32_t> slots =
        generation->pending().front(std::min<std::uint64_t>(left, kLinkStep));
    linked.assign(slots.size(), 0);
    Status outcome = builder.link(slots, linked, threads_now(), cancel);
    OMEN_KILLPOINT("vector.link.linked");
    generation->finish_linking(slots, linked, hasty);
    OMEN_TRY(outcome);
    OMEN_FAILPOINT("vector.link.step");
    left -= slots.size();
    progress_.add(slots.size());
    if (!bulk && work_for(*generation) == Work::Repair) {
      break;  // the rest comes after
    }
  }
  return bulk || !generation->calibration().measured() ? measure(generation, cancel) : Status();
}

/// Makes all nodes reachable and finds out what pools recall takes.
Status HnswIndex::measure(const std::shared_ptr<Generation>& generation, CancelToken& cancel) {
  progress_.begin(Phase::Measuring, 0);
  generation->set_unreachable(Reachability(*generation, *generation->space()).connect());
  OMEN_FAILPOINT("vector.link.connected");
  return calibrate(generation, cancel);
}

Status HnswIndex::repair(const std::shared_ptr<Generation>& generation, CancelToken& cancel) {
  progress_.begin(Phase::Repairing, generation->dead_slots());
  const CodeSpace& space = *generation->space();
  const unsigned threads = idle_threads(*generation, generation->dead_slots());
  GraphRepair repair(*generation, space);
  OMEN_TRY(repair.run(threads, cancel));
  OMEN_FAILPOINT("vector.repair.mended");
  GraphBuilder builder(*generation, space);
  OMEN_TRY(builder.relink(repair.few_links(), threads, cancel));
  OMEN_FAILPOINT("vector.repair.relinked");
  const std::uint32_t unreachable = Reachability(*generation, space).connect();
  OMEN_FAILPOINT("vector.repair.connected");
  generation->retire_repaired(repair.removed());
  OMEN_FAILPOINT("vector.repair.retired");
  generation->set_unreachable(unreachable);
  progress_.add(repair.removed().size());
  return calibrate(generation, cancel);
}

/// Links better, a step at a time, what was linked in a hurry.
Status HnswIndex::refine(Generation& generation, CancelToken& cancel) {
  progress_.begin(Phase::Linking, generation.coarse_slots());
  GraphBuilder builder(generation, *generation.space());
  const std::uint32_t count = generation.slots().count();
  std::vector<std::uint32_t> slots;
  for (std::uint32_t slot = 0; slot < count; ++slot) {
    const std::uint32_t flags = generation.slots().flags(slot);
    if ((flags & slot_flag::kCoarse) != 0 && (flags & slot_flag::kFree) == 0) {
      slots.push_back(slot);
    }
    if (slots.size() == kLinkStep || (slot + 1 == count && !slots.empty())) {
      OMEN_TRY(builder.relink(slots, idle_threads(generation, slots.size()), cancel));
      for (const std::uint32_t done : slots) {
        generation.clear_coarse(done);
      }
      progress_.add(slots.size());
      slots.clear();
      if (work_for(generation) != Work::Refine) {
        return {};  // something more urgent came
      }
    }
  }
  return {};
}

/// Appends what `source` gives: it is asked by this thread, lots are appended by all.
Status HnswIndex::load(const VectorSource& source, unsigned threads, CancelToken& cancel) {
  progress_.begin(Phase::Loading, 0);
  std::vector<VectorEntry> entries;
  std::vector<std::size_t> places;
  std::vector<unsigned char> bytes;
  for (bool more = true; more;) {
    entries.clear();
    places.clear();
    bytes.clear();
    while (more && entries.size() < kLoadStep) {
      OMEN_TRY(cancel.check());
      VectorEntry entry;
      OMEN_ASSIGN(more, source(entry));
      if (!more) {
        break;
      }
      // The value is the source's, until it is asked again.
      places.push_back(bytes.size());
      if (entry.vector.has_value()) {
        const VectorValue& value = *entry.vector;
        bytes.insert(bytes.end(), value.data(), value.data() + value.size_bytes());
        bytes.resize((bytes.size() + kValueAlignment - 1) / kValueAlignment * kValueAlignment);
      }
      entries.push_back(entry);
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].vector.has_value()) {
        entries[i].vector = VectorValue(bytes.data() + places[i], entries[i].vector->size_bytes());
      }
    }
    // Small tables keep the order of their rows, by which equal distances are told apart.
    const bool small = current()->slots().count() < Generation::kCodeScanMax;
    std::vector<Status> outcomes(threads);
    for_ranges(0, static_cast<std::uint32_t>(entries.size()), kLoadRange, small ? 1 : threads,
               [&](std::uint32_t begin, std::uint32_t end, unsigned worker) {
                 for (std::uint32_t i = begin; i < end && outcomes[worker].ok(); ++i) {
                   outcomes[worker] = append(entries[i]);
                 }
                 return outcomes[worker].ok();
               });
    for (const Status& outcome : outcomes) {
      OMEN_TRY(outcome);
    }
    progress_.add(entries.size());
  }
  return {};
}

Status HnswIndex::build(const VectorSource& source, unsigned threads, CancelToken& cancel) {
  {
    MutexLock lock(state_mutex_);
    building_ = true;
    while (!idle_) {
      state_changed_.wait(lock);
    }
  }
  const auto run = [&]() -> Status {
    OMEN_TRY(load(source, std::max(threads, 1U), cancel));
    const std::shared_ptr<Generation> generation = current();
    if (generation->wants_codes()) {
      OMEN_TRY(train(*generation, std::max(threads, 1U), cancel));
      OMEN_TRY(link(generation, std::max(threads, 1U), cancel));
    }
    return {};
  };
  Status outcome = run();
  progress_.end();
  {
    const MutexLock lock(state_mutex_);
    building_ = false;
    state_changed_.notify_all();
  }
  wake();
  return outcome;
}

Status HnswIndex::wait_linked(CancelToken& cancel) {
  wake();
  MutexLock lock(state_mutex_);
  while (building_ || next_work() != Work::None) {
    OMEN_TRY(cancel.check());
    OMEN_TRY(maintenance_status_);
    state_changed_.wait_for(lock, kPoll);
  }
  return {};
}

}  // namespace omen::engine
