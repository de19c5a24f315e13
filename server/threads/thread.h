#pragma once

#include <pthread.h>

#include <functional>
#include <memory>
#include <system_error>

namespace omen::server {

/// A thread with an explicit stack: parser, binder and evaluator are recursive, and their depth
/// limits are set for this size, whatever `ulimit -s` says. join() must be called before the end.
class Thread {
 public:
  static constexpr std::size_t kStackBytes = std::size_t{16} << 20;

  explicit Thread(std::function<void()> body) {
    auto start = std::make_unique<std::function<void()>>(std::move(body));
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackBytes);
    const int error = pthread_create(&handle_, &attributes, &Thread::run, start.get());
    pthread_attr_destroy(&attributes);
    if (error != 0) {
      throw std::system_error(error, std::generic_category(), "could not start a thread");
    }
    // NOLINTNEXTLINE(bugprone-unused-return-value): run() owns it
    static_cast<void>(start.release());
  }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  void join() { pthread_join(handle_, nullptr); }

 private:
  static void* run(void* argument) {
    const std::unique_ptr<std::function<void()>> body(
        static_cast<std::function<void()>*>(argument));
    (*body)();
    return nullptr;
  }

  pthread_t handle_{};
};

}  // namespace omen::server
