#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/result.h"

namespace omen::engine {

/// A run of zeroed memory whose address never changes: address space is taken at once, pages when
/// they are touched, so that readers need no lock while a writer fills it from the front.
///
/// **Threads:** the object is set up by one; the bytes are the owner's to synchronise.
class ReservedArray {
 public:
  ReservedArray() = default;
  /// Takes up to `bytes_max` of address space, less if the system grants less, at least
  /// `bytes_min`; OutOfMemory if not even that.
  static Result<ReservedArray> reserve(std::size_t bytes_max, std::size_t bytes_min);
  ~ReservedArray();
  ReservedArray(ReservedArray&& other) noexcept;
  ReservedArray& operator=(ReservedArray&& other) noexcept;
  ReservedArray(const ReservedArray&) = delete;
  ReservedArray& operator=(const ReservedArray&) = delete;

  /// Replaces the first `size_bytes` by a private (copy on write) mapping of `file` from
  /// `offset` (a multiple of the page size). Bytes behind the end in the last page become zero.
  Status map_file(int file, std::size_t offset, std::size_t size_bytes);
  /// Asks for huge pages once `used_bytes` makes them worth it.
  void advise(std::size_t used_bytes);

  [[nodiscard]] unsigned char* data() { return data_; }
  [[nodiscard]] const unsigned char* data() const { return data_; }
  [[nodiscard]] std::size_t capacity_bytes() const { return capacity_bytes_; }

 private:
  unsigned char* data_ = nullptr;
  std::size_t capacity_bytes_ = 0;
  std::size_t advised_bytes_ = 0;
};

/// Twice the machine's memory, at least 1 GB: what an index of this process could ever fill.
std::size_t reservation_bytes();
/// Of this machine.
std::size_t machine_memory_bytes();

}  // namespace omen::engine
