#include "sql/exec/key.h"

#include <functional>
#include <string_view>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

template <typename T>
int compare_plain(Oid /*type*/, const engine::ColumnVector& a, std::size_t a_row,
                  const engine::ColumnVector& b, std::size_t b_row) {
  const T left = a.values<T>()[a.index(a_row)];
  const T right = b.values<T>()[b.index(b_row)];
  return left < right ? -1 : static_cast<int>(right < left);
}

int compare_bytes(Oid /*type*/, const engine::ColumnVector& a, std::size_t a_row,
                  const engine::ColumnVector& b, std::size_t b_row) {
  return a.bytes(a_row).compare(b.bytes(b_row));
}

bool is_plain_integer(Oid type) {
  switch (type) {
    case type_oid::kInt2:
    case type_oid::kInt4:
    case type_oid::kInt8:
    case type_oid::kBool:
    case type_oid::kDate:
    case type_oid::kTimestamp:
    case type_oid::kTimestamptz:
    case type_oid::kTime:
    case type_oid::kOid:
      return true;
    default:
      return false;
  }
}

bool is_plain_bytes(Oid type) {
  return type == type_oid::kText || type == type_oid::kVarchar || type == type_oid::kBytea ||
         type == type_oid::kUuid;
}

std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  x ^= x >> 33;
  return x;
}

constexpr std::uint64_t kNullHash = 0x9e3779b97f4a7c15ULL;

void combine(std::uint64_t& seed, std::uint64_t value) {
  seed = mix(seed * 31 + value);
}

template <typename T>
void hash_integers(const engine::ColumnVector& column, std::span<std::uint64_t> out) {
  const std::span<const T> values = column.values<T>();
  for (std::size_t i = 0; i < out.size(); ++i) {
    combine(out[i], column.is_null(i) ? kNullHash
                                      : static_cast<std::uint64_t>(
                                            static_cast<std::int64_t>(values[column.index(i)])));
  }
}

void hash_column(const engine::ColumnVector& column, Oid type, std::span<std::uint64_t> out) {
  if (is_plain_integer(type)) {
    switch (engine::width_bytes(column.type())) {
      case 1:
        hash_integers<std::uint8_t>(column, out);
        return;
      case 2:
        hash_integers<std::int16_t>(column, out);
        return;
      case 4:
        hash_integers<std::int32_t>(column, out);
        return;
      default:
        hash_integers<std::int64_t>(column, out);
        return;
    }
  }
  const bool plain = is_plain_bytes(type);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (column.is_null(i)) {
      combine(out[i], kNullHash);
    } else if (plain) {
      combine(out[i], std::hash<std::string_view>()(column.bytes(i)));
    } else {
      combine(out[i], hash_value(type, column, i));
    }
  }
}

bool is_integer_type(Oid type) {
  return type == type_oid::kInt2 || type == type_oid::kInt4 || type == type_oid::kInt8;
}
bool is_float_type(Oid type) {
  return type == type_oid::kFloat4 || type == type_oid::kFloat8;
}

template <typename From, typename To>
void convert(const engine::ColumnVector& column, engine::ColumnVector& scratch) {
  const std::span<const From> from = column.values<From>();
  const std::span<To> to = scratch.values<To>();
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] = static_cast<To>(from[i]);
  }
  if (column.has_nulls()) {
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (column.is_null(i)) {
        scratch.set_null(i);
      }
    }
  }
}

}  // namespace

ValueComparator comparator_of(Oid type) {
  if (is_plain_integer(type)) {
    switch (type_info(type).physical) {
      case PhysicalType::Bool:
        return compare_plain<std::uint8_t>;
      case PhysicalType::Int16:
        return compare_plain<std::int16_t>;
      case PhysicalType::Int32:
        return compare_plain<std::int32_t>;
      case PhysicalType::Int64:
        return compare_plain<std::int64_t>;
      default:
        return compare_values;
    }
  }
  return is_plain_bytes(type) ? compare_bytes : compare_values;
}

RowComparator::RowComparator(std::vector<OrderKey> keys) : keys_(std::move(keys)) {
  comparators_.reserve(keys_.size());
  for (const OrderKey& key : keys_) {
    comparators_.push_back(comparator_of(key.type));
  }
}

int RowComparator::compare(KeyColumns a, std::size_t a_row, KeyColumns b, std::size_t b_row) const {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const bool a_null = a[i]->is_null(a_row);
    const bool b_null = b[i]->is_null(b_row);
    if (a_null || b_null) {
      if (a_null != b_null) {
        return a_null == keys_[i].nulls_first ? -1 : 1;
      }
      continue;
    }
    const int order = comparators_[i](keys_[i].type, *a[i], a_row, *b[i], b_row);
    if (order != 0) {
      return (order < 0) != keys_[i].descending ? -1 : 1;
    }
  }
  return 0;
}

void hash_keys(KeyColumns keys, std::span<const Oid> types, std::size_t row_count,
               std::vector<std::uint64_t>& out) {
  out.assign(row_count, 0);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    hash_column(*keys[i], types[i], out);
  }
}

Oid hash_type_of(const OperatorDef& equality, const Type& left, const Type& right) {
  if (equality.name != "=") {
    return 0;
  }
  if (is_integer_type(left.oid) && is_integer_type(right.oid)) {
    return left.oid == right.oid ? left.oid : type_oid::kInt8;
  }
  if (is_float_type(left.oid) && is_float_type(right.oid)) {
    return left.oid == right.oid ? left.oid : type_oid::kFloat8;
  }
  return left.oid == right.oid && left.oid != type_oid::kRecord && is_orderable(left.oid) ? left.oid
                                                                                          : 0;
}

const engine::ColumnVector& as_key(const engine::ColumnVector& column, Oid key_type,
                                   engine::ColumnVector& scratch) {
  const PhysicalType wanted = type_info(key_type).physical;
  if (column.type() == wanted) {
    return column;
  }
  if (column.is_constant()) {
    scratch.reset_constant(wanted, column.size());
  } else {
    scratch.reset(wanted, column.size());
  }
  switch (column.type()) {
    case PhysicalType::Int16:
      convert<std::int16_t, std::int64_t>(column, scratch);
      break;
    case PhysicalType::Int32:
      convert<std::int32_t, std::int64_t>(column, scratch);
      break;
    case PhysicalType::Float32:
      convert<float, double>(column, scratch);
      break;
    default:
      internal_error("a key column of an unexpected type");
  }
  return scratch;
}

KeyTable::KeyTable(std::vector<Oid> types) : types_(std::move(types)) {
  for (const Oid type : types_) {
    comparators_.push_back(comparator_of(type));
  }
  clear();
}

void KeyTable::clear() {
  std::vector<PhysicalType> physical;
  for (const Oid type : types_) {
    physical.push_back(type_info(type).physical);
  }
  keys_.reset(physical);
  hashes_.clear();
  buckets_.assign(64, 0);
  size_bytes_ = buckets_.size() * sizeof(buckets_[0]);
}

bool KeyTable::matches(std::uint32_t number, KeyColumns keys, std::size_t row) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool null = keys[i]->is_null(row);
    if (null != keys_.column(i).is_null(number)) {
      return false;
    }
    if (!null && comparators_[i](types_[i], *keys[i], row, keys_.column(i), number) != 0) {
      return false;
    }
  }
  return true;
}

std::uint32_t KeyTable::find(KeyColumns keys, std::size_t row, std::uint64_t hash) const {
  const std::size_t mask = buckets_.size() - 1;
  for (std::size_t at = hash & mask; buckets_[at] != 0; at = (at + 1) & mask) {
    const std::uint32_t number = buckets_[at] - 1;
    if (hashes_[number] == hash && matches(number, keys, row)) {
      return number;
    }
  }
  return kAbsent;
}

std::uint32_t KeyTable::insert(KeyColumns keys, std::size_t row, std::uint64_t hash,
                               bool& inserted) {
  const std::uint32_t known = find(keys, row, hash);
  inserted = known == kAbsent;
  if (!inserted) {
    return known;
  }
  if ((hashes_.size() + 1) * 2 > buckets_.size()) {
    grow();
  }
  const auto number = static_cast<std::uint32_t>(hashes_.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys_.column(i).append_copy(*keys[i], row);
    size_bytes_ += engine::width_bytes(keys[i]->type()) + 1;
    if (engine::is_bytes(keys[i]->type()) && !keys[i]->is_null(row)) {
      size_bytes_ += keys[i]->bytes(row).size();
    }
  }
  keys_.set_row_count(number + 1);
  hashes_.push_back(hash);
  size_bytes_ += sizeof(hash);
  const std::size_t mask = buckets_.size() - 1;
  std::size_t at = hash & mask;
  while (buckets_[at] != 0) {
    at = (at + 1) & mask;
  }
  buckets_[at] = number + 1;
  return number;
}

void KeyTable::grow() {
  const std::size_t size = buckets_.size() * 2;
  size_bytes_ += (size - buckets_.size()) * sizeof(buckets_[0]);
  buckets_.assign(size, 0);
  for (std::size_t i = 0; i < hashes_.size(); ++i) {
    std::size_t at = hashes_[i] & (size - 1);
    while (buckets_[at] != 0) {
      at = (at + 1) & (size - 1);
    }
    buckets_[at] = static_cast<std::uint32_t>(i) + 1;
  }
}

}  // namespace omen::sql
