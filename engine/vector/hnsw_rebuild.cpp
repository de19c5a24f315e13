#include "engine/base/failpoint.h"
#include "engine/vector/hnsw_index.h"

/// How an index gets codes that fit what it holds now: a new generation beside the current one.
namespace omen::engine {
namespace {

/// Copies living entries while reuse is suspended, so that what comes meanwhile comes last.
class EntryCopy {
 public:
  EntryCopy(const Generation& from, Generation& to) : from_(from), to_(to) {}

  /// Copies what `from` had, and has beyond what was copied, below the ends. With `whole` no append
  /// is under way below them; else it stops at the first that is.
  struct Ends {
    std::uint32_t slots = 0;
    std::uint32_t nulls = 0;
  };
  static Ends ends_of(const Generation& generation) {
    return {generation.slots().count(), generation.nulls().count()};
  }
  Status run(const Ends& ends, bool whole, CancelToken& cancel) {
    for (; slot_ < ends.slots; ++slot_) {
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
    for (; null_ < ends.nulls; ++null_) {
      const std::uint32_t flags = from_.nulls().flags(null_);
      if ((flags & slot_flag::kFree) != 0 && !whole) {
        break;
      }
      if ((flags & (slot_flag::kDead | slot_flag::kFree)) == 0) {
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
  std::uint32_t slot_count = 0;
  std::uint32_t null_count = 0;
  {
    const AppendGate::Closed closed(gate_);
    old->suspend_reuse(true);
    slot_count = old->slots().count();
    null_count = old->nulls().count();
    const MutexLock lock(removed_mutex_);
    rebuilding_ = true;
    removed_meanwhile_.clear();
  }
  Status outcome = rebuild_from(*old, slot_count, null_count);
  if (!outcome.ok()) {
    old->suspend_reuse(false);
  }
  const MutexLock lock(removed_mutex_);
  rebuilding_ = false;
  removed_meanwhile_.clear();
  return outcome;
}

/// The first `slot_count` slots and `null_count` NULL entries are all published.
Status HnswIndex::rebuild_from(Generation& old, std::uint32_t slot_count,
                               std::uint32_t null_count) {
  OMEN_ASSIGN(std::shared_ptr<Generation> fresh,
              Generation::create(directory_, old.number() + 1, old.options()));
  EntryCopy copy(old, *fresh);
  progress_.begin(VectorIndexProgress::Phase::Loading, slot_count);
  OMEN_TRY(copy.run({slot_count, null_count}, true, stop_));
  OMEN_FAILPOINT("vector.rebuild.copied");
  if (fresh->wants_codes()) {
    OMEN_ASSIGN(const bool trained, fresh->train(1, stop_));
    if (trained) {
      OMEN_TRY(fresh->finish_training());
    }
    OMEN_TRY(link(fresh, 0, stop_));
    // Most of what came meanwhile, before writers have to wait for the rest.
    OMEN_TRY(copy.run(EntryCopy::ends_of(old), false, stop_));
  }
  OMEN_FAILPOINT("vector.rebuild.linked");
  const AppendGate::Closed closed(gate_);
  OMEN_TRY(copy.run(EntryCopy::ends_of(old), true, stop_));
  {
    const MutexLock lock(removed_mutex_);
    fresh->remove(removed_meanwhile_);
    removed_meanwhile_.clear();
  }
  OMEN_FAILPOINT("vector.rebuild.swap");
  old.set_damage_listener({});
  fresh->set_damage_listener([this] { wake(); });
  const MutexLock lock(state_mutex_);
  generation_ = std::move(fresh);
  Request none = Request::None;
  request_.compare_exchange_strong(none, Request::Checkpoint, std::memory_order_relaxed);
  verified_ = true;
  return {};
}

}  // namespace omen::engine
