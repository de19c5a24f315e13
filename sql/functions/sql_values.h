#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/arena.h"
#include "engine/base/column_batch.h"
#include "sql/types/type.h"
#include "sql/types/vector.h"

/// The C++ types that stand for SQL types in function bodies, and how they lie in a column.
namespace omen::sql {

using Int2 = std::int16_t;
using Int4 = std::int32_t;
using Int8 = std::int64_t;
using Float4 = float;
using Float8 = double;
using Text = std::string_view;  ///< text

/// A SQL type that shares its C++ representation with others.
template <Oid kOid, typename T>
struct Tagged {
  T value{};
};
using Varchar = Tagged<type_oid::kVarchar, std::string_view>;
using Bpchar = Tagged<type_oid::kBpchar, std::string_view>;
using Name = Tagged<type_oid::kName, std::string_view>;
using CharByte = Tagged<type_oid::kChar, std::string_view>;
using Cstring = Tagged<type_oid::kCstring, std::string_view>;
using Bytea = Tagged<type_oid::kBytea, std::string_view>;
using Uuid = Tagged<type_oid::kUuid, std::string_view>;
using PgNodeTree = Tagged<type_oid::kPgNodeTree, std::string_view>;
using OidValue = Tagged<type_oid::kOid, std::int64_t>;
using XidValue = Tagged<type_oid::kXid, std::int64_t>;
using Tid = Tagged<type_oid::kTid, std::int64_t>;
using Regclass = Tagged<type_oid::kRegclass, std::int64_t>;
using Regtype = Tagged<type_oid::kRegtype, std::int64_t>;
using Regproc = Tagged<type_oid::kRegproc, std::int64_t>;
using Regprocedure = Tagged<type_oid::kRegprocedure, std::int64_t>;
using Regoper = Tagged<type_oid::kRegoper, std::int64_t>;
using Regrole = Tagged<type_oid::kRegrole, std::int64_t>;
using Regnamespace = Tagged<type_oid::kRegnamespace, std::int64_t>;
using DateValue = Tagged<type_oid::kDate, std::int32_t>;            ///< days since 2000-01-01
using TimeValue = Tagged<type_oid::kTime, std::int64_t>;            ///< microseconds of the day
using TimestampValue = Tagged<type_oid::kTimestamp, std::int64_t>;  ///< us since 2000-01-01
using TimestamptzValue = Tagged<type_oid::kTimestamptz, std::int64_t>;
/// Stored array of a known type, e.g. ArrayValue<1009> for text[]; read it with ArrayView.
template <Oid kArrayOid>
using ArrayValue = Tagged<kArrayOid, std::string_view>;
using TextArray = ArrayValue<1009>;
using OidVector = ArrayValue<type_oid::kOidVector>;
struct Void {};

/// Bit strings and sparse vectors as stored, see engine/base/vector_forms.h.
using Bit = Tagged<type_oid::kBit, std::string_view>;
using Varbit = Tagged<type_oid::kVarbit, std::string_view>;
using SparseVector = Tagged<type_oid::kSparsevec, std::string_view>;

/// Owned results: copied into the result column's arena. Of text...
template <Oid kOid>
using Owned = Tagged<kOid, std::string>;

/// How T is read from and written to a column's slot. Views written must live in `arena` or in an
/// argument column.
template <typename T>
struct SqlValue;

template <Oid kOid, typename T, typename S = T>
struct PlainSqlValue {
  static constexpr Oid kType = kOid;
  using Slot = S;
  static T load(const S& slot, engine::Arena& /*scratch*/) { return static_cast<T>(slot); }
  static void store(S& slot, engine::Arena& /*arena*/, const T& value) {
    slot = static_cast<S>(value);
  }
};
template <>
struct SqlValue<bool> : PlainSqlValue<type_oid::kBool, bool, std::uint8_t> {};
template <>
struct SqlValue<Int2> : PlainSqlValue<type_oid::kInt2, Int2> {};
template <>
struct SqlValue<Int4> : PlainSqlValue<type_oid::kInt4, Int4> {};
template <>
struct SqlValue<Int8> : PlainSqlValue<type_oid::kInt8, Int8> {};
template <>
struct SqlValue<Float4> : PlainSqlValue<type_oid::kFloat4, Float4> {};
template <>
struct SqlValue<Float8> : PlainSqlValue<type_oid::kFloat8, Float8> {};
template <>
struct SqlValue<Text> : PlainSqlValue<type_oid::kText, Text> {};

template <>
struct SqlValue<std::string> {
  static constexpr Oid kType = type_oid::kText;
  using Slot = std::string_view;
  static void store(Slot& slot, engine::Arena& arena, const std::string& value) {
    slot = arena.copy(value);
  }
};

template <Oid kOid, typename T>
struct SqlValue<Tagged<kOid, T>> {
  static constexpr Oid kType = kOid;
  using Slot = T;
  static Tagged<kOid, T> load(const Slot& slot, engine::Arena& /*scratch*/) { return {slot}; }
  static void store(Slot& slot, engine::Arena& /*arena*/, const Tagged<kOid, T>& value) {
    slot = value.value;
  }
};

template <Oid kOid>
struct SqlValue<Tagged<kOid, std::string>> {
  static constexpr Oid kType = kOid;
  using Slot = std::string_view;
  static void store(Slot& slot, engine::Arena& arena, const Tagged<kOid, std::string>& value) {
    slot = arena.copy(value.value);
  }
};

/// vector and halfvec.
template <typename Element>
struct SqlValue<std::span<const Element>> {
  static constexpr Oid kType = VectorType<Element>::kOid;
  using Slot = std::string_view;
  static std::span<const Element> load(const Slot& slot, engine::Arena& scratch) {
    return vector_view<Element>(slot, scratch);
  }
  static void store(Slot& slot, engine::Arena& /*arena*/, const std::span<const Element>& value) {
    slot = vector_bytes(value);
  }
};

template <>
struct SqlValue<Void> {
  static constexpr Oid kType = type_oid::kVoid;
  using Slot = std::string_view;
  static void store(Slot& slot, engine::Arena& /*arena*/, const Void& /*value*/) { slot = {}; }
};

}  // namespace omen::sql
