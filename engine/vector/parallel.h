#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace omen::engine {

/// Calls work(begin, end, worker) for consecutive ranges of [first, last) on `threads` threads, the
/// caller's included, until all are done; `work` returns false to stop everybody.
template <typename Work>
void for_ranges(std::uint32_t first, std::uint32_t last, std::uint32_t range, unsigned threads,
                const Work& work) {
  std::atomic<std::uint64_t> next{first};
  std::atomic<bool> stop{false};
  const auto run = [&](unsigned worker) {
    while (!stop.load(std::memory_order_relaxed)) {
      const std::uint64_t begin = next.fetch_add(range, std::memory_order_relaxed);
      if (begin >= last) {
        return;
      }
      const auto end = static_cast<std::uint32_t>(begin + range < last ? begin + range : last);
      if (!work(static_cast<std::uint32_t>(begin), end, worker)) {
        stop.store(true, std::memory_order_relaxed);
      }
    }
  };
  std::vector<std::jthread> helpers;
  for (unsigned worker = 1; worker < threads; ++worker) {
    helpers.emplace_back(run, worker);
  }
  run(0);
}

}  // namespace omen::engine
