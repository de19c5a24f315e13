#pragma once

#include <string>

#include "engine/base/types.h"
#include "engine/storage/datum.h"

/// Index keys whose memcmp order is the order of the index. Each key column is
///
/// | bytes | field                                                                              |
/// | ----- | ---------------------------------------------------------------------------------- |
/// | 1     | 1 for a value; NULL is 0 (NULLS FIRST) or 2 (NULLS LAST) and nothing follows         |
/// | .     | the value, every bit inverted in a descending column                               |
///
/// Bool: 1 byte. Integers: big-endian, sign bit flipped. Floats: big-endian IEEE bits, sign flipped
/// if positive and all bits if negative; -0 is 0 and every NaN the greatest. Bytes: 0x00 becomes
/// 0x00 0xff, the end is 0x00 0x00. Numeric: as Bytes, without the two bytes of display scale.
/// Bytes of the vector types by their form:
///
/// | form      | encoding                                                                     |
/// | --------- | ---------------------------------------------------------------------------- |
/// | Vector    | 1 and the Float for each element, then 0                                     |
/// | Halfvec   | the same, elements widened                                                   |
/// | Bits      | 1 and the byte for each byte, then 0 and the number of bits, big-endian      |
/// | Sparsevec | 1, index, Float for an element below zero; 3, ~index, Float for one above;   |
/// |           | then 1, dimensions, 0: the end lies below any element of a longer vector     |
///
/// No column's encoding is a prefix of another's, so columns are simply concatenated.
namespace omen::engine {

/// How a value of PhysicalType::Bytes is ordered.
enum class KeyForm : std::uint8_t { Plain, Vector, Halfvec, Bits, Sparsevec };
KeyForm key_form_of(Oid type_oid);

struct KeyOrder {
  bool descending = false;
  bool nulls_first = false;
  KeyForm form = KeyForm::Plain;
};

constexpr char kKeyMarkerNullFirst = 0;
constexpr char kKeyMarkerValue = 1;
constexpr char kKeyMarkerNullLast = 2;

void append_key_column(std::string& key, PhysicalType type, const Datum& datum, KeyOrder order);

}  // namespace omen::engine
