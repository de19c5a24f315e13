#pragma once

namespace omen::engine {

/// Marks a stretch in which this thread may block (lock wait, fsync, disk read), so that the
/// server's thread pool can add a thread meanwhile. Nests; costs nothing without a listener.
class BlockingScope {
 public:
  BlockingScope() {
    if (listener.entered != nullptr) {
      listener.entered();
    }
  }
  ~BlockingScope() {
    if (listener.left != nullptr) {
      listener.left();
    }
  }
  BlockingScope(const BlockingScope&) = delete;
  BlockingScope& operator=(const BlockingScope&) = delete;

  /// Set once at start-up by the server, before any statement runs.
  struct Listener {
    void (*entered)();
    void (*left)();
  };
  static inline Listener listener{nullptr, nullptr};
};

}  // namespace omen::engine
