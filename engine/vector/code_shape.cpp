#include "engine/vector/code_shape.h"

#include <algorithm>

#include "engine/vector/element.h"
#include "engine/vector/vector_file.h"

namespace omen::engine {
namespace {

constexpr std::size_t kUnit = 64;             // elements a rotated vector is padded to
constexpr std::size_t kProductBits = 32 * 8;  // Quantization::Product
constexpr unsigned kFineBits = 4;

std::size_t padded(std::size_t dimensions) {
  return (dimensions + kUnit - 1) / kUnit * kUnit;
}

/// The width that measured best for so many dimensions.
unsigned bits_for(std::size_t dimensions) {
  return dimensions >= 512 ? 1 : dimensions >= 256 ? 2 : dimensions > 64 ? 4 : 8;
}

}  // namespace

void CodeShape::set(Kind new_kind, unsigned new_bits, std::size_t dimensions) {
  kind = new_kind;
  bits = new_bits;
  code_dimensions = dimensions;
  code_bytes = dimensions * new_bits / 8;
}

CodeShape CodeShape::of(const VectorIndexOptions& options) {
  CodeShape shape;
  if (options.element == VectorElement::Bit) {
    shape.set(Kind::BitString, 1, padded(options.dimensions));
    return shape;
  }
  if (options.element == VectorElement::Sparse) {
    shape.kind = Kind::Sparse;
    shape.code_bytes = sizeof(VectorFile::Place);
    shape.has_hubs = options.metric == Metric::L2 || options.metric == Metric::L1;
    return shape;
  }
  shape.input_dimensions = options.dimensions;
  shape.space_dimensions =
      shape.input_dimensions + (options.metric == Metric::InnerProduct ? 1 : 0);
  const std::size_t width = padded(shape.space_dimensions);
  if (options.metric == Metric::L1) {
    shape.set(Kind::Taxicab, 8, width);
    return shape;
  }
  switch (options.quantization) {
    case Quantization::Binary: {
      const unsigned bits = bits_for(shape.input_dimensions);
      shape.set(bits == 1 ? Kind::Signs : Kind::Digits, bits, width);
      break;
    }
    case Quantization::Scalar8:
      shape.set(Kind::Digits, 8, width);
      break;
    case Quantization::None:
      shape.set(Kind::Floats, 32, width);
      break;
    case Quantization::Product: {
      const std::size_t coded = std::min(width, kProductBits);
      const unsigned bits = coded <= kProductBits / 4 ? 4 : coded <= kProductBits / 2 ? 2 : 1;
      shape.set(bits == 1 ? Kind::Signs : Kind::Digits, bits, coded);
      break;
    }
  }
  return shape;
}

CodeShape CodeShape::fine() const {
  CodeShape shape = *this;
  shape.set(Kind::Digits, kFineBits, padded(space_dimensions));
  return shape;
}

}  // namespace omen::engine
