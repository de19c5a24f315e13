#include "sql/exec/distinct.h"

#include <array>
#include <utility>

#include "sql/exec/batch_util.h"
#include "sql/exec/key.h"
#include "sql/exec/row_store.h"
#include "sql/exec/runtime.h"

namespace omen::sql {
namespace {

std::vector<const engine::ColumnVector*> all_columns(const engine::ColumnBatch& batch) {
  std::vector<const engine::ColumnVector*> columns;
  for (std::size_t i = 0; i < batch.column_count(); ++i) {
    columns.push_back(&batch.column(i));
  }
  return columns;
}

/// Passes each row on when it is seen first. When the rows seen outgrow the budget, unseen rows go
/// to partitions on disk by hash, each of which is then deduplicated by itself.
class HashDistinctOperator final : public Operator {
 public:
  HashDistinctOperator(const DistinctNode& node, std::unique_ptr<Operator> child,
                       ExecutionState& state)
      : node_(node), child_(std::move(child)), memory_(state.budget) {
    for (const Type& type : node.column_types) {
      key_types_.push_back(type.oid);
    }
    seen_ = std::make_unique<KeyTable>(key_types_);
  }

  bool next(ExecutionState& state, engine::ColumnBatch& out) override {
    check_cancel(state);
    while (!pull(state)) {
      if (!next_partition()) {
        out.reset(node_.output_types);
        return false;
      }
    }
    fresh_.clear();
    const std::vector<const engine::ColumnVector*> keys = all_columns(input_);
    hash_keys(keys, key_types_, input_.row_count(), hashes_);
    for (std::uint32_t row = 0; row < input_.row_count(); ++row) {
      bool inserted = false;
      if (!full_) {
        seen_->insert(keys, row, hashes_[row], inserted);
      } else if (seen_->find(keys, row, hashes_[row]) == KeyTable::kAbsent) {
        spill(state, row);
      }
      if (inserted) {
        fresh_.push_back(row);
      }
    }
    full_ = full_ || (depth_ < kDepthMax && !memory_.resize(seen_->size_bytes()));
    out.gather(input_, fresh_);
    return true;
  }

  void rewind(ExecutionState& state) override {
    child_->rewind(state);
    seen_->clear();
    memory_.clear();
    current_.reset();
    waiting_.clear();
    spilled_ = {};
    full_ = false;
    depth_ = 0;
  }

 private:
  static constexpr std::size_t kPartitions = 16;
  static constexpr unsigned kDepthMax = 6;
  struct Partition {
    std::unique_ptr<RowStore> rows;
    unsigned depth = 0;
  };

  bool pull(ExecutionState& state) {
    return current_ == nullptr ? child_->next(state, input_) : current_->read(reader_, input_);
  }
  void spill(ExecutionState& state, std::uint32_t row) {
    const std::size_t number = (hashes_[row] >> (60 - 4 * depth_)) % kPartitions;
    if (spilled_[number] == nullptr) {
      spilled_[number] = std::make_unique<RowStore>(node_.output_types, state.budget);
      spilled_[number]->spill_from_now();
    }
    spilled_[number]->append(input_, std::span(&row, 1));
  }
  bool next_partition() {
    for (auto& rows : spilled_) {
      if (rows != nullptr) {
        waiting_.push_back({std::move(rows), depth_ + 1});
      }
    }
    seen_->clear();
    memory_.clear();
    full_ = false;
    if (waiting_.empty()) {
      return false;
    }
    current_ = std::move(waiting_.back().rows);
    depth_ = waiting_.back().depth;
    waiting_.pop_back();
    reader_ = {};
    return true;
  }

  const DistinctNode& node_;
  std::unique_ptr<Operator> child_;
  std::vector<Oid> key_types_;
  std::unique_ptr<KeyTable> seen_;
  MemoryUse memory_;
  bool full_ = false;
  unsigned depth_ = 0;
  std::array<std::unique_ptr<RowStore>, kPartitions> spilled_;
  std::vector<Partition> waiting_;
  std::unique_ptr<RowStore> current_;
  RowStore::Reader reader_;
  engine::ColumnBatch input_;
  std::vector<std::uint32_t> fresh_;
  std::vector<std::uint64_t> hashes_;
};

/// The first row of each run of rows with equal keys.
class DistinctOnOperator final : public Operator {
 public:
  DistinctOnOperator(const DistinctNode& node, std::unique_ptr<Operator> child)
      : node_(node), child_(std::move(child)), comparator_(order_keys(node)) {}

  bool next(ExecutionState& state, engine::ColumnBatch& out) override {
    if (!child_->next(state, input_)) {
      out.reset(node_.output_types);
      return false;
    }
    const std::vector<const engine::ColumnVector*> keys = key_columns(input_);
    fresh_.clear();
    for (std::uint32_t row = 0; row < input_.row_count(); ++row) {
      const bool same =
          row == 0 ? has_last_ && comparator_.compare(keys, row, key_columns(last_), 0) == 0
                   : comparator_.compare(keys, row, keys, row - 1) == 0;
      if (!same) {
        fresh_.push_back(row);
      }
    }
    if (input_.row_count() != 0) {
      const auto row = static_cast<std::uint32_t>(input_.row_count() - 1);
      last_.reset(node_.output_types);
      append_rows(last_, input_, std::span(&row, 1));
      has_last_ = true;
    }
    out.gather(input_, fresh_);
    return true;
  }

  void rewind(ExecutionState& state) override {
    child_->rewind(state);
    has_last_ = false;
  }

 private:
  static std::vector<OrderKey> order_keys(const DistinctNode& node) {
    std::vector<OrderKey> keys;
    for (const int position : node.on_positions) {
      keys.push_back({.type = node.column_types[static_cast<std::size_t>(position)].oid});
    }
    return keys;
  }
  [[nodiscard]] std::vector<const engine::ColumnVector*> key_columns(
      const engine::ColumnBatch& batch) const {
    std::vector<const engine::ColumnVector*> columns;
    for (const int position : node_.on_positions) {
      columns.push_back(&batch.column(static_cast<std::size_t>(position)));
    }
    return columns;
  }

  const DistinctNode& node_;
  std::unique_ptr<Operator> child_;
  RowComparator comparator_;
  engine::ColumnBatch input_, last_;
  bool has_last_ = false;
  std::vector<std::uint32_t> fresh_;
};

}  // namespace

std::unique_ptr<Operator> make_distinct(const DistinctNode& node, std::unique_ptr<Operator> child,
                                        ExecutionState& state) {
  if (node.on_positions.empty()) {
    return std::make_unique<HashDistinctOperator>(node, std::move(child), state);
  }
  return std::make_unique<DistinctOnOperator>(node, std::move(child));
}

}  // namespace omen::sql
