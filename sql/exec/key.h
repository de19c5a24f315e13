#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/column_batch.h"
#include "sql/binder/bound.h"

/// Comparing and hashing rows by key columns, with fast paths for the common types.
namespace omen::sql {

using KeyColumns = std::span<const engine::ColumnVector* const>;

/// Three-way comparison of one not-null value of each of two columns.
using ValueComparator = int (*)(Oid type, const engine::ColumnVector& a, std::size_t a_row,
                                const engine::ColumnVector& b, std::size_t b_row);
/// The comparator for a type in its default order; 42883 at the first call if it has none.
ValueComparator comparator_of(Oid type);

/// One key of a sort order.
struct OrderKey {
  Oid type = 0;
  bool descending = false;
  bool nulls_first = false;
};

/// Compares rows by several keys, nulls placed as each key says.
class RowComparator {
 public:
  explicit RowComparator(std::vector<OrderKey> keys);
  [[nodiscard]] int compare(KeyColumns a, std::size_t a_row, KeyColumns b, std::size_t b_row) const;
  [[nodiscard]] const std::vector<OrderKey>& keys() const { return keys_; }

 private:
  std::vector<OrderKey> keys_;
  std::vector<ValueComparator> comparators_;
};

/// Writes a hash of each row's keys to `out`; NULLs hash alike. Consistent with KeyTable's
/// equality.
void hash_keys(KeyColumns keys, std::span<const Oid> types, std::size_t row_count,
               std::vector<std::uint64_t>& out);

/// The type both sides of an equality can be hashed and compared in, or 0 if they cannot.
Oid hash_type_of(const OperatorDef& equality, const Type& left, const Type& right);
/// `column`, converted into `scratch` if its values are not of `key_type`'s physical type.
const engine::ColumnVector& as_key(const engine::ColumnVector& column, Oid key_type,
                                   engine::ColumnVector& scratch);

/// Distinct keys in order of arrival, found by hash. NULL equals NULL, as in GROUP BY.
class KeyTable {
 public:
  static constexpr std::uint32_t kAbsent = 0xFFFFFFFF;

  explicit KeyTable(std::vector<Oid> types);
  [[nodiscard]] std::size_t size() const { return hashes_.size(); }
  [[nodiscard]] const engine::ColumnBatch& keys() const { return keys_; }
  [[nodiscard]] std::uint32_t find(KeyColumns keys, std::size_t row, std::uint64_t hash) const;
  /// Number of the key; `inserted` says whether it is new.
  std::uint32_t insert(KeyColumns keys, std::size_t row, std::uint64_t hash, bool& inserted);
  [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }
  void clear();

 private:
  [[nodiscard]] bool matches(std::uint32_t number, KeyColumns keys, std::size_t row) const;
  void grow();

  std::vector<Oid> types_;
  std::vector<ValueComparator> comparators_;
  engine::ColumnBatch keys_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint32_t> buckets_;  ///< number + 1, 0 is free; size is a power of two
  std::size_t size_bytes_ = 0;
};

}  // namespace omen::sql
