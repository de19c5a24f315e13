#pragma once

namespace omen::engine {

/// Logs the failed condition with its place and aborts. `kill -9` is safe by design, so is this.
[[noreturn]] void assertion_failed(const char* condition, const char* why, const char* file,
                                   int line);

}  // namespace omen::engine

/// A bug that may have hurt shared state. On in every build.
#define OMEN_ASSERT(condition, why) \
  (static_cast<bool>(condition)     \
       ? static_cast<void>(0)       \
       : ::omen::engine::assertion_failed(#condition, why, __FILE__, __LINE__))
