#include "bench/vector/binary_copy.h"

#include <fmt/format.h>

#include <stdexcept>

namespace omen::bench {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;

}  // namespace

std::string binary_vector(std::span<const float> values) {
  std::string out;
  out.reserve(4 + values.size() * 4);
  append_big_endian(out, static_cast<std::uint16_t>(values.size()));
  append_big_endian(out, std::uint16_t{0});
  for (const float value : values) {
    append_big_endian(out, std::bit_cast<std::uint32_t>(value));
  }
  return out;
}

BinaryCopy::BinaryCopy(PGconn* connection, const std::string& table_and_columns)
    : connection_(connection), chunk_("PGCOPY\n\377\r\n\0", 11) {
  const tests::ResultPtr start(
      PQexec(connection_,
             fmt::format("COPY {} FROM STDIN WITH (FORMAT binary)", table_and_columns).c_str()));
  if (PQresultStatus(start.get()) != PGRES_COPY_IN) {
    throw std::runtime_error(PQerrorMessage(connection_));
  }
  append_big_endian(chunk_, std::uint32_t{0});
  append_big_endian(chunk_, std::uint32_t{0});
}

void BinaryCopy::add(std::span<const float> vector) {
  const std::string bytes = binary_vector(vector);
  append_big_endian(chunk_, static_cast<std::uint32_t>(bytes.size()));
  chunk_ += bytes;
  if (chunk_.size() >= kChunkBytes) {
    flush();
  }
}

void BinaryCopy::flush() {
  if (PQputCopyData(connection_, chunk_.data(), static_cast<int>(chunk_.size())) != 1) {
    throw std::runtime_error(PQerrorMessage(connection_));
  }
  chunk_.clear();
}

void BinaryCopy::finish() {
  append_big_endian(chunk_, std::uint16_t{0xFFFF});
  flush();
  PQputCopyEnd(connection_, nullptr);
  while (const tests::ResultPtr end{PQgetResult(connection_)}) {
    if (tests::is_error(end.get())) {
      throw std::runtime_error(PQresultErrorMessage(end.get()));
    }
  }
}

}  // namespace omen::bench
