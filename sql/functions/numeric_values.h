#pragma once

#include "sql/functions/sql_values.h"
#include "sql/types/numeric.h"

namespace omen::sql {

template <>
struct SqlValue<Numeric> {
  static constexpr Oid kType = type_oid::kNumeric;
  using Slot = std::string_view;
  static Numeric load(const Slot& slot, engine::Arena& /*scratch*/) {
    return Numeric::decode(slot);
  }
  static void store(Slot& slot, engine::Arena& arena, const Numeric& value) {
    slot = arena.copy(value.encode());
  }
};

/// A numeric as stored: enough to compare, and cheaper.
struct StoredNumeric {
  std::string_view bytes;
};
template <>
struct SqlValue<StoredNumeric> {
  static constexpr Oid kType = type_oid::kNumeric;
  using Slot = std::string_view;
  static StoredNumeric load(const Slot& slot, engine::Arena& /*scratch*/) { return {slot}; }
  static void store(Slot& slot, engine::Arena& /*arena*/, const StoredNumeric& value) {
    slot = value.bytes;
  }
};
inline int three_way(StoredNumeric a, StoredNumeric b) {
  return a.bytes.substr(2).compare(b.bytes.substr(2));
}

}  // namespace omen::sql
