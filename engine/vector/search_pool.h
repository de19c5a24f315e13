#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "engine/kernels/kernels.h"

namespace omen::engine {

struct Candidate {
  float distance = 0;
  std::uint32_t id = 0;
  friend bool operator<(const Candidate& a, const Candidate& b) { return a.distance < b.distance; }
};

/// The best `capacity` candidates seen, ascending; bit 31 of an id marks it as expanded.
class SearchPool {
 public:
  static constexpr std::uint32_t kExpanded = std::uint32_t{1} << 31;

  void reset(std::size_t capacity) {
    capacity_ = capacity;
    size_ = 0;
    cursor_ = 0;
    if (ids_.size() < capacity) {
      distances_.resize(capacity + kMergeUnit);
      ids_.resize(capacity);
    }
    std::fill_n(distances_.begin(), capacity + kMergeUnit, kBeyond);
  }

  /// Enters those of `count` candidates that are among the best; a NaN never is.
  void insert(const float* distances, const std::uint32_t* ids, std::size_t count) {
    if (fresh_ids_.size() < count + 1) {
      fresh_distances_.resize(count + kMergeUnit);
      fresh_ids_.resize(count + 1);
      places_.resize(count);
      order_.resize(count);
    }
    const float worst = limit();
    // Whether a candidate is good enough is anybody's guess: no branch.
    std::size_t fresh = 0;
    for (std::size_t i = 0; i < count; ++i) {
      fresh_distances_[fresh] = distances[i];
      fresh_ids_[fresh] = ids[i];
      fresh += static_cast<std::size_t>(distances[i] < worst);
    }
    if (fresh > 0) {
      std::fill_n(fresh_distances_.begin() + static_cast<std::ptrdiff_t>(fresh), kMergeUnit,
                  kBeyond);
      kernels().merge_order(distances_.data(), size_, fresh_distances_.data(), fresh,
                            places_.data(), order_.data());
      merge(fresh);
    }
  }

  /// What enters must be nearer than this.
  [[nodiscard]] float limit() const { return size_ == capacity_ ? distances_[size_ - 1] : kBeyond; }

  [[nodiscard]] bool has_next() const { return cursor_ < size_; }
  /// The nearest candidate not expanded; has_next() must hold.
  [[nodiscard]] std::uint32_t peek() const { return ids_[cursor_]; }
  /// Marks it as expanded and returns it.
  std::uint32_t pop() {
    const std::uint32_t id = ids_[cursor_];
    ids_[cursor_] |= kExpanded;
    while (cursor_ < size_ && (ids_[cursor_] & kExpanded) != 0) {
      ++cursor_;
    }
    return id;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::uint32_t id(std::size_t i) const { return ids_[i] & ~kExpanded; }
  [[nodiscard]] float distance(std::size_t i) const { return distances_[i]; }

 private:
  static constexpr float kBeyond = std::numeric_limits<float>::infinity();

  /// Puts the first `count` fresh candidates before the items at places_; what does not fit falls
  /// off the end.
  void merge(std::size_t count) {
    const std::size_t size = std::min(size_ + count, capacity_);
    while (places_[count - 1] + count > size) {
      if (--count == 0) {
        return;
      }
    }
    std::size_t end = std::min(size_, size - count);
    for (std::size_t i = count; i-- > 0;) {
      const std::size_t place = places_[i];
      move_up(distances_.data(), place, end, i + 1);
      move_up(ids_.data(), place, end, i + 1);
      distances_[place + i] = fresh_distances_[order_[i]];
      ids_[place + i] = fresh_ids_[order_[i]];
      end = place;
    }
    size_ = size;
    cursor_ = std::min<std::size_t>(cursor_, places_[0]);
  }

  /// Moves items [begin, end) up by `shift` places: memmove without its call.
  template <typename Item>
  static void move_up(Item* items, std::size_t begin, std::size_t end, std::size_t shift) {
    constexpr std::size_t kUnit = 8;
    for (; end - begin >= kUnit; end -= kUnit) {
      Item unit[kUnit];
      std::memcpy(unit, items + end - kUnit, sizeof(unit));
      std::memcpy(items + end - kUnit + shift, unit, sizeof(unit));
    }
    for (; end > begin; --end) {
      items[end - 1 + shift] = items[end - 1];
    }
  }

  std::vector<float> distances_;
  std::vector<std::uint32_t> ids_;
  std::vector<float> fresh_distances_;  ///< scratch, as are the next three
  std::vector<std::uint32_t> fresh_ids_;
  std::vector<std::uint32_t> places_;
  std::vector<std::uint32_t> order_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t cursor_ = 0;
};

/// Which ids have been met in this round: one byte each, compared with the round's number.
class VisitedSet {
 public:
  /// Starts a round over ids below `count`.
  void start(std::size_t count) {
    if (marks_.size() < count) {
      marks_.resize(std::max(count, marks_.size() * 2));
    }
    if (++round_ == 0) {
      std::fill(marks_.begin(), marks_.end(), std::uint8_t{0});
      round_ = 1;
    }
  }
  /// True the first time in a round.
  bool insert(std::uint32_t id) {
    if (marks_[id] == round_) {
      return false;
    }
    marks_[id] = round_;
    return true;
  }
  [[nodiscard]] bool contains(std::uint32_t id) const { return marks_[id] == round_; }
  /// The marks of this round, for loops: id is in the set if marks()[id] == round().
  [[nodiscard]] std::uint8_t* marks() { return marks_.data(); }
  [[nodiscard]] std::uint8_t round() const { return round_; }

 private:
  std::vector<std::uint8_t> marks_;
  std::uint8_t round_ = 0;
};

}  // namespace omen::engine
