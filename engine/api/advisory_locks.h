#pragma once

#include <cstdint>

namespace omen::engine {

/// What an advisory lock is about: a bigint, or a pair of integers, which is another name space.
struct AdvisoryKey {
  std::uint64_t value = 0;
  bool is_pair = false;
};

struct AdvisoryRequest {
  AdvisoryKey key;
  bool is_shared = false;
  bool is_of_session = false;  ///< held until unlocked; else until the transaction ends
  bool may_wait = true;        ///< else false comes back at once
};

/// The advisory locks of one session that outlive its transactions, which name it in their options.
/// Held as often as they were taken; all are released when this goes.
///
/// **Threads:** its session's. For deadlocks the session and its transaction are one.
class SessionLocks {
 public:
  virtual ~SessionLocks() = default;
  /// Gives a lock back once; false if it is not held.
  virtual bool unlock(const AdvisoryKey& key, bool is_shared) = 0;
  virtual void unlock_all() = 0;
};

}  // namespace omen::engine
