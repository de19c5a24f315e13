#pragma once

#include <cstdint>
#include <vector>

#include "engine/vector/vector_index.h"

namespace omen::engine {

/// Finds the entry of a VectorKey: an open-addressing table of 32-bit entry numbers, whose keys lie
/// with the entries themselves (`KeyOf`: entry -> VectorKey). Nothing is ever taken out.
///
/// **Threads:** none of its own; its owner locks.
class KeyMap {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  template <typename KeyOf>
  void insert(std::uint32_t entry, const VectorKey& key, const KeyOf& key_of) {
    if ((count_ + 1) * 10 > cells_.size() * 7) {
      grow(key_of);
    }
    place(entry, key);
    ++count_;
  }

  template <typename KeyOf>
  [[nodiscard]] std::uint32_t find(const VectorKey& key, const KeyOf& key_of) const {
    if (cells_.empty()) {
      return kNone;
    }
    for (std::size_t cell = hash(key) & mask();; cell = (cell + 1) & mask()) {
      if (cells_[cell] == kNone || key_of(cells_[cell]) == key) {
        return cells_[cell];
      }
    }
  }

  [[nodiscard]] std::size_t memory_bytes() const { return cells_.size() * sizeof(std::uint32_t); }

 private:
  [[nodiscard]] std::size_t mask() const { return cells_.size() - 1; }

  static std::size_t hash(const VectorKey& key) {
    std::uint64_t mixed = key.row_id * 0x9E3779B97F4A7C15U ^ (key.xid + 0x7F4A7C15U);
    mixed = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93U;
    return static_cast<std::size_t>(mixed ^ (mixed >> 32));
  }

  void place(std::uint32_t entry, const VectorKey& key) {
    std::size_t cell = hash(key) & mask();
    while (cells_[cell] != kNone) {
      cell = (cell + 1) & mask();
    }
    cells_[cell] = entry;
  }

  template <typename KeyOf>
  void grow(const KeyOf& key_of) {
    std::vector<std::uint32_t> old(cells_.empty() ? 64 : cells_.size() * 2, kNone);
    old.swap(cells_);
    for (const std::uint32_t entry : old) {
      if (entry != kNone) {
        place(entry, key_of(entry));
      }
    }
  }

  std::vector<std::uint32_t> cells_;
  std::size_t count_ = 0;
};

}  // namespace omen::engine
