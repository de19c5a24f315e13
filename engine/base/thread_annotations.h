#pragma once

#include <mutex>
#include <shared_mutex>

/// Clang's thread-safety analysis (-Wthread-safety): state which mutex guards which member.
#if defined(__clang__)
#define OMEN_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define OMEN_THREAD_ATTRIBUTE(x)
#endif
#define OMEN_CAPABILITY(x) OMEN_THREAD_ATTRIBUTE(capability(x))
#define OMEN_SCOPED_CAPABILITY OMEN_THREAD_ATTRIBUTE(scoped_lockable)
#define OMEN_GUARDED_BY(x) OMEN_THREAD_ATTRIBUTE(guarded_by(x))
#define OMEN_REQUIRES(...) OMEN_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define OMEN_EXCLUDES(...) OMEN_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define OMEN_ACQUIRE(...) OMEN_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define OMEN_RELEASE(...) OMEN_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define OMEN_NO_THREAD_ANALYSIS OMEN_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace omen::engine {

/// std::mutex with annotations; use with MutexLock and std::condition_variable_any.
class OMEN_CAPABILITY("mutex") Mutex {
 public:
  void lock() OMEN_ACQUIRE() { mutex_.lock(); }
  void unlock() OMEN_RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a Mutex for a scope. Is BasicLockable, so that a condition_variable_any can wait on it.
class OMEN_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) OMEN_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() OMEN_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  /// For condition_variable_any::wait only: the lock is held again when wait returns.
  void lock() OMEN_NO_THREAD_ANALYSIS { mutex_.lock(); }
  void unlock() OMEN_NO_THREAD_ANALYSIS { mutex_.unlock(); }

 private:
  Mutex& mutex_;
};

}  // namespace omen::engine
