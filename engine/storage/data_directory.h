#pragma once

#include <filesystem>

#include "engine/base/result.h"

namespace omen::engine {

/// The directory that holds everything of one engine, locked while it is open.
///
/// | name       | content                                                                   |
/// | ---------- | ------------------------------------------------------------------------- |
/// | FORMAT     | "omendb 2\n": what this directory is, and the version of everything in it |
/// | LOCK       | empty; flock'ed by the process that has the directory open                |
/// | store/     | RocksDB                                                                   |
/// | SYNCED     | what of the store is known to be durable: store_mark.h                    |
/// | vectors/   | a directory per vector index, named by its storage id; derived            |
class DataDirectory {
 public:
  DataDirectory() = default;
  /// Creates the directory if it does not exist or is empty. Refuses one that is in use, holds
  /// something else, or was written by another version; leaves it as it is then.
  static Result<DataDirectory> open(const std::filesystem::path& path);
  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&& other) noexcept;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

/// Replaces a file by `content`, atomically and durably.
Status write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace omen::engine
