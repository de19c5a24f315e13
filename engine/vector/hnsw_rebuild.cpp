#include "engine/base/failpoint.h"
#include "engine/vector/hnsw_index.h"

/// How an index gets codes that fit what it holds now: a new generation beside the current one.
namespace omen::engine {
namespace {

/// Copies living entries while reuse is suspended, so that what comes meanwhile comes last.
class EntryCopy {
 public:
  EntryCopy(const Generation& from, Generation& to) : from_(from), to_(to) {}

  /// Copies what `from` had, and has beyond what was copied, below `end`. With `whole` no append is
  /// under way below it; else it stops at the first that is.
  Status run(std::uint32_t end, bool whole, CancelToken& cancel) {
    for (; slot_ < end; ++slot_) {
      OMEN_TRY(cancel.check());
      const std::uint32_t flags = from_.slots().flags(slot_);
      if ((flags & slot_flag::kFree) != 0 && !whole) {
        break;
      }
      if ((flags & (slot_flag::kDead | slot_flag::kFree)) != 0) {
        continue;
      }
      const VectorValue values = from_.vector(slot_);
      if (values == nullptr) {
        return {StatusCode::Corruption, "vector index holds a damaged vector"};
      }
      OMEN_TRY(to_.append({from_.slots().key(slot_), values}, false));
    }
    for (const std::uint32_t count = from_.nulls().count(); null_ < count; ++null_) {
      if ((from_.nulls().flags(null_) & (slot_flag::kDead | slot_flag::kFree)) == 0) {
        OMEN_TRY(to_.append({from_.nulls().key(null_), std::nullopt}, false));
      }
    }
    return {};
  }

 private:
  const Generation& from_;
  Generation& to_;
  std::uint32_t slot_ = 0;
  std::uint32_t null_ = 0;
};

}  // namespace

/// The old generation serves until the new one has caught up; they are swapped between two writes.
Status HnswIndex::rebuild() {
  const std::shared_ptr<Generation> old = current();
  std::uint32_t count = 0;
  {
    const AppendGate::Closed closed(gate_);
    old->suspend_reuse(true);
    count = old->slots().count();
    const MutexLock lock(removed_mutex_);
    rebuilding_ = true;
    removed_meanwhile_.clear();
  }
  Status outcome = rebuild_from(*old, count);
  if (!outcome.ok()) {
    old->suspend_reuse(false);
  }
  const MutexLock lock(removed_mutex_);
  rebuilding_ = false;
  removed_meanwhile_.clear();
  return outcome;
}

/// The first `count` slots are all published.
Status HnswIndex::rebuild_from(Generation& old, std::uint32_t count) {
  OMEN_ASSIGN(std::shared_ptr<Generation> fresh,
              Generation::create(directory_, old.number() + 1, old.options()));
  EntryCopy copy(old, *fresh);
  progress_.begin(VectorIndexProgress::Phase::Loading, count);
  OMEN_TRY(copy.run(count, true, stop_));
  OMEN_FAILPOINT("vector.rebuild.copied");
  if (fresh->wants_codes()) {
    OMEN_ASSIGN(const bool trained, fresh->train(1, stop_));
    if (trained) {
      OMEN_TRY(fresh->finish_training());
    }
    OMEN_TRY(link(fresh, 0, stop_));
    // Most of what came meanwhile, before writers have to wait for the rest.
    OMEN_TRY(copy.run(old.slots().count(), false, stop_));
  }
  OMEN_FAILPOINT("vector.rebuild.linked");
  const AppendGate::Closed closed(gate_);
  OMEN_TRY(copy.run(old.slots().count(), true, stop_));
  {
    const MutexLock lock(removed_mutex_);
    fresh->remove(removed_meanwhile_);
    removed_meanwhile_.clear();
  }
  OMEN_FAILPOINT("vector.rebuild.swap");
  const MutexLock lock(state_mutex_);
  generation_ = std::move(fresh);
  verified_ = true;
  return {};
}

}  // namespace omen::engine
