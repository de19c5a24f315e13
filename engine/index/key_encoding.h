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
/// 0x00 0xff, the end is 0x00 0x00. Numeric: as Bytes, without the two bytes of display scale. No
/// column's encoding is a prefix of another's, so columns are simply concatenated.
namespace omen::engine {

struct KeyOrder {
  bool descending = false;
  bool nulls_first = false;
};

constexpr char kKeyMarkerNullFirst = 0;
constexpr char kKeyMarkerValue = 1;
constexpr char kKeyMarkerNullLast = 2;

void append_key_column(std::string& key, PhysicalType type, const Datum& datum, KeyOrder order);

}  // namespace omen::engine
