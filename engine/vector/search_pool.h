#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

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
    if (items_.size() < capacity + 1) {
      items_.resize(capacity + 1);
    }
  }

  /// Enters a candidate if it is among the best; a NaN never is.
  void insert(float distance, std::uint32_t id) {
    if (size_ == capacity_) {
      if (!(distance < items_[size_ - 1].distance)) {
        return;
      }
      --size_;
    }
    Candidate* const items = items_.data();
    // A branch here would be mispredicted half of the time; the empty statement keeps the compiler
    // from making one of the mask.
    std::size_t place = 0;
    for (std::size_t left = size_; left > 0;) {
      const std::size_t half = (left + 1) / 2;
      auto mask = -static_cast<std::size_t>(items[place + half - 1].distance <= distance);
      asm("" : "+r"(mask));
      place += half & mask;
      left -= half;
    }
    std::memmove(items + place + 1, items + place, (size_ - place) * sizeof(Candidate));
    items[place] = {distance, id};
    ++size_;
    cursor_ = std::min(cursor_, place);
  }
  /// Enters `count` candidates.
  void insert_all(const float* distances, const std::uint32_t* ids, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (size_ < capacity_ || distances[i] < items_[size_ - 1].distance) {
        insert(distances[i], ids[i]);
      }
    }
  }

  [[nodiscard]] bool has_next() const { return cursor_ < size_; }
  /// The nearest candidate not expanded; has_next() must hold.
  [[nodiscard]] std::uint32_t peek() const { return items_[cursor_].id; }
  /// Marks it as expanded and returns it.
  std::uint32_t pop() {
    const std::uint32_t id = items_[cursor_].id;
    items_[cursor_].id |= kExpanded;
    while (cursor_ < size_ && (items_[cursor_].id & kExpanded) != 0) {
      ++cursor_;
    }
    return id;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::uint32_t id(std::size_t i) const { return items_[i].id & ~kExpanded; }
  [[nodiscard]] float distance(std::size_t i) const { return items_[i].distance; }

 private:
  std::vector<Candidate> items_;
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
