#include "engine/base/arena.h"

#include <algorithm>
#include <cstdint>

namespace omen::engine {
namespace {
constexpr std::size_t kFirstBlockBytes = 4096;
constexpr std::size_t kBlockBytesMax = std::size_t{1} << 20;
}  // namespace

void* Arena::allocate(std::size_t size_bytes, std::size_t alignment) {
  auto align_up = [alignment](std::byte* p) {
    const auto value = reinterpret_cast<std::uintptr_t>(p);
    return reinterpret_cast<std::byte*>((value + alignment - 1) & ~(alignment - 1));
  };
  std::byte* start = align_up(next_);
  if (next_ == nullptr || start + size_bytes > end_) {
    add_block(size_bytes + alignment);
    start = align_up(next_);
  }
  next_ = start + size_bytes;
  return start;
}

void Arena::add_block(std::size_t size_min) {
  std::size_t capacity =
      blocks_.empty() ? kFirstBlockBytes : std::min(blocks_.back().capacity * 2, kBlockBytesMax);
  capacity = std::max(capacity, size_min);
  blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(capacity), capacity});
  next_ = blocks_.back().bytes.get();
  end_ = next_ + capacity;
  total_bytes_ += capacity;
}

void Arena::clear() {
  while (!cleanups_.empty()) {
    const Cleanup cleanup = cleanups_.back();
    cleanups_.pop_back();
    cleanup.destroy(cleanup.object);
  }
  if (blocks_.empty()) {
    return;
  }
  blocks_.resize(1);
  next_ = blocks_.front().bytes.get();
  end_ = next_ + blocks_.front().capacity;
  total_bytes_ = blocks_.front().capacity;
}

}  // namespace omen::engine
