#include "engine/txn/wide_scan.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "engine/storage/keys.h"

namespace omen::engine {
namespace {

/// A row further away than this many values is sought.
constexpr int kStepsMax = 8;

FixedKey<10> column_prefix(std::uint64_t storage_id, std::size_t column) {
  FixedKey<10> prefix;
  std::memcpy(prefix.data(), wide_key(storage_id, column, 0, 0).data(), 10);
  return prefix;
}

}  // namespace

WideScan::WideScan(const Store& store, std::uint64_t storage_id, std::size_t column)
    : storage_id_(storage_id),
      column_(column),
      iterator_(store.range(Family::Wide, prefix_end(column_prefix(storage_id, column)))) {}

Result<std::string_view> WideScan::read(RowId row_id, Xid xid) {
  const auto key = wide_key(storage_id_, column_, row_id, xid);
  const std::string_view wanted = key;
  for (int step = 0;
       positioned_ && step < kStepsMax && iterator_.valid() && iterator_.key() < wanted; ++step) {
    iterator_.next();
  }
  if (!positioned_ || !iterator_.valid() || iterator_.key() != wanted) {
    iterator_.seek(wanted);
    positioned_ = true;
  }
  OMEN_TRY(iterator_.status());
  if (!iterator_.valid() || iterator_.key() != wanted) {
    return Status(StatusCode::Corruption, "a stored value is missing");
  }
  return iterator_.value();
}

void WideBuffer::Free::operator()(char* bytes) const {
  ::operator delete(bytes, std::align_val_t{kAlignment});
}

std::string_view WideBuffer::copy(std::string_view bytes) {
  if (bytes.size() > kBytesMax - used_) {
    return {};
  }
  if (bytes_ == nullptr) {
    bytes_.reset(static_cast<char*>(::operator new(kBytesMax, std::align_val_t{kAlignment})));
  }
  char* const target = bytes_.get() + used_;
  std::memcpy(target, bytes.data(), bytes.size());
  used_ = std::min(kBytesMax, (used_ + bytes.size() + kAlignment - 1) / kAlignment * kAlignment);
  return {target, bytes.size()};
}

}  // namespace omen::engine
