#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "engine/base/types.h"
#include "engine/storage/store.h"

namespace omen::engine {

/// Reads the wide values of one column for rows that come in ascending order: an iterator that
/// walks in step, instead of a look-up for each row. Not thread-safe.
class WideScan {
 public:
  WideScan(const Store& store, std::uint64_t storage_id, std::size_t column);

  /// The value written under `xid` for a row not below that of the last call; the view lives until
  /// the next. Corruption if it is missing.
  Result<std::string_view> read(RowId row_id, Xid xid);

 private:
  const std::uint64_t storage_id_;
  const std::size_t column_;
  StoreIterator iterator_;
  bool positioned_ = false;
};

/// Room for the wide values of one batch, reused from batch to batch: small enough to stay in the
/// processor's cache until the batch was computed with.
class WideBuffer {
 public:
  void clear() { used_ = 0; }
  [[nodiscard]] bool is_full() const { return used_ >= kBytesMax / 2; }
  /// A copy that lives until clear(), aligned for SIMD; empty if it does not fit.
  std::string_view copy(std::string_view bytes);

 private:
  static constexpr std::size_t kBytesMax = std::size_t{512} << 10;
  static constexpr std::size_t kAlignment = 64;
  struct Free {
    void operator()(char* bytes) const;
  };
  std::unique_ptr<char, Free> bytes_;
  std::size_t used_ = 0;
};

}  // namespace omen::engine
