#include "sql/exec/set_operation.h"

#include <algorithm>
#include <utility>

#include "sql/exec/runtime.h"

namespace omen::sql {
namespace {

std::vector<Oid> types_of(const PlanNode& node) {
  std::vector<Oid> types;
  for (const Type& type : node.column_types) {
    types.push_back(type.oid);
  }
  return types;
}

}  // namespace

SetOperationOperator::SetOperationOperator(const SetOperationNode& node,
                                           std::unique_ptr<Operator> left,
                                           std::unique_ptr<Operator> right,
                                           ExecutionState& /*state*/)
    : node_(node),
      left_(std::move(left)),
      right_(std::move(right)),
      key_types_(types_of(node)),
      rows_(key_types_) {}

void SetOperationOperator::rewind(ExecutionState& state) {
  left_->rewind(state);
  right_->rewind(state);
  rows_.clear();
  left_counts_.clear();
  right_counts_.clear();
  loaded_ = false;
  next_number_ = 0;
  copies_sent_ = 0;
}

void SetOperationOperator::load(ExecutionState& state, Operator& source, bool is_left) {
  std::vector<std::uint64_t> hashes;
  std::vector<const engine::ColumnVector*> keys;
  while (source.next(state, input_)) {
    check_cancel(state);
    keys.clear();
    for (std::size_t i = 0; i < input_.column_count(); ++i) {
      keys.push_back(&input_.column(i));
    }
    hash_keys(keys, key_types_, input_.row_count(), hashes);
    for (std::size_t row = 0; row < input_.row_count(); ++row) {
      if (is_left) {
        bool inserted = false;
        const std::uint32_t number = rows_.insert(keys, row, hashes[row], inserted);
        if (inserted) {
          left_counts_.push_back(0);
        }
        ++left_counts_[number];
      } else {
        const std::uint32_t number = rows_.find(keys, row, hashes[row]);
        if (number != KeyTable::kAbsent) {
          ++right_counts_[number];
        }
      }
    }
  }
}

std::uint64_t SetOperationOperator::copies_of(std::size_t number) const {
  const std::uint64_t left = left_counts_[number];
  const std::uint64_t right = right_counts_[number];
  if (node_.intersect) {
    return node_.all ? std::min(left, right) : std::uint64_t{right != 0};
  }
  if (node_.all) {
    return left > right ? left - right : 0;
  }
  return right == 0 ? 1 : 0;
}

bool SetOperationOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  check_cancel(state);
  if (!loaded_) {
    load(state, *left_, true);
    right_counts_.assign(left_counts_.size(), 0);
    load(state, *right_, false);
    loaded_ = true;
  }
  std::vector<std::uint32_t> chosen;
  while (next_number_ < rows_.size() && chosen.size() < engine::kBatchRowsMax) {
    if (copies_sent_ < copies_of(next_number_)) {
      chosen.push_back(static_cast<std::uint32_t>(next_number_));
      ++copies_sent_;
    } else {
      ++next_number_;
      copies_sent_ = 0;
    }
  }
  out.gather(rows_.keys(), chosen);
  return !chosen.empty();
}

}  // namespace omen::sql
