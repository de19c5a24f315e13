#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace omen::sql {

/// A nameless file for rows that do not fit into memory; gone with the object. Not thread-safe.
class TempFile {
 public:
  TempFile() = default;
  ~TempFile();
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  /// Appends and returns the offset. Throws 53100 on a full disk, 58030 on other failures.
  std::uint64_t append(std::string_view bytes);
  /// Replaces `out` by `size_bytes` bytes at `offset`.
  void read(std::uint64_t offset, std::size_t size_bytes, std::string& out) const;
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  int file_ = -1;
  std::uint64_t size_bytes_ = 0;
};

}  // namespace omen::sql
