#include "engine/txn/row_locks.h"

#include <algorithm>

namespace omen::engine {

KeyLatches::Guard::Guard(KeyLatches& latches, std::vector<std::uint32_t>& stripes)
    : latches_(latches), stripes_(stripes) {
  std::sort(stripes.begin(), stripes.end());
  stripes.erase(std::unique(stripes.begin(), stripes.end()), stripes.end());
  for (const std::uint32_t stripe : stripes_) {
    latches_.latches_[stripe].lock();
  }
}

KeyLatches::Guard::~Guard() {
  for (const std::uint32_t stripe : stripes_) {
    latches_.latches_[stripe].unlock();
  }
}

}  // namespace omen::engine
