#include "engine/base/failpoint.h"

#include <unistd.h>

#include <charconv>
#include <csignal>

#include "engine/base/thread_annotations.h"

namespace omen::engine {
namespace {

enum class Action : std::uint8_t { Count, Error, Kill };

struct Armed {
  Mutex mutex;
  std::string name OMEN_GUARDED_BY(mutex);
  std::uint64_t count OMEN_GUARDED_BY(mutex) = 0;
  Action action OMEN_GUARDED_BY(mutex) = Action::Count;
  std::uint64_t passed OMEN_GUARDED_BY(mutex) = 0;  ///< of the name armed
  std::map<std::string, std::uint64_t> passages OMEN_GUARDED_BY(mutex);
};

Armed& state() {
  static Armed armed;
  return armed;
}

}  // namespace

bool Failpoints::arm(std::string_view text) {
  Armed& armed = state();
  const MutexLock lock(armed.mutex);
  armed_.store(false, std::memory_order_relaxed);
  armed.passages.clear();
  armed.passed = 0;
  if (text.empty()) {
    return true;
  }
  const std::size_t first = text.find(':');
  const std::size_t second = text.find(':', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) {
    return false;
  }
  const std::string_view digits = text.substr(first + 1, second - first - 1);
  const std::string_view action = text.substr(second + 1);
  if (std::from_chars(digits.data(), digits.data() + digits.size(), armed.count).ec !=
          std::errc() ||
      (action != "kill" && action != "error" && action != "count")) {
    return false;
  }
  armed.name = text.substr(0, first);
  armed.action = action == "kill"    ? Action::Kill
                 : action == "error" ? Action::Error
                                     : Action::Count;
  armed_.store(true, std::memory_order_relaxed);
  return true;
}

std::map<std::string, std::uint64_t> Failpoints::passages() {
  Armed& armed = state();
  const MutexLock lock(armed.mutex);
  return armed.passages;
}

Status Failpoints::pass(const char* name) {
  Armed& armed = state();
  const MutexLock lock(armed.mutex);
  ++armed.passages[name];
  if ((armed.name != "*" && armed.name != name) || ++armed.passed != armed.count) {
    return {};
  }
  if (armed.action == Action::Kill) {
    ::kill(::getpid(), SIGKILL);
  }
  return armed.action == Action::Error
             ? Status(StatusCode::IoError, std::string("failpoint ") + name)
             : Status();
}

}  // namespace omen::engine
