#include "sql/types/sparse_vector.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "sql/error/sql_error.h"
#include "sql/types/floats.h"
#include "sql/types/integers.h"
#include "sql/types/type_codec.h"
#include "sql/types/vector.h"

/// Text form `{1:1.5,3:3.5}/5` as pgvector reads it: indices from 1 in any order, zeros dropped,
/// white space between tokens.
namespace omen::sql {
namespace {

using engine::ColumnVector;

constexpr std::string_view kTypeName = "sparsevec";

/// 22000 for an index beyond the dimensions, or not above the one before.
void check_indices(const std::vector<SparseElement>& elements, std::int64_t dimensions) {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::int32_t index = elements[i].index;
    if (index < 0 || index >= dimensions) {
      throw SqlError(sqlstate::kDataException, "sparsevec index out of bounds");
    }
    if (i > 0 && index < elements[i - 1].index) {
      throw SqlError(sqlstate::kDataException, "sparsevec indices must be in ascending order");
    }
    if (i > 0 && index == elements[i - 1].index) {
      throw SqlError(sqlstate::kDataException, "sparsevec indices must not contain duplicates");
    }
  }
}

class SparseParser {
 public:
  explicit SparseParser(std::string_view text)
      : text_(text), at_(text.data()), end_(text.data() + text.size()) {}

  std::string parse(std::int32_t modifier) {
    check_sparse_elements(static_cast<std::size_t>(std::ranges::count(text_, ',')) + 1);
    if (!take('{')) {
      invalid("Vector contents must start with \"{\".");
    }
    std::vector<SparseElement> elements;
    if (!take('}')) {
      do {
        read_element(elements);
      } while (take(','));
      if (!take('}')) {
        invalid();
      }
    }
    if (!take('/')) {
      invalid("Unexpected end of input.");
    }
    const std::int64_t dimensions = read_integer();
    skip_spaces();
    if (at_ != end_) {
      invalid("Junk after closing.");
    }
    check_sparse_dimensions(dimensions);
    check_vector_modifier(static_cast<std::size_t>(dimensions), modifier);
    std::ranges::sort(elements, {}, &SparseElement::index);
    check_indices(elements, dimensions);
    return store_sparse(static_cast<std::int32_t>(dimensions), elements);
  }

 private:
  [[noreturn]] void invalid(std::string detail = {}) const {
    throw SqlError(sqlstate::kInvalidTextRepresentation,
                   fmt::format("invalid input syntax for type sparsevec: \"{}\"", text_))
        .detail(std::move(detail));
  }

  void skip_spaces() {
    while (at_ != end_ && is_space(*at_)) {
      ++at_;
    }
  }

  bool take(char c) {
    skip_spaces();
    if (at_ == end_ || *at_ != c) {
      return false;
    }
    ++at_;
    return true;
  }

  /// As strtol reads it; a number out of an int's range becomes its end.
  std::int64_t read_integer() {
    skip_spaces();
    const bool is_negative = at_ != end_ && *at_ == '-';
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) {
      ++at_;
    }
    std::uint32_t magnitude = 0;
    const auto [stop, error] = std::from_chars(at_, end_, magnitude);
    if (stop == at_) {
      invalid();
    }
    at_ = stop;
    constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
    const std::int64_t value =
        error != std::errc() ? kMax : std::min<std::int64_t>(magnitude, kMax);
    return is_negative ? -value : value;
  }

  void read_element(std::vector<SparseElement>& elements) {
    const std::int64_t index = read_integer();
    if (!take(':')) {
      invalid();
    }
    skip_spaces();
    const FloatPrefix number = read_float4_prefix(at_, end_);
    if (number.length == 0) {
      invalid();
    }
    if (number.out_of_range) {
      throw SqlError(sqlstate::kNumericValueOutOfRange,
                     fmt::format("\"{}\" is out of range for type sparsevec",
                                 std::string_view(at_, number.length)));
    }
    check_vector_element(number.value, kTypeName);
    at_ += number.length;
    if (number.value != 0) {
      elements.push_back({static_cast<std::int32_t>(index - 1), number.value});
    }
  }

  std::string_view text_;
  const char* at_;
  const char* end_;
};

engine::Value input(const Type& type, std::string_view text, const EvalContext& /*context*/) {
  return SparseParser(text).parse(type.modifier);
}

void output(Oid /*type*/, const ColumnVector& column, std::size_t row,
            const EvalContext& /*context*/, std::string& out) {
  const SparseReader vector(column.bytes(row));
  out.push_back('{');
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (i > 0) {
      out.push_back(',');
    }
    append_integer(std::int64_t{vector[i].index} + 1, out);
    out.push_back(':');
    append_float4(vector[i].value, out);
  }
  out += "}/";
  append_integer(vector.dimensions(), out);
}

engine::Value receive(const Type& type, BinaryReader& reader, const EvalContext& /*context*/) {
  const auto dimensions = reader.integer<std::int32_t>();
  const auto count = reader.integer<std::int32_t>();
  const auto unused = reader.integer<std::int32_t>();
  check_sparse_dimensions(dimensions);
  if (count < 0) {
    throw SqlError(sqlstate::kDataException, "sparsevec cannot have negative number of elements");
  }
  check_sparse_elements(static_cast<std::size_t>(count));
  if (count > dimensions) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   "sparsevec cannot have more elements than dimensions");
  }
  check_vector_modifier(static_cast<std::size_t>(dimensions), type.modifier);
  if (unused != 0) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("expected unused to be 0, not {}", unused));
  }
  std::vector<SparseElement> elements(static_cast<std::size_t>(count));
  for (SparseElement& element : elements) {
    element.index = reader.integer<std::int32_t>();
  }
  check_indices(elements, dimensions);
  for (SparseElement& element : elements) {
    element.value = reader.float4();
    check_vector_element(element.value, kTypeName);
    if (element.value == 0) {
      throw SqlError(sqlstate::kDataException,
                     "binary representation of sparsevec cannot contain zero values");
    }
  }
  return store_sparse(dimensions, elements);
}

void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& /*context*/,
          std::string& out) {
  const SparseReader vector(column.bytes(row));
  append_big_endian(vector.dimensions(), out);
  append_big_endian(static_cast<std::int32_t>(vector.size()), out);
  append_big_endian(std::int32_t{0}, out);
  for (std::size_t i = 0; i < vector.size(); ++i) {
    append_big_endian(vector[i].index, out);
  }
  for (std::size_t i = 0; i < vector.size(); ++i) {
    append_big_endian(vector[i].value, out);
  }
}

int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  return compare_sparse(SparseReader(a.bytes(a_row)), SparseReader(b.bytes(b_row)));
}

std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  return hash_bytes(column.bytes(row));
}

std::int32_t read_modifier(std::span<const std::string> arguments) {
  return read_dimensions(arguments, kTypeName, kSparseDimensionsMax);
}

std::string format_modifier(std::int32_t modifier) {
  return fmt::format("({})", modifier);
}

constexpr TypeCodec kCodecs[] = {{type_oid::kSparsevec, input, output, receive, send, compare, hash,
                                  read_modifier, format_modifier}};

}  // namespace

const std::span<const TypeCodec> kSparseVectorCodecs = kCodecs;

std::string store_sparse(std::int32_t dimensions, const std::vector<SparseElement>& elements) {
  std::string stored;
  const auto append = [&](const auto& field) {
    stored.append(reinterpret_cast<const char*>(&field), sizeof field);
  };
  stored.reserve(sizeof dimensions + elements.size() * sizeof(SparseElement));
  append(dimensions);
  for (const SparseElement& element : elements) {
    append(element.index);
  }
  for (const SparseElement& element : elements) {
    append(element.value);
  }
  return stored;
}

void check_sparse_dimensions(std::int64_t dimensions) {
  if (dimensions < 1) {
    throw SqlError(sqlstate::kDataException, "sparsevec must have at least 1 dimension");
  }
  if (dimensions > kSparseDimensionsMax) {
    throw SqlError(
        sqlstate::kProgramLimitExceeded,
        fmt::format("sparsevec cannot have more than {} dimensions", kSparseDimensionsMax));
  }
}

void check_sparse_elements(std::size_t count) {
  if (count > kSparseElementsMax) {
    throw SqlError(
        sqlstate::kProgramLimitExceeded,
        fmt::format("sparsevec cannot have more than {} non-zero elements", kSparseElementsMax));
  }
}

int compare_sparse(const SparseReader& a, const SparseReader& b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    constexpr std::int32_t kBehindAll = std::numeric_limits<std::int32_t>::max();
    const SparseElement left = i < a.size() ? a[i] : SparseElement{kBehindAll, 0};
    const SparseElement right = j < b.size() ? b[j] : SparseElement{kBehindAll, 0};
    const std::int32_t index = std::min(left.index, right.index);
    if (index >= std::min(a.dimensions(), b.dimensions())) {
      break;  // the shorter vector ends before
    }
    const float x = left.index == index ? left.value : 0;
    const float y = right.index == index ? right.value : 0;
    if (x != y) {
      return x < y ? -1 : 1;
    }
    i += left.index == index ? 1 : 0;
    j += right.index == index ? 1 : 0;
  }
  return a.dimensions() == b.dimensions() ? 0 : (a.dimensions() < b.dimensions() ? -1 : 1);
}

}  // namespace omen::sql
