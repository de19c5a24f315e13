#include "sql/exec/common_table.h"

#include <utility>

#include "sql/exec/batch_util.h"
#include "sql/exec/build.h"
#include "sql/exec/runtime.h"

namespace omen::sql {

CommonTableState& common_table(ExecutionState& state, const CommonTablePlan& plan) {
  std::unique_ptr<CommonTableState>& slot = state.runtime->common_table(plan.number);
  if (slot == nullptr) {
    slot = std::make_unique<CommonTableState>(&plan, plan.root->output_types, state.budget);
  }
  return *slot;
}

void CommonTableState::refresh(ExecutionState& state) {
  if (plan_ == nullptr) {
    return;
  }
  const std::uint64_t version = state.runtime->version_of(plan_->used_slots);
  if (root_ != nullptr && version != version_) {
    root_->rewind(state);
    rows_.clear();
    done_ = false;
    ++generation_;
  }
  version_ = version;
}

bool CommonTableState::pull(ExecutionState& state) {
  if (done_) {
    return false;
  }
  if (root_ == nullptr) {
    root_ = make_operator(*plan_->root, state);
  }
  const std::uint64_t affected = state.rows_affected;
  const bool has_rows = root_->next(state, batch_);
  state.rows_affected = affected;  // the statement's tag counts its own rows alone
  if (!has_rows) {
    done_ = true;
    return false;
  }
  rows_.append(batch_);
  return true;
}

bool CommonTableState::read(ExecutionState& state, RowStore::Reader& reader,
                            engine::ColumnBatch& out) {
  while (!rows_.read(reader, out)) {
    if (plan_ == nullptr || !pull(state)) {
      return false;
    }
  }
  return true;
}

void CommonTableState::finish(ExecutionState& state) {
  while (pull(state)) {
  }
}

bool CommonTableScanOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  check_cancel(state);
  CommonTableState& table = common_table(state, *node_.table);
  table.refresh(state);
  if (generation_ != table.generation()) {
    generation_ = table.generation();
    reader_ = {};
  }
  out.reset(node_.output_types);
  return table.read(state, reader_, out);
}

bool WorkTableScanOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  check_cancel(state);
  out.reset(node_.output_types);
  const std::unique_ptr<CommonTableState>& table = state.runtime->common_table(node_.work_table);
  return table != nullptr && table->rows().read(reader_, out);
}

RecursiveUnionOperator::RecursiveUnionOperator(const RecursiveUnionNode& node,
                                               std::unique_ptr<Operator> base,
                                               std::unique_ptr<Operator> step,
                                               ExecutionState& state)
    : node_(node), base_(std::move(base)), step_(std::move(step)) {
  for (const Type& type : node.column_types) {
    key_types_.push_back(type.oid);
  }
  if (!node.all) {
    seen_ = std::make_unique<KeyTable>(key_types_);
  }
  next_round_ = std::make_unique<RowStore>(node.output_types, state.budget);
}

CommonTableState& RecursiveUnionOperator::work_table(ExecutionState& state) {
  std::unique_ptr<CommonTableState>& slot = state.runtime->common_table(node_.work_table);
  if (slot == nullptr) {
    slot = std::make_unique<CommonTableState>(nullptr, node_.output_types, state.budget);
  }
  return *slot;
}

void RecursiveUnionOperator::rewind(ExecutionState& state) {
  in_base_ = true;
  base_->rewind(state);
  step_->rewind(state);
  next_round_->clear();
  work_table(state).rows().clear();
  if (seen_ != nullptr) {
    seen_->clear();
  }
}

void RecursiveUnionOperator::take_new(engine::ColumnBatch& out) {
  if (seen_ == nullptr) {
    share_batch(out, batch_);
  } else {
    std::vector<const engine::ColumnVector*> keys;
    for (std::size_t i = 0; i < batch_.column_count(); ++i) {
      keys.push_back(&batch_.column(i));
    }
    std::vector<std::uint64_t> hashes;
    hash_keys(keys, key_types_, batch_.row_count(), hashes);
    std::vector<std::uint32_t> fresh;
    for (std::uint32_t row = 0; row < batch_.row_count(); ++row) {
      bool inserted = false;
      seen_->insert(keys, row, hashes[row], inserted);
      if (inserted) {
        fresh.push_back(row);
      }
    }
    out.gather(batch_, fresh);
  }
  next_round_->append(out);
}

bool RecursiveUnionOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  while (true) {
    check_cancel(state);
    Operator& source = in_base_ ? *base_ : *step_;
    if (source.next(state, batch_)) {
      take_new(out);
      return true;
    }
    if (next_round_->row_count() == 0) {
      out.reset(node_.output_types);
      return false;
    }
    CommonTableState& work = work_table(state);
    work.rows().clear();
    RowStore::Reader reader;
    engine::ColumnBatch rows;
    while (next_round_->read(reader, rows)) {
      work.rows().append(rows);
    }
    next_round_->clear();
    in_base_ = false;
    step_->rewind(state);
  }
}

}  // namespace omen::sql
