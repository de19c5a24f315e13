#include "sql/exec/row_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"

namespace omen::sql {
namespace {

/// A chunk is closed at this many bytes, even if it has room for more rows.
constexpr std::size_t kChunkBytesMax = std::size_t{1} << 20;

template <typename T>
void put_values(const engine::ColumnVector& column, std::size_t row_count, std::string& out) {
  const std::span<const T> values = column.values<T>();
  for (std::size_t i = 0; i < row_count; ++i) {
    out.append(reinterpret_cast<const char*>(&values[column.index(i)]), sizeof(T));
  }
}

void put_bytes(const engine::ColumnVector& column, std::size_t row_count, std::string& out) {
  for (std::size_t i = 0; i < row_count; ++i) {
    const auto size = static_cast<std::uint32_t>(column.is_null(i) ? 0 : column.bytes(i).size());
    out.append(reinterpret_cast<const char*>(&size), sizeof(size));
  }
  for (std::size_t i = 0; i < row_count; ++i) {
    if (!column.is_null(i)) {
      out.append(column.bytes(i));
    }
  }
}

/// Takes bytes off the front of what a chunk holds.
class ChunkReader {
 public:
  explicit ChunkReader(std::string_view bytes) : bytes_(bytes) {}
  std::string_view take(std::size_t size_bytes) {
    if (size_bytes > bytes_.size()) {
      internal_error("temporary file holds a short chunk");
    }
    const std::string_view taken = bytes_.substr(0, size_bytes);
    bytes_.remove_prefix(size_bytes);
    return taken;
  }
  std::uint32_t take_count() {
    std::uint32_t count = 0;
    std::memcpy(&count, take(sizeof(count)).data(), sizeof(count));
    return count;
  }

 private:
  std::string_view bytes_;
};

template <typename T>
void take_values(ChunkReader& reader, engine::ColumnVector& column) {
  const std::span<T> values = column.values<T>();
  const std::string_view raw = reader.take(values.size() * sizeof(T));
  std::memcpy(values.data(), raw.data(), raw.size());
}

void take_bytes(ChunkReader& reader, engine::ColumnVector& column) {
  const std::span<std::string_view> values = column.values<std::string_view>();
  std::vector<std::uint32_t> sizes(values.size());
  for (std::uint32_t& size : sizes) {
    size = reader.take_count();
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = reader.take(sizes[i]);
  }
}

}  // namespace

bool MemoryUse::resize(std::size_t size_bytes) {
  const std::size_t wanted = size_bytes > kOperatorFreeBytes ? size_bytes - kOperatorFreeBytes : 0;
  if (budget_ == nullptr || wanted == charged_bytes_) {
    return true;
  }
  if (wanted < charged_bytes_) {
    budget_->release(charged_bytes_ - wanted);
  } else if (!budget_->try_charge(wanted - charged_bytes_)) {
    return false;
  }
  charged_bytes_ = wanted;
  return true;
}

void MemoryUse::clear() {
  if (budget_ != nullptr && charged_bytes_ != 0) {
    budget_->release(charged_bytes_);
    charged_bytes_ = 0;
  }
}

RowStore::RowStore(std::vector<engine::PhysicalType> types, engine::Budget* budget)
    : types_(std::move(types)), memory_(budget) {}

void RowStore::append(const engine::ColumnBatch& rows) {
  append(rows, all_rows(rows.row_count()));
}

void RowStore::append(const engine::ColumnBatch& rows, std::span<const std::uint32_t> chosen) {
  while (!chosen.empty()) {
    if (!last_open_) {
      chunks_.emplace_back();
      chunks_.back().rows = std::make_unique<engine::ColumnBatch>();
      chunks_.back().rows->reset(types_);
      last_open_ = true;
    }
    engine::ColumnBatch& last = *chunks_.back().rows;
    const std::size_t room = engine::kBatchRowsMax - last.row_count();
    const std::size_t count = std::min(room, chosen.size());
    append_rows(last, rows, chosen.first(count));
    chosen = chosen.subspan(count);
    row_count_ += count;
    chunks_.back().size_bytes = 0;
    if (last.row_count() == engine::kBatchRowsMax || batch_bytes(last) >= kChunkBytesMax) {
      settle_last();
    }
  }
}

void RowStore::settle_last() {
  Chunk& last = chunks_.back();
  last_open_ = false;
  const std::size_t size_bytes = batch_bytes(*last.rows);
  if (!spilling_ && memory_.resize(memory_bytes_ + size_bytes)) {
    memory_bytes_ += size_bytes;
    return;
  }
  if (file_ == nullptr) {
    file_ = std::make_unique<TempFile>();
  }
  std::string bytes;
  encode(*last.rows, bytes);
  last.offset = file_->append(bytes);
  last.size_bytes = bytes.size();
  last.rows.reset();
}

void RowStore::clear() {
  chunks_.clear();
  row_count_ = 0;
  memory_bytes_ = 0;
  last_open_ = false;
  memory_.clear();
  file_.reset();
}

bool RowStore::read(Reader& reader, engine::ColumnBatch& out) const {
  if (reader.chunk == chunks_.size()) {
    return false;
  }
  const Chunk& chunk = chunks_[reader.chunk];
  const bool is_last_open = last_open_ && reader.chunk + 1 == chunks_.size();
  const engine::ColumnBatch* rows = chunk.rows.get();
  engine::ColumnBatch decoded;
  if (rows == nullptr) {
    file_->read(chunk.offset, chunk.size_bytes, reader.bytes);
    if (reader.rows_read == 0) {
      decode(reader.bytes, out);
      ++reader.chunk;
      return true;
    }
    decode(reader.bytes, decoded);
    rows = &decoded;
  }
  const std::size_t count = rows->row_count() - reader.rows_read;
  if (reader.rows_read == 0) {
    share_batch(out, *rows);
  } else if (count != 0) {
    std::vector<std::uint32_t> rest(count);
    for (std::size_t i = 0; i < count; ++i) {
      rest[i] = static_cast<std::uint32_t>(reader.rows_read + i);
    }
    out.gather(*rows, rest);
  }
  if (is_last_open) {
    reader.rows_read = rows->row_count();
    return count != 0;
  }
  ++reader.chunk;
  reader.rows_read = 0;
  return count != 0 || read(reader, out);
}

void RowStore::encode(const engine::ColumnBatch& rows, std::string& out) const {
  const std::size_t row_count = rows.row_count();
  const auto count = static_cast<std::uint32_t>(row_count);
  out.append(reinterpret_cast<const char*>(&count), sizeof(count));
  for (std::size_t i = 0; i < types_.size(); ++i) {
    const engine::ColumnVector& column = rows.column(i);
    out.push_back(column.has_nulls() ? '\1' : '\0');
    if (column.has_nulls()) {
      for (std::size_t row = 0; row < row_count; ++row) {
        out.push_back(column.is_null(row) ? '\1' : '\0');
      }
    }
    switch (engine::width_bytes(column.type())) {
      case 1:
        put_values<std::uint8_t>(column, row_count, out);
        break;
      case 2:
        put_values<std::uint16_t>(column, row_count, out);
        break;
      case 4:
        put_values<std::uint32_t>(column, row_count, out);
        break;
      case 8:
        put_values<std::uint64_t>(column, row_count, out);
        break;
      default:
        put_bytes(column, row_count, out);
        break;
    }
  }
}

void RowStore::decode(std::string_view bytes, engine::ColumnBatch& out) const {
  ChunkReader reader(bytes);
  const std::uint32_t row_count = reader.take_count();
  out.reset(types_);
  out.resize(row_count);
  for (std::size_t i = 0; i < types_.size(); ++i) {
    engine::ColumnVector& column = out.column(i);
    std::string_view nulls;
    if (reader.take(1)[0] != '\0') {
      nulls = reader.take(row_count);
    }
    switch (engine::width_bytes(column.type())) {
      case 1:
        take_values<std::uint8_t>(reader, column);
        break;
      case 2:
        take_values<std::uint16_t>(reader, column);
        break;
      case 4:
        take_values<std::uint32_t>(reader, column);
        break;
      case 8:
        take_values<std::uint64_t>(reader, column);
        break;
      default:
        take_bytes(reader, column);
        break;
    }
    for (std::size_t row = 0; row < nulls.size(); ++row) {
      if (nulls[row] != '\0') {
        column.set_null(row);
      }
    }
  }
}

}  // namespace omen::sql
