#include <algorithm>
#include <cstring>
#include <utility>

#include "sql/exec/aggregate.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/runtime.h"
#include "sql/exec/sort.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

/// Reads the rows of a store, as the child of a sort.
class RowStoreOperator final : public Operator {
 public:
  explicit RowStoreOperator(const RowStore& rows) : rows_(rows) {}
  bool next(ExecutionState& /*state*/, engine::ColumnBatch& out) override {
    out.reset(rows_.types());
    return rows_.read(reader_, out);
  }
  void rewind(ExecutionState& /*state*/) override { reader_ = {}; }

 private:
  const RowStore& rows_;
  RowStore::Reader reader_;
};

/// Whether the result depends on the order in which values arrive, which DISTINCT then sorts.
bool depends_on_order(std::string_view aggregate) {
  return aggregate != "count" && aggregate != "sum" && aggregate != "avg" && aggregate != "min" &&
         aggregate != "max" && aggregate != "bool_and" && aggregate != "bool_or" &&
         aggregate != "every";
}

std::size_t aligned(std::size_t size_bytes) {
  constexpr std::size_t kAlignment = alignof(std::max_align_t);
  return std::max((size_bytes + kAlignment - 1) / kAlignment * kAlignment, kAlignment);
}

}  // namespace

AggregateStates::AggregateStates(const AggregateExpression& expression, ExecutionState& state)
    : expression_(expression), state_bytes_(aligned(expression.aggregate->state_bytes)) {
  for (const Expression* argument : expression.arguments) {
    arguments_.push_back(std::make_unique<SubsetEvaluator>(*argument, state));
  }
  if (expression.filter != nullptr) {
    filter_ = std::make_unique<SubsetEvaluator>(*expression.filter, state);
  }
  const bool sorts = !expression.order_by.empty() ||
                     (expression.distinct && depends_on_order(expression.aggregate->name));
  if (!sorts) {
    if (expression.distinct) {
      seen_types_.push_back(type_oid::kInt4);
      for (const Expression* argument : expression.arguments) {
        seen_types_.push_back(argument->type.oid);
      }
      seen_ = std::make_unique<KeyTable>(seen_types_);
    }
    return;
  }
  sort_ = std::make_unique<SortNode>();
  auto add_column = [&](Type type) {
    sort_->output_types.push_back(type_info(type.oid).physical);
    sort_->column_types.push_back(type);
  };
  auto add_key = [&](Type type, bool descending, bool nulls_first) {
    sort_->positions.push_back(static_cast<int>(sort_->output_types.size()));
    sort_->keys.push_back({type.oid, descending, nulls_first});
    add_column(type);
  };
  add_key(Type{type_oid::kInt4, -1}, false, false);
  for (const SortKey& key : expression.order_by) {
    sort_keys_.push_back(std::make_unique<SubsetEvaluator>(*key.expression, state));
    add_key(key.expression->type, key.descending, key.nulls_first);
  }
  for (const Expression* argument : expression.arguments) {
    if (expression.distinct) {
      add_key(argument->type, false, false);
    } else {
      add_column(argument->type);
    }
  }
  unsorted_ = std::make_unique<RowStore>(sort_->output_types, state.budget);
}

AggregateStates::~AggregateStates() {
  clear();
}

void AggregateStates::clear() {
  if (expression_.aggregate->destroy != nullptr) {
    for (std::size_t group = 0; group < group_count_; ++group) {
      expression_.aggregate->destroy(state_of(group));
    }
  }
  group_count_ = 0;
  blocks_.clear();
  if (seen_ != nullptr) {
    seen_->clear();
  }
  if (unsorted_ != nullptr) {
    unsorted_->clear();
  }
}

void* AggregateStates::state_of(std::size_t group) const {
  std::byte* block = reinterpret_cast<std::byte*>(blocks_[group / kBlockGroups].get());
  return block + (group % kBlockGroups) * state_bytes_;
}

void AggregateStates::grow(std::size_t group_count) {
  for (; group_count_ < group_count; ++group_count_) {
    if (group_count_ % kBlockGroups == 0) {
      blocks_.push_back(std::make_unique<std::max_align_t[]>(kBlockGroups * state_bytes_ /
                                                             sizeof(std::max_align_t)));
    }
    if (expression_.aggregate->init != nullptr) {
      expression_.aggregate->init(state_of(group_count_));
    }
  }
}

void AggregateStates::evaluate_arguments(ExecutionState& state, const engine::ColumnBatch& input,
                                         std::span<const std::uint32_t> rows) {
  columns_.clear();
  for (const auto& argument : arguments_) {
    columns_.push_back(&argument->evaluate(state, input, rows));
  }
}

void AggregateStates::update(ExecutionState& state, std::size_t row_count) {
  const FunctionCall call{state.eval, columns_, row_count, expression_.type,
                          expression_.argument_types};
  expression_.aggregate->update(call, targets_);
}

void AggregateStates::add(ExecutionState& state, const engine::ColumnBatch& input,
                          std::span<const std::uint32_t> rows,
                          std::span<const std::uint32_t> groups) {
  rows_.assign(rows.begin(), rows.end());
  groups_.assign(groups.begin(), groups.end());
  if (filter_ != nullptr) {
    const engine::ColumnVector& wanted = filter_->evaluate(state, input, rows);
    const std::span<const std::uint8_t> values = wanted.values<std::uint8_t>();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!wanted.is_null(i) && values[wanted.index(i)] != 0) {
        rows_[kept] = rows[i];
        groups_[kept++] = groups[i];
      }
    }
    rows_.resize(kept);
    groups_.resize(kept);
  }
  if (rows_.empty()) {
    return;
  }
  evaluate_arguments(state, input, rows_);
  if (sort_ != nullptr) {
    keep_for_sort(state, input);
    return;
  }
  targets_.resize(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    targets_[i] = state_of(groups_[i]);
  }
  if (seen_ != nullptr) {
    drop_duplicates(groups_);
  }
  update(state, rows_.size());
}

/// Clears the targets of values a group had before.
void AggregateStates::drop_duplicates(std::span<const std::uint32_t> groups) {
  engine::ColumnVector group_column;
  group_column.reset(PhysicalType::Int32, groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    group_column.values<std::int32_t>()[i] = static_cast<std::int32_t>(groups[i]);
  }
  std::vector<const engine::ColumnVector*> keys{&group_column};
  keys.insert(keys.end(), columns_.begin(), columns_.end());
  std::vector<std::uint64_t> hashes;
  hash_keys(keys, seen_types_, groups.size(), hashes);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    bool inserted = false;
    seen_->insert(keys, i, hashes[i], inserted);
    if (!inserted) {
      targets_[i] = nullptr;
    }
  }
}

void AggregateStates::keep_for_sort(ExecutionState& state, const engine::ColumnBatch& input) {
  engine::ColumnBatch kept;
  kept.reset(sort_->output_types);
  engine::ColumnVector& group_column = kept.column(0);
  group_column.resize(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    group_column.values<std::int32_t>()[i] = static_cast<std::int32_t>(groups_[i]);
  }
  std::size_t at = 1;
  for (const auto& key : sort_keys_) {
    kept.column(at++).share(key->evaluate(state, input, rows_));
  }
  for (const engine::ColumnVector* column : columns_) {
    kept.column(at++).share(*column);
  }
  kept.set_row_count(rows_.size());
  unsorted_->append(kept);
}

void AggregateStates::settle(ExecutionState& state) {
  if (sort_ == nullptr || unsorted_->row_count() == 0) {
    return;
  }
  SortOperator sorted(*sort_, std::make_unique<RowStoreOperator>(*unsorted_), state);
  const RowComparator comparator(sort_->keys);
  engine::ColumnBatch batch;
  engine::ColumnBatch last;
  auto keys_of = [&](const engine::ColumnBatch& rows) {
    std::vector<const engine::ColumnVector*> keys;
    for (const int position : sort_->positions) {
      keys.push_back(&rows.column(static_cast<std::size_t>(position)));
    }
    return keys;
  };
  while (sorted.next(state, batch)) {
    const std::size_t count = batch.row_count();
    targets_.resize(count);
    const auto keys = keys_of(batch);
    for (std::size_t row = 0; row < count; ++row) {
      const auto group = static_cast<std::size_t>(
          batch.column(0).values<std::int32_t>()[batch.column(0).index(row)]);
      targets_[row] = state_of(group);
      if (!expression_.distinct) {
        continue;
      }
      const bool same =
          row == 0 ? last.row_count() != 0 && comparator.compare(keys, 0, keys_of(last), 0) == 0
                   : comparator.compare(keys, row, keys, row - 1) == 0;
      if (same) {
        targets_[row] = nullptr;
      }
    }
    columns_.clear();
    for (std::size_t i = 1 + sort_keys_.size(); i < batch.column_count(); ++i) {
      columns_.push_back(&batch.column(i));
    }
    update(state, count);
    if (count != 0) {
      const auto row = static_cast<std::uint32_t>(count - 1);
      last.reset(sort_->output_types);
      append_rows(last, batch, std::span(&row, 1));
    }
  }
  unsorted_->clear();
}

void AggregateStates::finish(ExecutionState& state, std::size_t first, std::size_t count,
                             engine::ColumnVector& out) {
  out.reset(type_info(expression_.type.oid).physical, count);
  const FunctionCall call{state.eval, {}, 1, expression_.type, expression_.argument_types};
  for (std::size_t i = 0; i < count; ++i) {
    expression_.aggregate->finish(call, state_of(first + i), out, i);
  }
}

}  // namespace omen::sql
