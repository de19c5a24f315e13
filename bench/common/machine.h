#pragma once

#include <string>

namespace omen::bench {

/// The processor's name, or "unknown".
std::string machine_name();
/// Processes that want to run, averaged over the last minute: above the number of processors, wall
/// times mean little.
double load_average();

/// CPU seconds of the calling thread, and of the whole process with its ended threads.
double thread_cpu_seconds();
double process_cpu_seconds();
/// Of a clock that only goes forward.
double wall_seconds();

}  // namespace omen::bench
