#include "sql/exec/hash_join.h"

#include <algorithm>
#include <utility>

#include "sql/exec/batch_util.h"
#include "sql/exec/runtime.h"

namespace omen::sql {

HashJoinOperator::HashJoinOperator(const HashJoinNode& node, std::unique_ptr<Operator> left,
                                   std::unique_ptr<Operator> right, ExecutionState& state)
    : node_(node),
      left_(std::move(left)),
      right_(std::move(right)),
      left_types_(node.children[0]->output_types),
      right_types_(node.children[1]->output_types),
      pair_types_(left_types_),
      memory_(state.budget),
      table_(node.key_types) {
  left_keys_.evaluators = make_evaluators(node.left_keys, state);
  right_keys_.evaluators = make_evaluators(node.right_keys, state);
  left_keys_.converted = std::make_unique<engine::ColumnVector[]>(node.key_types.size());
  right_keys_.converted = std::make_unique<engine::ColumnVector[]>(node.key_types.size());
  pair_types_.insert(pair_types_.end(), right_types_.begin(), right_types_.end());
  for (const Expression* condition : node.conditions) {
    conditions_.push_back(std::make_unique<SubsetEvaluator>(*condition, state));
  }
}

void HashJoinOperator::rewind(ExecutionState& state) {
  left_->rewind(state);
  right_->rewind(state);
  clear_table();
  left_parts_ = {};
  right_parts_ = {};
  partitioned_ = false;
  phase_ = Phase::Build;
  have_probe_ = false;
}

void HashJoinOperator::compute_keys(ExecutionState& state, Keys& keys,
                                    const engine::ColumnBatch& rows) const {
  keys.columns.clear();
  for (std::size_t i = 0; i < keys.evaluators.size(); ++i) {
    keys.columns.push_back(
        &as_key(keys.evaluators[i]->evaluate(state, rows), node_.key_types[i], keys.converted[i]));
  }
  hash_keys(keys.columns, node_.key_types, rows.row_count(), keys.hashes);
}

void HashJoinOperator::clear_table() {
  table_.clear();
  build_rows_.reset(right_types_);
  first_row_.clear();
  next_row_.clear();
  build_matched_.clear();
  build_bytes_ = 0;
  memory_.clear();
  unmatched_row_ = 0;
}

void HashJoinOperator::add_build_rows(ExecutionState& state, const engine::ColumnBatch& rows) {
  compute_keys(state, right_keys_, rows);
  const bool keeps_null_keys = node_.join == PlanJoin::Right || node_.join == PlanJoin::Full;
  std::vector<std::uint32_t> kept;
  for (std::uint32_t row = 0; row < rows.row_count(); ++row) {
    const bool has_null =
        std::any_of(right_keys_.columns.begin(), right_keys_.columns.end(),
                    [&](const engine::ColumnVector* column) { return column->is_null(row); });
    if (has_null && !keeps_null_keys) {
      continue;
    }
    const auto number = static_cast<std::uint32_t>(next_row_.size());
    kept.push_back(row);
    next_row_.push_back(kNone);
    if (has_null) {
      continue;
    }
    bool inserted = false;
    const std::uint32_t key =
        table_.insert(right_keys_.columns, row, right_keys_.hashes[row], inserted);
    if (inserted) {
      first_row_.push_back(number);
    } else {
      next_row_[number] = std::exchange(first_row_[key], number);
    }
  }
  append_rows(build_rows_, rows, kept);
  build_bytes_ += batch_bytes(rows) + kept.size() * 9;
}

void HashJoinOperator::build(ExecutionState& state) {
  clear_table();
  engine::ColumnBatch rows;
  while (right_->next(state, rows)) {
    check_cancel(state);
    add_build_rows(state, rows);
    if (!node_.key_types.empty() && !memory_.resize(build_bytes_ + table_.size_bytes())) {
      split_both_sides(state);
      return;
    }
  }
  build_matched_.assign(build_rows_.row_count(), 0);
}

void HashJoinOperator::partition(ExecutionState& state, Keys& keys, const engine::ColumnBatch& rows,
                                 Partitions& partitions,
                                 const std::vector<PhysicalType>& types) const {
  compute_keys(state, keys, rows);
  std::array<std::vector<std::uint32_t>, kPartitions> chosen;
  for (std::uint32_t row = 0; row < rows.row_count(); ++row) {
    chosen[(keys.hashes[row] >> 56) % kPartitions].push_back(row);
  }
  for (std::size_t i = 0; i < kPartitions; ++i) {
    if (chosen[i].empty()) {
      continue;
    }
    if (partitions[i] == nullptr) {
      partitions[i] = std::make_unique<RowStore>(types, state.budget);
      partitions[i]->spill_from_now();
    }
    partitions[i]->append(rows, chosen[i]);
  }
}

void HashJoinOperator::split_both_sides(ExecutionState& state) {
  engine::ColumnBatch rows;
  for (std::size_t at = 0; at < build_rows_.row_count(); at += engine::kBatchRowsMax) {
    std::vector<std::uint32_t> slice;
    for (std::size_t i = at; i < std::min(at + engine::kBatchRowsMax, build_rows_.row_count());
         ++i) {
      slice.push_back(static_cast<std::uint32_t>(i));
    }
    rows.gather(build_rows_, slice);
    partition(state, right_keys_, rows, right_parts_, right_types_);
  }
  clear_table();
  while (right_->next(state, rows)) {
    check_cancel(state);
    partition(state, right_keys_, rows, right_parts_, right_types_);
  }
  while (left_->next(state, rows)) {
    check_cancel(state);
    partition(state, left_keys_, rows, left_parts_, left_types_);
  }
  partitioned_ = true;
  partition_ = kPartitions;
}

/// Loads the next partition's table; false after the last one.
bool HashJoinOperator::next_partition(ExecutionState& state) {
  if (!partitioned_ || partition_ == 0) {
    return false;
  }
  --partition_;
  clear_table();
  left_reader_ = {};
  if (right_parts_[partition_] != nullptr) {
    RowStore::Reader reader;
    engine::ColumnBatch rows;
    while (right_parts_[partition_]->read(reader, rows)) {
      check_cancel(state);
      add_build_rows(state, rows);
    }
    right_parts_[partition_].reset();
  }
  build_matched_.assign(build_rows_.row_count(), 0);
  return true;
}

bool HashJoinOperator::pull_probe(ExecutionState& state) {
  if (!partitioned_) {
    return left_->next(state, probe_rows_);
  }
  return left_parts_[partition_] != nullptr &&
         left_parts_[partition_]->read(left_reader_, probe_rows_);
}

bool HashJoinOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  check_cancel(state);
  out.reset(node_.output_types);
  while (true) {
    switch (phase_) {
      case Phase::Build:
        build(state);
        phase_ = partitioned_ && !next_partition(state) ? Phase::Done : Phase::Probe;
        break;
      case Phase::Probe:
        if (have_probe_) {
          if (probe(state, out)) {
            return true;
          }
          have_probe_ = false;
        }
        if (!pull_probe(state)) {
          phase_ = Phase::Unmatched;
        } else if (probe_rows_.row_count() != 0) {
          have_probe_ = true;
          probe_row_ = 0;
          probe_row_started_ = false;
          probe_matched_.assign(probe_rows_.row_count(), 0);
          compute_keys(state, left_keys_, probe_rows_);
        }
        break;
      case Phase::Unmatched:
        if ((node_.join == PlanJoin::Right || node_.join == PlanJoin::Full) &&
            emit_unmatched_right(out)) {
          return true;
        }
        phase_ = next_partition(state) ? Phase::Probe : Phase::Done;
        break;
      case Phase::Done:
        return false;
    }
  }
}

/// Gathers candidate pairs of equal keys, up to a batch.
void HashJoinOperator::collect_pairs() {
  pair_left_.clear();
  pair_right_.clear();
  for (; probe_row_ < probe_rows_.row_count(); ++probe_row_, probe_row_started_ = false) {
    if (!probe_row_started_) {
      probe_row_started_ = true;
      probe_chain_ = kNone;
      const bool has_null = std::any_of(
          left_keys_.columns.begin(), left_keys_.columns.end(),
          [&](const engine::ColumnVector* column) { return column->is_null(probe_row_); });
      if (!has_null) {
        const std::uint32_t key =
            table_.find(left_keys_.columns, probe_row_, left_keys_.hashes[probe_row_]);
        probe_chain_ = key == KeyTable::kAbsent ? kNone : first_row_[key];
      }
    }
    for (; probe_chain_ != kNone; probe_chain_ = next_row_[probe_chain_]) {
      if (pair_left_.size() == engine::kBatchRowsMax) {
        return;
      }
      pair_left_.push_back(static_cast<std::uint32_t>(probe_row_));
      pair_right_.push_back(probe_chain_);
    }
  }
}

void HashJoinOperator::filter_pairs(ExecutionState& state) {
  const std::span<const std::uint32_t> all = all_rows(pair_left_.size());
  chosen_.assign(all.begin(), all.end());
  if (conditions_.empty() || chosen_.empty()) {
    return;
  }
  pairs_.reset(pair_types_);
  for (std::size_t i = 0; i < left_types_.size(); ++i) {
    pairs_.column(i).gather(probe_rows_.column(i), pair_left_);
  }
  for (std::size_t i = 0; i < right_types_.size(); ++i) {
    pairs_.column(left_types_.size() + i).gather(build_rows_.column(i), pair_right_);
  }
  pairs_.set_row_count(pair_left_.size());
  for (const auto& condition : conditions_) {
    if (!chosen_.empty()) {
      keep_true(condition->evaluate(state, pairs_, chosen_), chosen_);
    }
  }
}

void HashJoinOperator::emit_pairs(engine::ColumnBatch& out) {
  if (!conditions_.empty()) {
    out.gather(pairs_, chosen_);
    return;
  }
  for (std::size_t i = 0; i < left_types_.size(); ++i) {
    out.column(i).gather(probe_rows_.column(i), pair_left_);
  }
  for (std::size_t i = 0; i < right_types_.size(); ++i) {
    out.column(left_types_.size() + i).gather(build_rows_.column(i), pair_right_);
  }
  out.set_row_count(pair_left_.size());
}

bool HashJoinOperator::probe(ExecutionState& state, engine::ColumnBatch& out) {
  const bool emits_pairs = node_.join != PlanJoin::Semi && node_.join != PlanJoin::Anti;
  while (probe_row_ < probe_rows_.row_count()) {
    collect_pairs();
    filter_pairs(state);
    for (const std::uint32_t i : chosen_) {
      probe_matched_[pair_left_[i]] = 1;
      build_matched_[pair_right_[i]] = 1;
    }
    if (emits_pairs && !chosen_.empty()) {
      emit_pairs(out);
      return true;
    }
  }
  return probe_row_++ == probe_rows_.row_count() && emit_left_remainder(out);
}

/// What a probe batch owes after its pairs: unmatched rows of outer and anti joins, matched ones of
/// semi joins.
bool HashJoinOperator::emit_left_remainder(engine::ColumnBatch& out) {
  const bool wants_matched = node_.join == PlanJoin::Semi;
  if (node_.join == PlanJoin::Inner || node_.join == PlanJoin::Right) {
    return false;
  }
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < probe_rows_.row_count(); ++row) {
    if ((probe_matched_[row] != 0) == wants_matched) {
      rows.push_back(row);
    }
  }
  if (rows.empty()) {
    return false;
  }
  for (std::size_t i = 0; i < out.column_count(); ++i) {
    if (i < left_types_.size()) {
      out.column(i).gather(probe_rows_.column(i), rows);
    } else {
      fill_null(out.column(i), node_.output_types[i], rows.size());
    }
  }
  out.set_row_count(rows.size());
  return true;
}

bool HashJoinOperator::emit_unmatched_right(engine::ColumnBatch& out) {
  std::vector<std::uint32_t> rows;
  for (; unmatched_row_ < build_matched_.size() && rows.size() < engine::kBatchRowsMax;
       ++unmatched_row_) {
    if (build_matched_[unmatched_row_] == 0) {
      rows.push_back(static_cast<std::uint32_t>(unmatched_row_));
    }
  }
  if (rows.empty()) {
    return false;
  }
  for (std::size_t i = 0; i < out.column_count(); ++i) {
    if (i < left_types_.size()) {
      fill_null(out.column(i), node_.output_types[i], rows.size());
    } else {
      out.column(i).gather(build_rows_.column(i - left_types_.size()), rows);
    }
  }
  out.set_row_count(rows.size());
  return true;
}

}  // namespace omen::sql
