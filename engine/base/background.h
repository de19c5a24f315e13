#pragma once

#include <sys/resource.h>

namespace omen::engine {

/// Lets the calling thread, and threads it starts from now on, yield the processor to whoever waits
/// for an answer or a commit. They still get a tenth of it (setpriority(2); on Linux it is the
/// thread's own).
inline void enter_background() {
  constexpr int kNice = 10;
  // Refused, the thread competes as before.
  (void)::setpriority(PRIO_PROCESS, 0, kNice);
}

}  // namespace omen::engine
