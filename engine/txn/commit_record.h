#pragma once

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "engine/storage/keys.h"
#include "engine/txn/commit_table.h"

/// The value of a commit record, whose key is the lowest xid. The record is the transaction's only
/// publication and names all its xids (architecture, section 7, rule 6).
///
/// | offset | bytes | field                                                   |
/// | ------ | ----- | ------------------------------------------------------- |
/// | 0      | 8     | commit timestamp                                        |
/// | 8      | 4     | number of changed catalog entries                       |
/// | 12     | 4 * . | their oids (rule 8: DDL is data plus this flag)          |
/// | .      | 8 * . | the other xids, ascending, to the end                   |
namespace omen::engine {

struct CommitRecord {
  Timestamp timestamp = 0;
  std::vector<Oid> changed_oids;
  std::vector<Xid> other_xids;
};

inline std::string encode_commit_record(const CommitRecord& record) {
  std::string bytes;
  append_be64(bytes, record.timestamp);
  const auto count = static_cast<std::uint32_t>(record.changed_oids.size());
  bytes.append(reinterpret_cast<const char*>(&count), sizeof count);
  for (const Oid oid : record.changed_oids) {
    bytes.append(reinterpret_cast<const char*>(&oid), sizeof oid);
  }
  for (const Xid xid : record.other_xids) {
    append_be64(bytes, xid);
  }
  return bytes;
}

inline std::optional<CommitRecord> decode_commit_record(std::string_view bytes) {
  CommitRecord record;
  std::uint32_t count = 0;
  if (bytes.size() < 12) {
    return std::nullopt;
  }
  record.timestamp = load_be64(bytes.data());
  std::memcpy(&count, bytes.data() + 8, sizeof count);
  bytes.remove_prefix(12);
  if (bytes.size() < std::size_t{count} * sizeof(Oid)) {
    return std::nullopt;
  }
  if (count > 0) {
    record.changed_oids.resize(count);
    std::memcpy(record.changed_oids.data(), bytes.data(), count * sizeof(Oid));
    bytes.remove_prefix(count * sizeof(Oid));
  }
  if (bytes.size() % sizeof(Xid) != 0) {
    return std::nullopt;
  }
  for (; !bytes.empty(); bytes.remove_prefix(sizeof(Xid))) {
    record.other_xids.push_back(load_be64(bytes.data()));
  }
  return record;
}

}  // namespace omen::engine
