#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "engine/base/result.h"

/// RocksDB's log format, of write-ahead logs and manifests. A file is blocks of 32 KB; a record is
/// one fragment, or a first, middle ones and a last. No fragment crosses a block; a rest of a block
/// too short for a header is zero. Integers are little-endian.
///
/// | offset | bytes  | field                                                                   |
/// | ------ | ------ | ----------------------------------------------------------------------- |
/// | 0      | 4      | CRC-32C of type and payload, rotated right by 15 plus a282ead8          |
/// | 4      | 2      | bytes of the payload                                                    |
/// | 6      | 1      | type: 1 whole, 2 first, 3 middle, 4 last                                |
/// | 7      | .      | payload                                                                 |
///
/// A write-ahead log's record begins with the sequence number of its first change (8) and the
/// number of changes (4).
namespace omen::engine {

struct LogFileState {
  std::uint64_t whole_bytes = 0;  ///< up to here every record is whole and undamaged
  std::uint64_t size_bytes = 0;   ///< of the file
};

/// Reads a file up to its end or the first record that is not whole, and hands `first_fragment` the
/// payload of each record's first fragment (at least the record's first bytes). Changes nothing.
/// Fails only if the file cannot be read.
Result<LogFileState> read_log_file(const std::filesystem::path& path,
                                   const std::function<void(std::string_view)>& first_fragment);

}  // namespace omen::engine
