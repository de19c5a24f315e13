#include <algorithm>
#include <unordered_set>

#include "engine/base/assert.h"
#include "engine/index/index_keys.h"
#include "engine/txn/local_statement.h"
#include "engine/txn/row_write.h"

namespace omen::engine {
namespace {

/// Rows whose unique keys are latched together.
constexpr std::size_t kUniqueChunkRows = 64;
constexpr std::size_t kChunkRows = 256;
constexpr std::size_t kBatchBytesMax = std::size_t{4} << 20;

/// The index keys of one row, parallel to TableAccess::btrees.
struct RowKeys {
  std::vector<std::string> keys;
  std::vector<bool> checked;  ///< unique and without nulls
};

RowKeys keys_of(const TableAccess& access, const ColumnBatch& rows, std::size_t row) {
  RowKeys result;
  result.keys.resize(access.btrees.size());
  result.checked.resize(access.btrees.size());
  for (std::size_t i = 0; i < access.btrees.size(); ++i) {
    const bool has_null = append_index_key(result.keys[i], access.btrees[i], access, rows, row);
    result.checked[i] = access.btrees[i].index->unique && !has_null;
  }
  return result;
}

}  // namespace

Result<InsertOutcome> LocalStatement::insert(const Table& table, const ColumnBatch& rows,
                                             std::size_t first_row) {
  OMEN_TRY(transaction_.check_writable());
  turn_.reset();
  OMEN_ASSIGN(const TableAccessPtr access, this->access(table.oid));
  OMEN_ASSERT(rows.column_count() == access->layout.column_count(),
              "rows to insert have all columns of their table");
  const bool unique = std::any_of(access->btrees.begin(), access->btrees.end(),
                                  [](const BtreeAccess& btree) { return btree.index->unique; });
  const std::size_t chunk_rows = unique ? kUniqueChunkRows : kChunkRows;
  InsertOutcome outcome;
  std::size_t row = first_row;
  while (row < rows.row_count() && !outcome.conflict.has_value()) {
    OMEN_TRY(cancel_.check());
    OMEN_TRY(core_.store->wait_for_room(cancel_, refusals_));
    const std::size_t end = std::min(row + chunk_rows, rows.row_count());
    blockers_.clear();
    OMEN_ASSIGN(ChunkOutcome chunk, insert_chunk(*access, rows, row, end, outcome.row_ids));
    row += chunk.rows_done;
    outcome.conflict = chunk.conflict;
    if (!blockers_.empty()) {
      OMEN_TRY(wait_for_blockers());
    }
  }
  outcome.rows_inserted = row - first_row;
  return outcome;
}

Result<LocalStatement::ChunkOutcome> LocalStatement::insert_chunk(const TableAccess& access,
                                                                  const ColumnBatch& rows,
                                                                  std::size_t first_row,
                                                                  std::size_t end_row,
                                                                  std::vector<RowId>& row_ids) {
  ChunkOutcome outcome;
  std::vector<RowKeys> keys;
  std::vector<std::uint32_t> stripes;
  keys.reserve(end_row - first_row);
  for (std::size_t row = first_row; row < end_row; ++row) {
    keys.push_back(keys_of(access, rows, row));
    for (std::size_t i = 0; i < keys.back().keys.size(); ++i) {
      if (keys.back().checked[i]) {
        stripes.push_back(KeyLatches::stripe_of(keys.back().keys[i]));
      }
    }
  }
  const KeyLatches::Guard guard(core_.key_latches, stripes);
  if (!stripes.empty()) {
    OMEN_TRY(newest_.refresh());
    for (auto& [oid, iterator] : unique_iterators_) {
      OMEN_TRY(iterator.refresh());
    }
  }
  // Checks first; rows from the first obstacle on are left for the next round.
  std::unordered_set<std::string_view> chunk_keys;
  std::size_t checked_end = first_row;
  for (; checked_end < end_row && !stripes.empty(); ++checked_end) {
    const RowKeys& row_keys = keys[checked_end - first_row];
    bool obstacle = false;
    for (std::size_t i = 0; i < row_keys.keys.size() && !obstacle; ++i) {
      if (!row_keys.checked[i]) {
        continue;
      }
      if (!chunk_keys.insert(row_keys.keys[i]).second) {
        obstacle = true;  // found stored, once this chunk's rows are
        break;
      }
      OMEN_ASSIGN(outcome.conflict, probe_unique(access, access.btrees[i], row_keys.keys[i], 0));
      obstacle = outcome.conflict.has_value() || !blockers_.empty();
    }
    if (obstacle) {
      break;
    }
  }
  if (stripes.empty()) {
    checked_end = end_row;
  }
  if (checked_end == first_row) {
    return outcome;
  }
  Batch batch(*core_.store, WriteKind::Data);
  OMEN_ASSIGN(const Xid xid, transaction_.write_xid(0, view_.own_limit()));
  const std::uint64_t storage_id = access.table->storage_id;
  RowBuilder builder(access.layout);
  std::vector<VectorAppend> vectors;
  if (transaction_.is_judged()) {
    transaction_.note_write(SerialSlots::of_table(storage_id));
  }
  std::size_t row = first_row;
  for (; row < checked_end && batch.size_bytes() < kBatchBytesMax; ++row) {
    OMEN_ASSIGN(RowIdRange* const range,
                transaction_.row_ids(storage_id, xid, rows.row_count() - row, batch));
    const RowId row_id = range->next++;
    builder.begin();
    for (std::size_t column = 0; column < rows.column_count(); ++column) {
      put_value(access, row_id, xid, column, datum_of(rows.column(column), row), builder, batch);
    }
    batch.put(Family::Rows, row_key(storage_id, row_id, xid), builder.finish());
    for (std::string& key : keys[row - first_row].keys) {
      if (transaction_.is_judged()) {
        transaction_.note_write(SerialSlots::of_key(key));
      }
      append_entry_suffix(key, row_id, xid);
      batch.put(Family::Index, key, {});
    }
    for (const VectorAccess& vector : access.vectors) {
      OMEN_TRY(append_vector(core_.vectors, access, vector, row_id, xid,
                             datum_of(rows.column(vector.column), row), batch, vectors));
    }
    row_ids.push_back(row_id);
  }
  OMEN_ASSIGN(const bool written, core_.vectors.try_write(batch, vectors));
  if (!written) {
    ++refusals_;
    row_ids.resize(row_ids.size() - (row - first_row));
    transaction_.forget_row_ids(storage_id);
    blockers_.clear();
    return ChunkOutcome();
  }
  refusals_ = 0;
  outcome.rows_done = row - first_row;
  if (row < checked_end) {
    outcome.conflict.reset();
    blockers_.clear();
  }
  transaction_.count_rows(xid, storage_id, {static_cast<std::int64_t>(outcome.rows_done), 0});
  return outcome;
}

}  // namespace omen::engine
