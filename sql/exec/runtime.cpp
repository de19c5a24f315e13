#include "sql/exec/runtime.h"

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/common_table.h"

namespace omen::sql {

ExecutionRuntime::ExecutionRuntime(std::size_t slot_count, std::size_t common_table_count,
                                   std::size_t node_count)
    : slots_(slot_count == 0 ? nullptr : std::make_unique<OuterSlot[]>(slot_count)),
      common_tables_(common_table_count),
      counters_(node_count) {}

ExecutionRuntime::~ExecutionRuntime() = default;

void ExecutionRuntime::drop_common_tables() {
  for (auto& table : common_tables_) {
    table.reset();
  }
}

void ExecutionRuntime::set_slot(int number, const engine::ColumnVector& source, std::size_t row) {
  OuterSlot& target = slot(number);
  copy_as_constant(source, row, target.value);
  ++target.version;
}

std::uint64_t ExecutionRuntime::version_of(const std::vector<int>& slots) const {
  std::uint64_t sum = 0;
  for (const int number : slots) {
    sum += slots_[static_cast<std::size_t>(number)].version;
  }
  return sum;
}

void check_cancel(const ExecutionState& state) {
  if (state.eval.cancel != nullptr) {
    throw_if_error(state.eval.cancel->check());
  }
}

}  // namespace omen::sql
