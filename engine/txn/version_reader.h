#pragma once

#include <optional>
#include <string_view>

#include "engine/storage/keys.h"
#include "engine/storage/store.h"
#include "engine/txn/read_view.h"

namespace omen::engine {

/// A stored version. `bytes` (row_format.h) live until its reader moves.
struct Version {
  Xid xid = 0;
  std::string_view bytes;
};

/// Finds versions of single rows by their prefix. Keeps one iterator for its lifetime.
/// Not thread-safe.
class VersionReader {
 public:
  explicit VersionReader(const Store& store) : store_(store) {}

  /// The version the view sees; nullopt if there is none or it is a tombstone.
  Result<std::optional<Version>> visible(const ReadView& view, std::uint64_t storage_id,
                                         RowId row_id);
  /// Makes newest-version reads see the present (R2). To be called under the row's latch, or under
  /// the latches of the unique keys concerned.
  Status refresh();

  /// Walks the versions of a row, newest first.
  void first(std::uint64_t storage_id, RowId row_id);
  [[nodiscard]] bool valid() const;
  void next() { iterator_.next(); }
  [[nodiscard]] Version version() const { return {xid_of(iterator_.key()), iterator_.value()}; }
  [[nodiscard]] Status status() const { return iterator_.status(); }

 private:
  const Store& store_;
  StoreIterator iterator_;
  FixedKey<24> start_{};
};

}  // namespace omen::engine
