#include "engine/txn/session_locks.h"

#include <algorithm>

namespace omen::engine {

LockTag advisory_tag(const AdvisoryKey& key) {
  return {key.is_pair ? LockTag::Kind::AdvisoryPair : LockTag::Kind::Advisory, key.value, {}};
}

TableLock advisory_mode(bool is_shared) {
  return is_shared ? TableLock::Share : TableLock::Exclusive;
}

LocalSessionLocks::~LocalSessionLocks() {
  unlock_all();
}

std::vector<LocalSessionLocks::Count>::iterator LocalSessionLocks::find(const LockTag& tag,
                                                                        TableLock mode) {
  return std::find_if(counts_.begin(), counts_.end(),
                      [&](const Count& count) { return count.mode == mode && count.tag == tag; });
}

Result<bool> LocalSessionLocks::lock(const AdvisoryRequest& request, const WaitLimit& limit) {
  const LockTag tag = advisory_tag(request.key);
  const TableLock mode = advisory_mode(request.is_shared);
  if (const auto held = find(tag, mode); held != counts_.end()) {
    ++held->times;
    return true;
  }
  if (!request.may_wait) {
    if (!core_.locks.try_lock(state_, held_, tag, mode)) {
      return false;
    }
  } else {
    OMEN_TRY(core_.locks.lock(state_, held_, tag, mode, limit));
  }
  counts_.push_back({tag, mode, 1});
  return true;
}

bool LocalSessionLocks::unlock(const AdvisoryKey& key, bool is_shared) {
  const LockTag tag = advisory_tag(key);
  const TableLock mode = advisory_mode(is_shared);
  const auto held = find(tag, mode);
  if (held == counts_.end()) {
    return false;
  }
  if (--held->times == 0) {
    core_.locks.release_one(state_, held_, tag, mode);
    counts_.erase(held);
  }
  return true;
}

void LocalSessionLocks::unlock_all() {
  counts_.clear();
  core_.locks.release(state_, held_, 0);
}

}  // namespace omen::engine
