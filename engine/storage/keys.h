#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/base/types.h"

/// Keys of the store. Integers are big-endian, so that memcmp order is numeric order; an xid is
/// stored complemented (~) where the newest version must come first.
///
/// | family    | key                                            | value                        |
/// | --------- | ---------------------------------------------- | ---------------------------- |
/// | meta      | name                                           | be64, see txn/id_allocator.h |
/// | meta      | "rows/", storage 8                             | be64 live rows               |
/// | rows      | storage 8, row 8, ~xid 8                       | row version: row_format.h    |
/// | wide      | storage 8, column 2, row 8, ~xid 8             | the value's bytes            |
/// | index     | storage 8, key (key_encoding.h), row 8, ~xid 8 | empty                        |
/// | commits   | xid 8                                          | txn/commit_record.h          |
/// | garbage   | xid 8, kind 1, storage 8, row 8                | be64 row count, or empty     |
/// | changes   | index storage 8, xid 8, row 8, value xid 8     | 'a' appended or 'r' removed  |
/// | sequences | storage 8                                      | be64 last value, called 1    |
namespace omen::engine {

constexpr std::size_t kRowPrefixBytes = 16;
/// Bytes values from this size on live in the wide family.
constexpr std::size_t kWideBytesMin = 256;
constexpr Xid kXidMax = ~Xid{0};

inline void store_be64(char* target, std::uint64_t value) {
  const std::uint64_t swapped = __builtin_bswap64(value);
  std::memcpy(target, &swapped, sizeof swapped);
}
inline std::uint64_t load_be64(const char* source) {
  std::uint64_t value = 0;
  std::memcpy(&value, source, sizeof value);
  return __builtin_bswap64(value);
}
inline void append_be64(std::string& target, std::uint64_t value) {
  char bytes[8];
  store_be64(bytes, value);
  target.append(bytes, sizeof bytes);
}

/// A key of fixed size on the stack.
template <std::size_t size_bytes>
class FixedKey {
 public:
  operator std::string_view()
      const {  // NOLINT(google-explicit-constructor): it is a string of bytes
    return {bytes_.data(), bytes_.size()};
  }
  char* data() { return bytes_.data(); }

 private:
  std::array<char, size_bytes> bytes_;
};

inline FixedKey<8> be64_key(std::uint64_t value) {
  FixedKey<8> key;
  store_be64(key.data(), value);
  return key;
}

/// Where a storage's row count lies in the meta family.
constexpr std::string_view kRowCountPrefix = "rows/";
inline std::string row_count_key(std::uint64_t storage_id) {
  std::string key(kRowCountPrefix);
  append_be64(key, storage_id);
  return key;
}

inline FixedKey<24> row_key(std::uint64_t storage_id, RowId row_id, Xid xid) {
  FixedKey<24> key;
  store_be64(key.data(), storage_id);
  store_be64(key.data() + 8, row_id);
  store_be64(key.data() + 16, ~xid);
  return key;
}
inline RowId row_of(std::string_view row_key) {
  return load_be64(row_key.data() + 8);
}
inline Xid xid_of(std::string_view row_key) {
  return ~load_be64(row_key.data() + 16);
}

inline FixedKey<26> wide_key(std::uint64_t storage_id, std::size_t column, RowId row_id, Xid xid) {
  FixedKey<26> key;
  store_be64(key.data(), storage_id);
  key.data()[8] = static_cast<char>(column >> 8);
  key.data()[9] = static_cast<char>(column);
  store_be64(key.data() + 10, row_id);
  store_be64(key.data() + 18, ~xid);
  return key;
}

/// Why a record of the garbage family exists.
enum class GarbageKind : std::uint8_t {
  Superseded = 1,      ///< xid put a newer version or a tombstone on the row
  InsertedRange = 2,   ///< xid may have inserted rows [row, row + count); goes with its commit
  StorageCreated = 3,  ///< xid made the storage; erased if it aborted, goes with its commit
  StorageDropped = 4,  ///< erased once xid's commit is behind the horizon (R13)
};

struct GarbageRecord {
  Xid xid = 0;
  GarbageKind kind = GarbageKind::Superseded;
  std::uint64_t storage_id = 0;
  RowId row_id = 0;
};

inline FixedKey<25> garbage_key(const GarbageRecord& record) {
  FixedKey<25> key;
  store_be64(key.data(), record.xid);
  key.data()[8] = static_cast<char>(record.kind);
  store_be64(key.data() + 9, record.storage_id);
  store_be64(key.data() + 17, record.row_id);
  return key;
}
inline GarbageRecord parse_garbage_key(std::string_view key) {
  return {load_be64(key.data()), static_cast<GarbageKind>(key[8]), load_be64(key.data() + 9),
          load_be64(key.data() + 17)};
}

/// A change of one vector index (R5).
struct ChangeRecord {
  std::uint64_t index_storage_id = 0;
  Xid xid = 0;  ///< orders the log: writer's xid, or the next xid when vacuum removed the entry
  RowId row_id = 0;
  Xid value_xid = 0;  ///< names the entry together with the row
};

inline FixedKey<32> change_key(const ChangeRecord& record) {
  FixedKey<32> key;
  store_be64(key.data(), record.index_storage_id);
  store_be64(key.data() + 8, record.xid);
  store_be64(key.data() + 16, record.row_id);
  store_be64(key.data() + 24, record.value_xid);
  return key;
}
inline ChangeRecord parse_change_key(std::string_view key) {
  return {load_be64(key.data()), load_be64(key.data() + 8), load_be64(key.data() + 16),
          load_be64(key.data() + 24)};
}

/// The least key above every key that starts with `prefix`; empty if there is none.
inline std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty()) {
    if (end.back() != '\xff') {
      end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
      return end;
    }
    end.pop_back();
  }
  return end;
}

}  // namespace omen::engine
