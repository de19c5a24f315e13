#include "sql/exec/aggregate.h"

#include <algorithm>
#include <utility>

#include "sql/exec/batch_util.h"
#include "sql/exec/runtime.h"

namespace omen::sql {
namespace {

std::vector<Oid> key_types_of(const AggregateNode& node) {
  std::vector<Oid> types;
  for (const Expression* key : node.group_keys) {
    types.push_back(key->type.oid);
  }
  return types;
}

}  // namespace

AggregateOperator::AggregateOperator(const AggregateNode& node, std::unique_ptr<Operator> child,
                                     ExecutionState& state)
    : node_(node),
      child_(std::move(child)),
      key_evaluators_(make_evaluators(node.group_keys, state)),
      key_types_(key_types_of(node)),
      groups_(key_types_),
      memory_(state.budget) {
  for (const AggregateExpression* aggregate : node.aggregates) {
    aggregates_.push_back(std::make_unique<AggregateStates>(*aggregate, state));
  }
}

void AggregateOperator::rewind(ExecutionState& state) {
  child_->rewind(state);
  clear_groups();
  current_.reset();
  spilled_ = {};
  waiting_.clear();
  depth_ = 0;
  started_ = false;
  emitting_ = false;
  input_.clear();
  next_row_ = 0;
  input_ended_ = false;
}

void AggregateOperator::clear_groups() {
  groups_.clear();
  for (const auto& aggregate : aggregates_) {
    aggregate->clear();
  }
  memory_.clear();
  full_ = false;
  group_count_ = 0;
  next_group_ = 0;
}

std::size_t AggregateOperator::size_bytes() const {
  std::size_t total = groups_.size_bytes();
  for (const auto& aggregate : aggregates_) {
    total += aggregate->size_bytes();
  }
  return total;
}

bool AggregateOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  while (!emitting_ || next_group_ == group_count_) {
    if (started_ && !next_partition()) {
      out.reset(node_.output_types);
      return false;
    }
    started_ = true;
    run(state);
    emitting_ = true;
  }
  out.reset(node_.output_types);
  const std::size_t count = std::min(engine::kBatchRowsMax, group_count_ - next_group_);
  std::vector<std::uint32_t> chosen(count);
  for (std::size_t i = 0; i < count; ++i) {
    chosen[i] = static_cast<std::uint32_t>(next_group_ + i);
  }
  for (std::size_t i = 0; i < key_types_.size(); ++i) {
    out.column(i).gather(groups_.keys().column(i), chosen);
  }
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    aggregates_[i]->finish(state, next_group_, count, out.column(key_types_.size() + i));
  }
  out.set_row_count(count);
  next_group_ += count;
  return true;
}

/// Reads all rows of the child, or of the partition at hand, into groups.
void AggregateOperator::run(ExecutionState& state) {
  if (node_.strategy == AggregateNode::Strategy::Sorted) {
    run_sorted(state);
    return;
  }
  if (node_.strategy == AggregateNode::Strategy::Plain) {
    group_count_ = 1;
    for (const auto& aggregate : aggregates_) {
      aggregate->grow(1);
    }
  }
  engine::ColumnBatch input;
  RowStore::Reader reader;
  while (current_ != nullptr ? current_->read(reader, input) : child_->next(state, input)) {
    check_cancel(state);
    if (input.row_count() != 0) {
      add_batch(state, input);
    }
  }
  for (const auto& aggregate : aggregates_) {
    aggregate->settle(state);
  }
}

/// Reads rows into groups until the budget is spent and a new group begins.
void AggregateOperator::run_sorted(ExecutionState& state) {
  std::vector<const engine::ColumnVector*> keys;
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> numbers;
  bool complete = false;
  while (!complete) {
    check_cancel(state);
    if (next_row_ == input_.row_count()) {
      next_row_ = 0;
      if (!child_->next(state, input_)) {
        input_.clear();
        input_ended_ = true;
        break;
      }
    }
    keys.clear();
    for (const EvaluatorPtr& evaluator : key_evaluators_) {
      keys.push_back(&evaluator->evaluate(state, input_));
    }
    hash_keys(keys, key_types_, input_.row_count(), hashes);
    rows.clear();
    numbers.clear();
    for (; next_row_ < input_.row_count() && !complete; ++next_row_) {
      bool inserted = false;
      const std::uint32_t number =
          full_ ? groups_.find(keys, next_row_, hashes[next_row_])
                : groups_.insert(keys, next_row_, hashes[next_row_], inserted);
      complete = number == KeyTable::kAbsent;
      if (complete) {
        break;
      }
      rows.push_back(next_row_);
      numbers.push_back(number);
    }
    group_count_ = groups_.size();
    for (const auto& aggregate : aggregates_) {
      aggregate->grow(group_count_);
      aggregate->add(state, input_, rows, numbers);
    }
    full_ = full_ || !memory_.resize(size_bytes());
  }
  for (const auto& aggregate : aggregates_) {
    aggregate->settle(state);
  }
}

void AggregateOperator::add_batch(ExecutionState& state, const engine::ColumnBatch& input) {
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> numbers;
  if (node_.strategy == AggregateNode::Strategy::Plain) {
    const std::span<const std::uint32_t> all = all_rows(input.row_count());
    numbers.assign(all.size(), 0);
    for (const auto& aggregate : aggregates_) {
      aggregate->add(state, input, all, numbers);
    }
    return;
  }
  std::vector<const engine::ColumnVector*> keys;
  for (const EvaluatorPtr& evaluator : key_evaluators_) {
    keys.push_back(&evaluator->evaluate(state, input));
  }
  std::vector<std::uint64_t> hashes;
  hash_keys(keys, key_types_, input.row_count(), hashes);
  for (std::uint32_t row = 0; row < input.row_count(); ++row) {
    bool inserted = false;
    const std::uint32_t number = full_ ? groups_.find(keys, row, hashes[row])
                                       : groups_.insert(keys, row, hashes[row], inserted);
    if (number != KeyTable::kAbsent) {
      rows.push_back(row);
      numbers.push_back(number);
      continue;
    }
    auto& partition = spilled_[(hashes[row] >> (60 - 4 * depth_)) % kPartitions];
    if (partition == nullptr) {
      partition = std::make_unique<RowStore>(node_.children[0]->output_types, state.budget);
      partition->spill_from_now();
    }
    partition->append(input, std::span(&row, 1));
  }
  group_count_ = groups_.size();
  for (const auto& aggregate : aggregates_) {
    aggregate->grow(group_count_);
    aggregate->add(state, input, rows, numbers);
  }
  if (!full_ && depth_ < kDepthMax) {
    full_ = !memory_.resize(size_bytes());
  }
}

bool AggregateOperator::next_partition() {
  if (node_.strategy == AggregateNode::Strategy::Sorted) {
    clear_groups();
    return !input_ended_;
  }
  for (auto& rows : spilled_) {
    if (rows != nullptr) {
      waiting_.push_back({std::move(rows), depth_ + 1});
    }
  }
  clear_groups();
  if (waiting_.empty()) {
    return false;
  }
  current_ = std::move(waiting_.back().rows);
  depth_ = waiting_.back().depth;
  waiting_.pop_back();
  return true;
}

}  // namespace omen::sql
