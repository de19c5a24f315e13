#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "engine/base/result.h"

/// What is known to be durable in a store, kept in the file SYNCED beside it. The file itself is
/// not synced: after a power failure it may be old, which only weakens the check. Integers are
/// big-endian.
///
/// | offset | bytes | field                                                       |
/// | ------ | ----- | ----------------------------------------------------------- |
/// | 0      | 8     | sequence number of the newest change known to be synced     |
/// | 8      | 8     | number of the manifest file                                 |
/// | 16     | 8     | bytes of it known to be synced                              |
/// | 24     | 8     | CRC-32C of the above                                        |
namespace omen::engine {

struct StoreMark {
  std::uint64_t sequence = 0;
  std::uint64_t manifest_number = 0;
  std::uint64_t manifest_bytes = 0;
};

/// The file that holds a store's mark, open for writing. Not thread-safe.
class StoreMarkFile {
 public:
  /// Creates the file if there is none.
  static Result<StoreMarkFile> open(const std::filesystem::path& path);
  StoreMarkFile() = default;
  ~StoreMarkFile();
  StoreMarkFile(StoreMarkFile&& other) noexcept;
  StoreMarkFile& operator=(StoreMarkFile&& other) noexcept;

  void write(const StoreMark& mark);

 private:
  int file_ = -1;
};

/// R15: ok if everything that `mark_path` says is durable is there, or may be created anew.
/// Corruption, with nothing changed in the directory, if opening the store for writing would start
/// with less: a damaged or truncated log or manifest, or none at all. Costs reading the write-ahead
/// logs once. Without a mark whatever is left counts as all.
///
/// `sequence_of_recovery` tells how far RocksDB itself would recover, without writing; asked only
/// when the logs alone do not reach the mark, as after a clean stop, when they are empty.
Status check_store(const std::filesystem::path& directory, const std::filesystem::path& mark_path,
                   const std::function<Result<std::uint64_t>()>& sequence_of_recovery);

/// Makes durable what the logs hold beyond the last sync: once recovered it may be built upon, and
/// a gap before later records would end the next recovery there.
Status sync_logs(const std::filesystem::path& directory);

}  // namespace omen::engine
