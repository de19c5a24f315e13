#include "engine/vector/row_map.h"

#include <algorithm>
#include <utility>

namespace omen::engine {
namespace {

constexpr std::uintptr_t kHeightBits = 15;  // pages are aligned to 16

}  // namespace

struct RowMap::Leaf final : Page {
  std::atomic<std::uint32_t> cells[kFanout] = {};  ///< 0: none, else entry + 1
};

struct RowMap::Inner final : Page {
  std::atomic<Page*> children[kFanout] = {};
  ~Inner() override {
    for (std::atomic<Page*>& child : children) {
      delete child.load(std::memory_order_relaxed);
    }
  }
};

Result<RowMap> RowMap::create(std::size_t entries_max) {
  RowMap map;
  const std::size_t size_bytes = entries_max * sizeof(std::uint32_t);
  OMEN_ASSIGN(map.previous_slots_, ReservedArray::reserve(size_bytes, size_bytes));
  OMEN_ASSIGN(map.previous_nulls_, ReservedArray::reserve(size_bytes, size_bytes));
  return map;
}

RowMap::~RowMap() {
  delete reinterpret_cast<Page*>(root_.load(std::memory_order_relaxed) & ~kHeightBits);
}

RowMap& RowMap::operator=(RowMap&& other) noexcept {
  const std::uintptr_t root = root_.load(std::memory_order_relaxed);
  root_.store(other.root_.exchange(root, std::memory_order_relaxed), std::memory_order_release);
  previous_slots_ = std::move(other.previous_slots_);
  previous_nulls_ = std::move(other.previous_nulls_);
  page_bytes_.store(other.page_bytes_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  return *this;
}

std::atomic_ref<std::uint32_t> RowMap::previous_of(std::uint32_t entry) const {
  const ReservedArray& array = (entry & kNullEntry) != 0 ? previous_nulls_ : previous_slots_;
  auto* words = reinterpret_cast<std::uint32_t*>(const_cast<unsigned char*>(array.data()));
  return std::atomic_ref<std::uint32_t>(words[entry & ~kNullEntry]);
}

/// Most rows have one entry: a word that is right already is not written, so that its page of zeros
/// stays untouched.
void RowMap::set_previous(std::uint32_t entry, std::uint32_t older) {
  const std::atomic_ref<std::uint32_t> word = previous_of(entry);
  if (word.load(std::memory_order_relaxed) == older) {
    return;
  }
  word.store(older, std::memory_order_relaxed);
  const std::uint64_t end = std::uint64_t{entry & ~kNullEntry} + 1;
  chained_.fetch_add(1, std::memory_order_relaxed);
  chain_end_.store(std::max(chain_end_.load(std::memory_order_relaxed), end),
                   std::memory_order_relaxed);
}

std::uint32_t RowMap::newest(RowId row_id) const {
  const std::uintptr_t root = root_.load(std::memory_order_acquire);
  auto* page = reinterpret_cast<Page*>(root & ~kHeightBits);
  auto height = static_cast<unsigned>(root & kHeightBits);
  if (page == nullptr || ((row_id >> (kBits * height)) >> kBits) != 0) {
    return kNone;
  }
  for (; height > 0; --height) {
    const std::size_t child = (row_id >> (kBits * height)) % kFanout;
    page = static_cast<Inner*>(page)->children[child].load(std::memory_order_acquire);
    if (page == nullptr) {
      return kNone;
    }
  }
  return static_cast<Leaf*>(page)->cells[row_id % kFanout].load(std::memory_order_acquire) - 1;
}

/// The pages that lead to the row's cell; false if there are none.
bool RowMap::find(RowId row_id, Path& path) const {
  const std::uintptr_t root = root_.load(std::memory_order_relaxed);
  auto* page = reinterpret_cast<Page*>(root & ~kHeightBits);
  auto height = static_cast<unsigned>(root & kHeightBits);
  if (page == nullptr || ((row_id >> (kBits * height)) >> kBits) != 0) {
    return false;
  }
  for (; height > 0; --height) {
    path.inner[height] = static_cast<Inner*>(page);
    const std::size_t child = (row_id >> (kBits * height)) % kFanout;
    page = path.inner[height]->children[child].load(std::memory_order_relaxed);
    if (page == nullptr) {
      return false;
    }
  }
  path.leaf = static_cast<Leaf*>(page);
  return true;
}

/// The row's cell, made if need be.
std::atomic<std::uint32_t>& RowMap::cell(RowId row_id) {
  const auto make = [this](Page* page, std::size_t size_bytes) {
    page_bytes_.fetch_add(size_bytes, std::memory_order_relaxed);
    return page;
  };
  std::uintptr_t root = root_.load(std::memory_order_relaxed);
  if (root == 0) {
    root = reinterpret_cast<std::uintptr_t>(make(new Leaf, sizeof(Leaf)));
    root_.store(root, std::memory_order_release);
  }
  while (((row_id >> (kBits * (root & kHeightBits))) >> kBits) != 0) {
    auto* above = new Inner;
    above->children[0].store(reinterpret_cast<Page*>(root & ~kHeightBits),
                             std::memory_order_relaxed);
    above->used = 1;
    root =
        reinterpret_cast<std::uintptr_t>(make(above, sizeof(Inner))) | ((root & kHeightBits) + 1);
    root_.store(root, std::memory_order_release);
  }
  auto* page = reinterpret_cast<Page*>(root & ~kHeightBits);
  for (auto height = static_cast<unsigned>(root & kHeightBits); height > 0; --height) {
    auto* inner = static_cast<Inner*>(page);
    std::atomic<Page*>& child = inner->children[(row_id >> (kBits * height)) % kFanout];
    page = child.load(std::memory_order_relaxed);
    if (page == nullptr) {
      page = height > 1 ? make(new Inner, sizeof(Inner)) : make(new Leaf, sizeof(Leaf));
      child.store(page, std::memory_order_release);
      ++inner->used;
    }
  }
  return static_cast<Leaf*>(page)->cells[row_id % kFanout];
}

void RowMap::count_cell(RowId row_id) {
  Path path;
  if (find(row_id, path)) {
    ++path.leaf->used;
  }
}

void RowMap::erase(std::uint32_t entry, RowId row_id, Pages& unused) {
  Path path;
  if (!find(row_id, path)) {
    return;
  }
  std::atomic<std::uint32_t>& head = path.leaf->cells[row_id % kFanout];
  const std::uint32_t older = previous_of(entry).load(std::memory_order_relaxed);
  std::uint32_t at = head.load(std::memory_order_relaxed);
  if (at != entry + 1) {
    for (; at != 0; at = previous_of(at - 1).load(std::memory_order_relaxed)) {
      if (previous_of(at - 1).load(std::memory_order_relaxed) == entry + 1) {
        previous_of(at - 1).store(older, std::memory_order_release);
        return;
      }
    }
    return;
  }
  head.store(older, std::memory_order_release);
  if (older != 0 || --path.leaf->used > 0) {
    return;
  }
  // Empty pages leave from below; the root stays, whatever it holds.
  Page* page = path.leaf;
  std::size_t size_bytes = sizeof(Leaf);
  const auto height_max =
      static_cast<unsigned>(root_.load(std::memory_order_relaxed) & kHeightBits);
  for (unsigned height = 1; height <= height_max; ++height) {
    Inner* inner = path.inner[height];
    inner->children[(row_id >> (kBits * height)) % kFanout].store(nullptr,
                                                                  std::memory_order_release);
    page_bytes_.fetch_sub(size_bytes, std::memory_order_relaxed);
    unused.emplace_back(page);
    if (--inner->used > 0) {
      return;
    }
    page = inner;
    size_bytes = sizeof(Inner);
  }
}

}  // namespace omen::engine
