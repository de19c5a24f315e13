#include "engine/vector/vector_file.h"

#include <algorithm>
#include <cstring>

#include "engine/vector/element.h"

namespace omen::engine {
namespace {

constexpr std::size_t kUnitBytes = 4;
constexpr std::size_t kPrefetchBytes = 1024;
// The largest sparse vector is 128 KB; most are a few hundred bytes.
constexpr std::size_t kUnitsPerRowMax = 1024;

std::uint64_t units_of(std::uint64_t size_bytes) {
  return (size_bytes + kUnitBytes - 1) / kUnitBytes;
}

std::filesystem::path values_path(const std::filesystem::path& path) {
  return path.string() + ".values";
}

}  // namespace

Result<std::unique_ptr<VectorFile>> VectorFile::create(const std::filesystem::path& path,
                                                       const VectorIndexOptions& options,
                                                       std::size_t rows_max) {
  std::unique_ptr<VectorFile> file(new VectorFile);
  const std::size_t row_bytes = value_bytes(options);
  OMEN_ASSIGN(file->rows_,
              MappedRows::create(path, row_bytes == 0 ? sizeof(Place) : row_bytes, rows_max));
  if (row_bytes == 0) {
    OMEN_ASSIGN(file->values_,
                MappedRows::create(values_path(path), kUnitBytes, rows_max * kUnitsPerRowMax));
  }
  return file;
}

Result<std::unique_ptr<VectorFile>> VectorFile::open(const std::filesystem::path& path,
                                                     const VectorIndexOptions& options,
                                                     std::size_t rows_max, std::size_t row_count) {
  std::unique_ptr<VectorFile> file(new VectorFile);
  const std::size_t row_bytes = value_bytes(options);
  OMEN_ASSIGN(file->rows_, MappedRows::open(path, row_bytes == 0 ? sizeof(Place) : row_bytes,
                                            rows_max, row_count));
  if (row_bytes != 0) {
    return file;
  }
  std::uint64_t units = 0;
  for (std::size_t row = 0; row < row_count; ++row) {
    Place place;
    std::memcpy(&place, file->rows_->row(row), sizeof place);
    const std::uint64_t end = place.offset + units_of(std::max(place.size_bytes, place.room_bytes));
    // A damaged place claims too much; its value is then found not to be there.
    if (place.offset < rows_max * kUnitsPerRowMax) {
      units = std::max(units, end);
    }
  }
  OMEN_ASSIGN(file->values_,
              MappedRows::open(values_path(path), kUnitBytes, rows_max * kUnitsPerRowMax, units));
  // What was written behind the last checkpoint names places that are given anew.
  const std::size_t rows_allocated = file->rows_->size_bytes() / sizeof(Place);
  OMEN_TRY(file->rows_->reserve(rows_allocated));
  for (std::size_t row = row_count; row < rows_allocated; ++row) {
    std::memset(file->rows_->row(row), 0, sizeof(Place));
  }
  const MutexLock lock(file->values_mutex_);
  file->units_used_ = units;
  return file;
}

Status VectorFile::reserve(std::size_t row_count) {
  return rows_->reserve(row_count);
}

/// A run of units within one segment.
Result<std::uint64_t> VectorFile::take_units(std::size_t count) {
  const std::uint64_t segment = values_->segment_rows();
  std::uint64_t begin = units_used_;
  if (begin / segment != (begin + count - 1) / segment) {
    begin = (begin / segment + 1) * segment;
  }
  OMEN_TRY(values_->reserve(begin + count));
  units_used_ = begin + count;
  return begin;
}

Status VectorFile::write(std::size_t row, const VectorValue& value) {
  if (values_ == nullptr) {
    std::memcpy(rows_->row(row), value.data(), rows_->row_bytes());
    return {};
  }
  Place place;
  std::memcpy(&place, rows_->row(row), sizeof place);
  // A row that is used again keeps its place if the new value fits.
  if (place.room_bytes < value.size_bytes()) {
    const MutexLock lock(values_mutex_);
    OMEN_ASSIGN(place.offset, take_units(units_of(value.size_bytes())));
    place.room_bytes = static_cast<std::uint32_t>(value.size_bytes());
  }
  place.size_bytes = static_cast<std::uint32_t>(value.size_bytes());
  std::memcpy(values_->row(place.offset), value.data(), value.size_bytes());
  std::memcpy(rows_->row(row), &place, sizeof place);
  return {};
}

VectorFile::Place VectorFile::place(std::size_t row) const {
  Place place;
  std::memcpy(&place, rows_->row(row), sizeof place);
  return place;
}

VectorValue VectorFile::value_at(const Place& place) const {
  const std::uint64_t allocated = values_->size_bytes() / kUnitBytes;
  const std::uint64_t units = units_of(place.size_bytes);
  const std::uint64_t segment = values_->segment_rows();
  if (units == 0 || place.offset >= allocated || units > allocated - place.offset ||
      place.offset / segment != (place.offset + units - 1) / segment) {
    return {};
  }
  return {values_->row(place.offset), place.size_bytes};
}

void VectorFile::prefetch(std::size_t row) const {
  const unsigned char* bytes = rows_->row(row);
  for (std::size_t i = 0; i < std::min(rows_->row_bytes(), kPrefetchBytes); i += 64) {
    __builtin_prefetch(bytes + i);
  }
}

Status VectorFile::sync(CancelToken& cancel) {
  if (values_ != nullptr) {
    OMEN_TRY(values_->sync(cancel));
  }
  return rows_->sync(cancel);
}

}  // namespace omen::engine
