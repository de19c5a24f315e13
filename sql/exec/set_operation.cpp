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
                                           std::unique_ptr<Operator> right, ExecutionState& state)
    : node_(node),
      left_(std::move(left)),
      right_(std::move(right)),
      key_types_(types_of(node)),
      rows_(key_types_),
      memory_(state.budget) {}

void SetOperationOperator::rewind(ExecutionState& state) {
  left_->rewind(state);
  right_->rewind(state);
  clear_round();
  spilled_ = {};
  waiting_.clear();
  current_ = {};
  depth_ = 0;
}

void SetOperationOperator::clear_round() {
  rows_.clear();
  memory_.clear();
  left_counts_.clear();
  right_counts_.clear();
  loaded_ = false;
  full_ = false;
  next_number_ = 0;
  copies_sent_ = 0;
}

bool SetOperationOperator::pull(ExecutionState& state, Side side, RowStore::Reader& reader) {
  if (current_.left == nullptr) {
    return (side == Side::Left ? left_ : right_)->next(state, input_);
  }
  RowStore* const store = (side == Side::Left ? current_.left : current_.right).get();
  return store != nullptr && store->read(reader, input_);
}

void SetOperationOperator::spill(ExecutionState& state, std::unique_ptr<RowStore>& store,
                                 std::uint32_t row) {
  if (store == nullptr) {
    store = std::make_unique<RowStore>(node_.output_types, state.budget);
    store->spill_from_now();
  }
  store->append(input_, std::span(&row, 1));
}

void SetOperationOperator::add_left(ExecutionState& state, std::uint32_t row, KeyColumns keys,
                                    std::uint64_t hash) {
  bool inserted = false;
  const std::uint32_t number =
      full_ ? rows_.find(keys, row, hash) : rows_.insert(keys, row, hash, inserted);
  if (number == KeyTable::kAbsent) {
    spill(state, partition_of(hash).left, row);
    return;
  }
  if (inserted) {
    left_counts_.push_back(0);
  }
  ++left_counts_[number];
}

void SetOperationOperator::add_right(ExecutionState& state, std::uint32_t row, KeyColumns keys,
                                     std::uint64_t hash) {
  const std::uint32_t number = rows_.find(keys, row, hash);
  if (number != KeyTable::kAbsent) {
    ++right_counts_[number];
  } else if (full_ && partition_of(hash).left != nullptr) {
    spill(state, partition_of(hash).right, row);
  }
}

void SetOperationOperator::load(ExecutionState& state, Side side) {
  std::vector<std::uint64_t> hashes;
  std::vector<const engine::ColumnVector*> keys;
  RowStore::Reader reader;
  while (pull(state, side, reader)) {
    check_cancel(state);
    keys.clear();
    for (std::size_t i = 0; i < input_.column_count(); ++i) {
      keys.push_back(&input_.column(i));
    }
    hash_keys(keys, key_types_, input_.row_count(), hashes);
    for (std::uint32_t row = 0; row < input_.row_count(); ++row) {
      if (side == Side::Left) {
        add_left(state, row, keys, hashes[row]);
      } else {
        add_right(state, row, keys, hashes[row]);
      }
    }
    full_ =
        full_ || (side == Side::Left && depth_ < kDepthMax && !memory_.resize(rows_.size_bytes()));
  }
}

bool SetOperationOperator::next_partition() {
  for (Partition& partition : spilled_) {
    if (partition.left != nullptr) {
      partition.depth = depth_ + 1;
      waiting_.push_back(std::move(partition));
    }
  }
  spilled_ = {};
  clear_round();
  if (waiting_.empty()) {
    return false;
  }
  current_ = std::move(waiting_.back());
  waiting_.pop_back();
  depth_ = current_.depth;
  return true;
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
  while (true) {
    check_cancel(state);
    if (!loaded_) {
      load(state, Side::Left);
      right_counts_.assign(left_counts_.size(), 0);
      load(state, Side::Right);
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
    if (!chosen.empty()) {
      return true;
    }
    if (!next_partition()) {
      // A pull after the end finds nothing more.
      loaded_ = true;
      out.reset(node_.output_types);
      return false;
    }
  }
}

}  // namespace omen::sql
