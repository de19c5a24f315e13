#include "engine/txn/version_reader.h"

#include "engine/storage/row_format.h"

namespace omen::engine {

void VersionReader::first(std::uint64_t storage_id, RowId row_id) {
  if (!iterator_.is_open()) {
    iterator_ = store_.row_versions();
  }
  start_ = row_key(storage_id, row_id, kXidMax);
  iterator_.seek(start_);
}

bool VersionReader::valid() const {
  return iterator_.valid() && iterator_.key().substr(0, kRowPrefixBytes) ==
                                  std::string_view(start_).substr(0, kRowPrefixBytes);
}

Status VersionReader::refresh() {
  if (!iterator_.is_open()) {
    iterator_ = store_.row_versions();
    return {};
  }
  return iterator_.refresh();
}

Result<std::optional<Version>> VersionReader::visible(const ReadView& view,
                                                      std::uint64_t storage_id, RowId row_id) {
  for (first(storage_id, row_id); valid(); next()) {
    const Version found = version();
    if (view.sees(found.xid)) {
      if (is_tombstone(found.bytes)) {
        return std::optional<Version>();
      }
      return std::optional<Version>(found);
    }
  }
  OMEN_TRY(status());
  return std::optional<Version>();
}

}  // namespace omen::engine
