#include "engine/txn/id_allocator.h"

#include "engine/storage/keys.h"

namespace omen::engine {

Status IdAllocator::load(const Store& store) {
  const MutexLock lock(mutex_);
  std::string value;
  OMEN_ASSIGN(const bool found, store.get(Family::Meta, name_, value));
  if (!found) {
    return {};
  }
  if (value.size() != 8) {
    return {StatusCode::Corruption, "stored reservation \"" + name_ + "\" is damaged"};
  }
  reserved_end_ = load_be64(value.data());
  next_.store(reserved_end_, std::memory_order_release);
  return {};
}

Result<std::uint64_t> IdAllocator::allocate(Store& store, std::uint64_t count) {
  const MutexLock lock(mutex_);
  const std::uint64_t first = next_.load(std::memory_order_relaxed);
  if (first + count > reserved_end_) {
    const std::uint64_t end = first + count + block_size_;
    Batch batch(store, WriteKind::Reserve);
    batch.put(Family::Meta, name_, be64_key(end));
    OMEN_TRY(store.write(batch));
    OMEN_TRY(store.sync());
    reserved_end_ = end;
  }
  next_.store(first + count, std::memory_order_release);
  return first;
}

}  // namespace omen::engine
