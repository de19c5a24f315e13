#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/column_batch.h"

/// Bulk moves of rows between batches.
namespace omen::sql {

/// Appends the given rows of `source` (same type) to `target`, copying bytes into its arena.
void append_rows(engine::ColumnVector& target, const engine::ColumnVector& source,
                 std::span<const std::uint32_t> rows);
/// The same for all columns of a batch. `target` has the columns of `source`.
void append_rows(engine::ColumnBatch& target, const engine::ColumnBatch& source,
                 std::span<const std::uint32_t> rows);
/// Appends all rows of `source`.
void append_all(engine::ColumnBatch& target, const engine::ColumnBatch& source);
/// Makes `target` the constant column of one row of `source`, copying bytes.
void copy_as_constant(const engine::ColumnVector& source, std::size_t row,
                      engine::ColumnVector& target);
/// Makes `target` the constant column of one row of `source` for `row_count` rows; bytes are
/// shared.
void broadcast(const engine::ColumnVector& source, std::size_t row, std::size_t row_count,
               engine::ColumnVector& target);
/// Makes `target` a column of `row_count` NULLs.
void fill_null(engine::ColumnVector& target, engine::PhysicalType type, std::size_t row_count);
/// Sets row `to` of `target` to row `from` of `source` (same type); bytes are shared, not copied.
void set_row(engine::ColumnVector& target, std::size_t to, const engine::ColumnVector& source,
             std::size_t from);
/// Makes `target` hold the rows of all columns of `source` (views shared).
void share_batch(engine::ColumnBatch& target, const engine::ColumnBatch& source);
/// Bytes the rows of a batch hold in memory, for budgets. Bytes viewed in arenas of others count
/// too.
std::size_t batch_bytes(const engine::ColumnBatch& batch);
/// 0, 1, 2, ... count - 1; lives until the next call of this thread with a larger count.
std::span<const std::uint32_t> all_rows(std::size_t count);

}  // namespace omen::sql
