#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/registry.h"
#include "sql/types/array.h"
#include "sql/types/numeric.h"
#include "sql/types/text.h"
#include "sql/types/type_io.h"

/// What values look like from below: their hash, their size, and identifiers taken apart.
namespace omen::sql {
namespace {

using engine::ColumnVector;

// ---------------------------------------------------------------- hashtext

/// Bob Jenkins' lookup3 (public domain), as PostgreSQL seeds it: clients make keys of advisory
/// locks with it, so the numbers must agree.
std::uint32_t jenkins_hash(std::string_view bytes) {
  std::uint32_t a = 0x9e3779b9U + static_cast<std::uint32_t>(bytes.size()) + 3923095U;
  std::uint32_t b = a;
  std::uint32_t c = a;
  const auto subtract_rotated = [](std::uint32_t& x, std::uint32_t y, int bits) {
    x -= y;
    x ^= std::rotl(y, bits);
  };
  while (bytes.size() >= 12) {
    std::uint32_t words[3];
    std::memcpy(words, bytes.data(), sizeof words);
    a += words[0];
    b += words[1];
    c += words[2];
    bytes.remove_prefix(sizeof words);
    subtract_rotated(a, c, 4);
    c += b;
    subtract_rotated(b, a, 6);
    a += c;
    subtract_rotated(c, b, 8);
    b += a;
    subtract_rotated(a, c, 16);
    c += b;
    subtract_rotated(b, a, 19);
    a += c;
    subtract_rotated(c, b, 4);
    b += a;
  }
  // The lowest byte of c stands for the length.
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint32_t byte = static_cast<std::uint8_t>(bytes[i]);
    if (i < 8) {
      (i < 4 ? a : b) += byte << (8 * (i % 4));
    } else {
      c += byte << (8 * (i - 7));
    }
  }
  const auto fold = [](std::uint32_t& x, std::uint32_t y, int bits) {
    x ^= y;
    x -= std::rotl(y, bits);
  };
  fold(c, b, 14);
  fold(a, c, 11);
  fold(b, a, 25);
  fold(c, b, 16);
  fold(a, c, 4);
  fold(b, a, 14);
  fold(c, b, 24);
  return c;
}
Int4 hash_text(Text text) {
  return static_cast<Int4>(jenkins_hash(text));
}

// ---------------------------------------------------------------- pg_column_size

constexpr std::size_t kHeaderBytes = 4;

/// Bytes PostgreSQL would take for a value that is not compressed and has a long header.
std::size_t size_of(Oid type, const ColumnVector& column, std::size_t row) {
  const TypeInfo& info = type_info(type);
  if (info.length > 0) {
    return static_cast<std::size_t>(info.length);
  }
  const std::string_view bytes = column.bytes(row);
  if (type == type_oid::kNumeric) {
    const Numeric value = Numeric::decode(bytes);
    constexpr std::size_t kFixedBytes = 5;  // of our stored form, before the digits
    const std::size_t digits =
        bytes.size() > kFixedBytes ? bytes.size() - kFixedBytes - (value.sign() < 0 ? 2 : 0) : 0;
    constexpr int kShortScaleMax = 63;
    return kHeaderBytes + (value.scale() <= kShortScaleMax ? 2 : 4) + digits;
  }
  if (type == type_oid::kVector) {
    return 2 * kHeaderBytes + bytes.size();
  }
  if (info.category == 'A') {
    const ArrayView array(bytes);
    ColumnVector elements;
    unpack_array(array, elements);
    std::size_t size = 4 * kHeaderBytes + 8 * array.dimensions().size();
    const TypeInfo& element = type_info(array.element_type());
    const std::size_t alignment =
        element.length > 0 ? std::bit_floor(std::min<std::size_t>(
                                 static_cast<std::size_t>(element.length), sizeof(std::int64_t)))
                           : kHeaderBytes;
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (!array.is_null(i)) {
        size = (size + alignment - 1) / alignment * alignment;
        size += size_of(array.element_type(), elements, i);
      }
    }
    return size;
  }
  return kHeaderBytes + bytes.size();
}
void column_size(const FunctionCall& call, ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    const ColumnVector& value = *call.arguments[0];
    out.values<Int4>()[row] =
        static_cast<Int4>(size_of(call.argument_types[0].oid, value, value.index(row)));
  });
}

// ---------------------------------------------------------------- parse_ident

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool goes_on(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '$';
}
bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

class IdentifierParser {
 public:
  IdentifierParser(Text text, bool is_strict) : text_(text), rest_(text), is_strict_(is_strict) {}

  Owned<1009> parse() {
    ArrayBuilder parts(type_oid::kText);
    bool after_dot = false;
    skip_blanks();
    while (true) {
      if (rest_.starts_with("\"")) {
        parts.add_bytes(quoted());
      } else if (!rest_.empty() && is_letter(rest_.front())) {
        std::size_t size = 0;
        while (size < rest_.size() && goes_on(rest_[size])) {
          ++size;
        }
        parts.add_bytes(ascii_lower(rest_.substr(0, size)));
        rest_.remove_prefix(size);
      } else if (rest_.starts_with(".")) {
        invalid("No valid identifier before \".\".");
      } else {
        invalid(after_dot ? "No valid identifier after \".\"." : "");
      }
      skip_blanks();
      if (!rest_.starts_with(".")) {
        break;
      }
      rest_.remove_prefix(1);
      after_dot = true;
      skip_blanks();
    }
    if (!rest_.empty() && is_strict_) {
      invalid("");
    }
    return {parts.finish()};
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) {
      rest_.remove_prefix(1);
    }
  }
  std::string quoted() {
    std::string name;
    rest_.remove_prefix(1);
    while (true) {
      const std::size_t end = rest_.find('"');
      if (end == Text::npos) {
        invalid("String has unclosed double quotes.");
      }
      name.append(rest_.substr(0, end));
      rest_.remove_prefix(end + 1);
      if (!rest_.starts_with("\"")) {
        break;
      }
      name.push_back('"');
      rest_.remove_prefix(1);
    }
    if (name.empty()) {
      invalid("Quoted identifier must not be empty.");
    }
    return name;
  }
  [[noreturn]] void invalid(std::string detail) const {
    SqlError error(sqlstate::kInvalidParameterValue,
                   fmt::format("string is not a valid identifier: \"{}\"", text_));
    error.diagnostic().detail = std::move(detail);
    throw error;
  }

  Text text_;
  Text rest_;
  bool is_strict_;
};

void parse_identifier(const FunctionCall& call, ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    const bool is_strict =
        call.arguments.size() < 2 ||
        call.arguments[1]->values<std::uint8_t>()[call.arguments[1]->index(row)] != 0;
    out.set_bytes(row, IdentifierParser(call.arguments[0]->bytes(row), is_strict).parse().value);
  });
}

constexpr FunctionRow kRows[] = {
    scalar<hash_text>(400, "hashtext", "hash"),
    vectorised(1269, "pg_column_size", {type_oid::kAny}, type_oid::kInt4, column_size,
               "bytes required to store the value, perhaps with compression")
        .stable(),
    vectorised(1268, "parse_ident", {25, 16}, 1009, parse_identifier,
               "parse qualified identifier to array of identifiers")
        .defaults(1),
};

}  // namespace

const FunctionTable kInspectionFunctions = kRows;

}  // namespace omen::sql
