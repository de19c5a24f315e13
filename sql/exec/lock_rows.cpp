#include "sql/exec/lock_rows.h"

#include <fmt/format.h>

#include <utility>

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/runtime.h"

namespace omen::sql {

LockRowsOperator::LockRowsOperator(const LockRowsNode& node, std::unique_ptr<Operator> child,
                                   ExecutionState& state)
    : node_(node), child_(std::move(child)) {
  for (const LockRowsNode::Target& target : node.targets) {
    targets_.push_back(std::make_unique<RowTarget>(target.row, state));
  }
}

void LockRowsOperator::rewind(ExecutionState& state) {
  child_->rewind(state);
  input_.clear();
  row_ = 0;
}

bool LockRowsOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  while (true) {
    check_cancel(state);
    if (row_ == input_.row_count()) {
      row_ = 0;
      if (!child_->next(state, input_)) {
        input_.clear();
        out.reset(node_.output_types);
        return false;
      }
      continue;
    }
    const auto chosen = static_cast<std::uint32_t>(row_++);
    out.gather(input_, std::span(&chosen, 1));
    bool kept = true;
    for (std::size_t i = 0; i < targets_.size() && kept; ++i) {
      kept = lock(state, i, out);
    }
    if (kept) {
      return true;
    }
  }
}

/// Locks the newest version of one table's row; false if the row is to be passed over.
bool LockRowsOperator::lock(ExecutionState& state, std::size_t target, engine::ColumnBatch& row) {
  RowTarget& rows = *targets_[target];
  const LockRowsNode::Target& wanted = node_.targets[target];
  if (!rows.present(row, 0)) {
    return true;
  }
  engine::Xid xid = rows.xid(row, 0);
  while (true) {
    const engine::WriteOutcome outcome = value_or_throw(state.statement->lock_row(
        rows.table(), rows.row_id(row, 0), xid,
        {.strength = wanted.strength, .may_wait = !wanted.no_wait && !wanted.skip_locked}));
    switch (outcome.result) {
      case engine::WriteResult::Done:
      case engine::WriteResult::ModifiedByStatement:
        return true;
      case engine::WriteResult::Locked:
        if (wanted.no_wait) {
          throw SqlError(
              sqlstate::kLockNotAvailable,
              fmt::format("could not obtain lock on row in relation \"{}\"", rows.table().name));
        }
        return false;
      case engine::WriteResult::Deleted:
      case engine::WriteResult::UniqueViolation:
        return false;
      case engine::WriteResult::Changed: {
        xid = outcome.newest_xid;
        const engine::ColumnBatch* current = rows.refetch(state, row, 0, xid);
        if (current == nullptr) {
          return false;
        }
        engine::ColumnBatch fresh;
        fresh.reset(node_.output_types);
        append_all(fresh, *current);
        row.reset(node_.output_types);
        append_all(row, fresh);
        break;
      }
    }
  }
}

}  // namespace omen::sql
