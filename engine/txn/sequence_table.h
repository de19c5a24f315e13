#pragma once

#include <memory>
#include <unordered_map>

#include "engine/api/catalog.h"
#include "engine/base/thread_annotations.h"
#include "engine/storage/store.h"

namespace omen::engine {

/// Sequence counters by storage id. Not transactional. A value handed out is covered by a stored
/// record before anybody can commit what uses it: records run ahead by kAhead values, so that most
/// calls write nothing; a crash skips the rest, a clean stop does not.
///
/// **Threads:** any.
class SequenceTable {
 public:
  explicit SequenceTable(Store& store) : store_(store) {}

  /// LimitExceeded when the sequence is exhausted.
  Result<std::int64_t> next(const Sequence& sequence) OMEN_EXCLUDES(mutex_);
  Status set(const Sequence& sequence, std::int64_t value, bool is_called) OMEN_EXCLUDES(mutex_);
  /// last_value and is_called.
  Result<std::pair<std::int64_t, bool>> state(const Sequence& sequence) OMEN_EXCLUDES(mutex_);
  /// Stores exact counters, before a clean stop.
  Status save() OMEN_EXCLUDES(mutex_);
  void erase(std::uint64_t storage_id) OMEN_EXCLUDES(mutex_);

 private:
  static constexpr int kAhead = 32;
  struct Counter {
    std::int64_t last = 0;
    bool is_called = false;
    int stored_ahead = 0;  ///< values that may be handed out without a new record
  };
  Result<Counter*> load(const Sequence& sequence) OMEN_REQUIRES(mutex_);
  Status store(std::uint64_t storage_id, std::int64_t last, bool is_called);

  Store& store_;
  Mutex mutex_;
  std::unordered_map<std::uint64_t, Counter> counters_ OMEN_GUARDED_BY(mutex_);
};

}  // namespace omen::engine
