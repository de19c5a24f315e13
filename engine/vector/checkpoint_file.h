#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace omen::engine {

/// DiskFull or IoError by errno: "could not `what` vector index checkpoint: ...".
Status checkpoint_io_error(const std::string& what);
/// Corruption: "vector index checkpoint is damaged: `what`".
Status checkpoint_damaged(const std::string& what);

/// An open file of a checkpoint; written at its end through a buffer.
///
/// **Threads:** none of its own.
class CheckpointFile {
 public:
  /// NotFound if there is none.
  static Result<CheckpointFile> open(const std::filesystem::path& path);
  /// Empty, whatever was there before.
  static Result<CheckpointFile> create(const std::filesystem::path& path);
  /// To be written from `size_bytes` on.
  static Result<CheckpointFile> append_to(const std::filesystem::path& path,
                                          std::uint64_t size_bytes);
  CheckpointFile(CheckpointFile&& other) noexcept
      : file_(std::exchange(other.file_, -1)),
        end_(other.end_),
        buffer_(std::move(other.buffer_)) {}
  ~CheckpointFile();
  CheckpointFile(const CheckpointFile&) = delete;
  CheckpointFile& operator=(const CheckpointFile&) = delete;
  CheckpointFile& operator=(CheckpointFile&&) = delete;

  [[nodiscard]] int number() const { return file_; }
  Result<std::uint64_t> size_bytes() const;
  /// Corruption if the file is shorter.
  Status read(void* data, std::size_t size_bytes, std::uint64_t offset) const;

  Status add(const void* data, std::size_t size_bytes);
  /// Zeros up to a multiple of `unit`.
  Status align(std::size_t unit);
  [[nodiscard]] std::uint64_t end() const { return end_ + buffer_.size(); }
  /// Writes over what is there.
  Status write_at(const void* data, std::size_t size_bytes, std::uint64_t offset);
  /// Writes out the buffer and makes the file durable.
  Status sync();

 private:
  explicit CheckpointFile(int file) : file_(file) {}
  Status flush();

  int file_;
  std::uint64_t end_ = 0;
  std::vector<unsigned char> buffer_;
};

/// Makes names in a directory durable.
Status sync_directory(const std::filesystem::path& directory);

}  // namespace omen::engine
