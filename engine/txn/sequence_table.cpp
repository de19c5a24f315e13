#include "engine/txn/sequence_table.h"

#include <optional>

#include "engine/storage/keys.h"

namespace omen::engine {
namespace {

/// The value after `last`; nullopt past the limit of a sequence that does not cycle.
std::optional<std::int64_t> advance(const Sequence& sequence, std::int64_t last) {
  std::int64_t next = 0;
  const bool overflow = __builtin_add_overflow(last, sequence.increment, &next);
  if (sequence.increment > 0) {
    if (!overflow && next <= sequence.max) {
      return next;
    }
    return sequence.cycle ? std::optional(sequence.min) : std::nullopt;
  }
  if (!overflow && next >= sequence.min) {
    return next;
  }
  return sequence.cycle ? std::optional(sequence.max) : std::nullopt;
}

}  // namespace

Status SequenceTable::store(std::uint64_t storage_id, std::int64_t last, bool is_called) {
  std::string value;
  append_be64(value, static_cast<std::uint64_t>(last));
  value.push_back(is_called ? '\1' : '\0');
  Batch batch(store_, WriteKind::Sequence);
  batch.put(Family::Sequences, be64_key(storage_id), value);
  return store_.write(batch);
}

Result<SequenceTable::Counter*> SequenceTable::load(const Sequence& sequence) {
  const auto found = counters_.find(sequence.storage_id);
  if (found != counters_.end()) {
    return &found->second;
  }
  Counter counter{sequence.start, false, 0};
  std::string value;
  OMEN_ASSIGN(const bool stored,
              store_.get(Family::Sequences, be64_key(sequence.storage_id), value));
  if (stored) {
    if (value.size() != 9) {
      return Status(StatusCode::Corruption, "stored sequence is damaged");
    }
    counter.last = static_cast<std::int64_t>(load_be64(value.data()));
    counter.is_called = value[8] != 0;
  }
  return &counters_.emplace(sequence.storage_id, counter).first->second;
}

Result<std::int64_t> SequenceTable::next(const Sequence& sequence) {
  const MutexLock lock(mutex_);
  OMEN_ASSIGN(Counter* const counter, load(sequence));
  std::int64_t value = counter->last;
  if (counter->is_called) {
    const std::optional<std::int64_t> next = advance(sequence, counter->last);
    if (!next.has_value()) {
      const bool up = sequence.increment > 0;
      return Status(StatusCode::LimitExceeded,
                    std::string("nextval: reached ") + (up ? "maximum" : "minimum") +
                        " value of sequence \"" + sequence.name + "\" (" +
                        std::to_string(up ? sequence.max : sequence.min) + ")");
    }
    value = *next;
  }
  if (counter->stored_ahead == 0) {
    std::int64_t ahead = value;
    int count = 0;
    while (count < kAhead) {
      const std::optional<std::int64_t> next = advance(sequence, ahead);
      // A record must not run past the end: after a crash the last values would be lost.
      if (!next.has_value() || (sequence.increment > 0) != (*next > ahead)) {
        break;
      }
      ahead = *next;
      ++count;
    }
    OMEN_TRY(store(sequence.storage_id, ahead, true));
    counter->stored_ahead = count;
  } else {
    --counter->stored_ahead;
  }
  counter->last = value;
  counter->is_called = true;
  return value;
}

Status SequenceTable::set(const Sequence& sequence, std::int64_t value, bool is_called) {
  const MutexLock lock(mutex_);
  OMEN_ASSIGN(Counter* const counter, load(sequence));
  OMEN_TRY(store(sequence.storage_id, value, is_called));
  *counter = {value, is_called, 0};
  return {};
}

Result<std::pair<std::int64_t, bool>> SequenceTable::state(const Sequence& sequence) {
  const MutexLock lock(mutex_);
  OMEN_ASSIGN(const Counter* const counter, load(sequence));
  return std::pair(counter->last, counter->is_called);
}

Status SequenceTable::save() {
  const MutexLock lock(mutex_);
  for (auto& [storage_id, counter] : counters_) {
    if (counter.stored_ahead > 0) {
      OMEN_TRY(store(storage_id, counter.last, counter.is_called));
      counter.stored_ahead = 0;
    }
  }
  return {};
}

void SequenceTable::erase(std::uint64_t storage_id) {
  const MutexLock lock(mutex_);
  counters_.erase(storage_id);
}

}  // namespace omen::engine
