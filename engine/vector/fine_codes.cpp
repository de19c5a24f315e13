#include "engine/vector/fine_codes.h"

#include <algorithm>
#include <cstring>

#include "engine/kernels/kernels.h"

namespace omen::engine {
namespace {

constexpr std::size_t kRowAlignment = 64;
constexpr std::size_t kTrailerBytes = 16;
constexpr std::size_t kChecksumOffset = 12;  // behind the code
// Rows of one segment are estimated in one go, so a segment is large; it is address space alone.
constexpr std::size_t kSegmentBytes = std::size_t{4} << 30;
constexpr std::size_t kBatch = 64;

std::size_t row_bytes(std::size_t code_bytes) {
  return (code_bytes + kTrailerBytes + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
}

}  // namespace

Result<std::unique_ptr<FineCodes>> FineCodes::create(const std::filesystem::path& path,
                                                     std::size_t code_bytes, std::size_t rows_max) {
  OMEN_ASSIGN(std::unique_ptr<MappedRows> rows,
              MappedRows::create(path, row_bytes(code_bytes), rows_max, kSegmentBytes));
  return std::unique_ptr<FineCodes>(new FineCodes(code_bytes, std::move(rows)));
}

Result<std::unique_ptr<FineCodes>> FineCodes::open(const std::filesystem::path& path,
                                                   std::size_t code_bytes, std::size_t rows_max,
                                                   std::size_t row_count) {
  OMEN_ASSIGN(std::unique_ptr<MappedRows> rows,
              MappedRows::open(path, row_bytes(code_bytes), rows_max, row_count, kSegmentBytes));
  return std::unique_ptr<FineCodes>(new FineCodes(code_bytes, std::move(rows)));
}

bool FineCodes::write(const CodeSpace& space, const PreparedQuery& row, std::uint32_t slot) {
  unsigned char* bytes = rows_->row(slot);
  const bool coded = space.encode(row, bytes);
  const std::uint32_t crc = checksum(slot);
  std::memcpy(bytes + code_bytes_ + kChecksumOffset, &crc, sizeof(crc));
  return coded;
}

std::uint32_t FineCodes::checksum(std::uint32_t slot) const {
  return kernels().crc32c(0, row(slot), code_bytes_ + kChecksumOffset);
}

bool FineCodes::intact(std::uint32_t slot) const {
  std::uint32_t crc = 0;
  std::memcpy(&crc, row(slot) + code_bytes_ + kChecksumOffset, sizeof(crc));
  return crc == checksum(slot);
}

void FineCodes::estimate(EstimateFunction function, const CodeQuery& query,
                         std::span<const std::uint32_t> slots, float* out) const {
  const auto mask = static_cast<std::uint32_t>(rows_->segment_rows() - 1);
  std::uint32_t places[kBatch];
  for (std::size_t begin = 0; begin < slots.size();) {
    const std::uint32_t segment = slots[begin] & ~mask;
    std::size_t count = 0;
    while (begin + count < slots.size() && count < kBatch &&
           (slots[begin + count] & ~mask) == segment) {
      places[count] = slots[begin + count] & mask;
      ++count;
    }
    function(query, {rows_->row(segment), rows_->row_bytes(), code_bytes_}, places, count,
             out + begin);
    begin += count;
  }
}

}  // namespace omen::engine
