#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace omen::engine {

/// Named places at which a test ends the process or makes a call fail. Off, a place costs one load
/// of a flag that never changes; none lies in a loop over data.
///
/// Armed by text, "NAME:COUNT:ACTION": at the COUNT-th passage (from 1) of NAME, or of any place if
/// NAME is "*", the ACTION is taken: `kill` (SIGKILL to this process), `error` (IoError, where the
/// place can fail) or `count` (nothing).
///
/// **Threads:** arming by one while nobody passes; passing by any.
class Failpoints {
 public:
  /// Replaces what was armed; "" disarms. False if the text makes no sense.
  static bool arm(std::string_view text);
  /// Passages of each place since it was armed.
  static std::map<std::string, std::uint64_t> passages();

  [[nodiscard]] static bool armed() { return armed_.load(std::memory_order_relaxed); }
  /// For OMEN_FAILPOINT: counts, and acts.
  static Status pass(const char* name);

 private:
  static inline std::atomic<bool> armed_{false};
};

}  // namespace omen::engine

/// In a function that returns Status or Result.
#define OMEN_FAILPOINT(name)                            \
  do {                                                  \
    if (::omen::engine::Failpoints::armed()) {          \
      OMEN_TRY(::omen::engine::Failpoints::pass(name)); \
    }                                                   \
  } while (false)
/// Where nothing can fail.
#define OMEN_KILLPOINT(name)                        \
  do {                                              \
    if (::omen::engine::Failpoints::armed()) {      \
      (void)::omen::engine::Failpoints::pass(name); \
    }                                               \
  } while (false)
