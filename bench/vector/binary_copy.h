#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>

#include "tests/support/pg_connection.h"

namespace omen::bench {

template <typename T>
void append_big_endian(std::string& out, T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU));
  }
}

/// A vector in pgvector's binary form: int16 dim, int16 zero, big-endian floats.
std::string binary_vector(std::span<const float> values);

/// COPY ... FROM STDIN WITH (FORMAT binary), field by field. Throws std::runtime_error.
class BinaryCopy {
 public:
  /// `table_and_columns`: as in "items (id, embedding)".
  BinaryCopy(PGconn* connection, const std::string& table_and_columns);

  void begin_row(std::uint16_t field_count) { append_big_endian(chunk_, field_count); }
  void add(std::int32_t value) {
    append_big_endian(chunk_, std::uint32_t{4});
    append_big_endian(chunk_, std::bit_cast<std::uint32_t>(value));
  }
  void add(std::span<const float> vector);
  /// Ends the COPY and waits for the server to have committed.
  void finish();

 private:
  void flush();

  PGconn* connection_;
  std::string chunk_;
};

}  // namespace omen::bench
