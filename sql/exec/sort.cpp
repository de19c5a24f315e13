#include "sql/exec/sort.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/row_shape.h"
#include "sql/exec/runtime.h"

namespace omen::sql {
namespace {

/// Up to this many rows a LIMIT is served by keeping the best rows only.
constexpr std::uint64_t kTopRowsMax = 50'000;

}  // namespace

SortOperator::SortOperator(const SortNode& node, std::unique_ptr<Operator> child,
                           ExecutionState& state)
    : node_(node), child_(std::move(child)), comparator_(node.keys), memory_(state.budget) {
  if (node.limit != nullptr) {
    limit_ = make_evaluator(*node.limit, state);
    if (node.offset != nullptr) {
      offset_ = make_evaluator(*node.offset, state);
    }
  }
}

void SortOperator::rewind(ExecutionState& state) {
  loaded_ = false;
  chunks_.clear();
  chunk_keys_.clear();
  places_.clear();
  runs_.clear();
  heap_.clear();
  next_place_ = 0;
  memory_bytes_ = 0;
  memory_.clear();
  child_->rewind(state);
}

std::vector<const engine::ColumnVector*> SortOperator::keys_of(
    const engine::ColumnBatch& batch) const {
  std::vector<const engine::ColumnVector*> keys;
  keys.reserve(node_.positions.size());
  for (const int position : node_.positions) {
    keys.push_back(&batch.column(static_cast<std::size_t>(position)));
  }
  return keys;
}

bool SortOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  if (!loaded_) {
    load(state);
    loaded_ = true;
  }
  check_cancel(state);
  out.reset(node_.output_types);
  return runs_.empty() ? emit_memory(out) : emit_merged(out);
}

void SortOperator::load(ExecutionState& state) {
  if (limit_ != nullptr) {
    const std::optional<std::uint64_t> limit = limit_value(*limit_, state, false);
    const std::uint64_t offset =
        offset_ == nullptr ? 0 : limit_value(*offset_, state, true).value_or(0);
    if (limit.has_value() && *limit <= kTopRowsMax && offset <= kTopRowsMax - *limit) {
      load_top(state, static_cast<std::size_t>(*limit + offset));
      return;
    }
  }
  while (child_->next(state, input_)) {
    if (input_.row_count() == 0) {
      continue;
    }
    add_chunk(input_, all_rows(input_.row_count()));
    if (!memory_.resize(memory_bytes_)) {
      write_run(state);
    }
  }
  if (runs_.empty()) {
    sort_places();
    return;
  }
  write_run(state);
  for (const auto& run : runs_) {
    if (advance(*run)) {
      heap_.push_back(run.get());
    }
  }
}

void SortOperator::add_chunk(const engine::ColumnBatch& rows,
                             std::span<const std::uint32_t> chosen) {
  const auto number = static_cast<std::uint32_t>(chunks_.size());
  auto chunk = std::make_unique<engine::ColumnBatch>();
  chunk->reset(node_.output_types);
  append_rows(*chunk, rows, chosen);
  memory_bytes_ += batch_bytes(*chunk) + chosen.size() * sizeof(Place);
  for (std::uint32_t row = 0; row < chunk->row_count(); ++row) {
    places_.push_back({number, row});
  }
  chunk_keys_.push_back(keys_of(*chunk));
  chunks_.push_back(std::move(chunk));
}

void SortOperator::sort_places() {
  std::stable_sort(places_.begin(), places_.end(), [&](const Place& a, const Place& b) {
    return comparator_.compare(chunk_keys_[a.chunk], a.row, chunk_keys_[b.chunk], b.row) < 0;
  });
}

/// Keeps the best `wanted` rows: a batch's rows that do not beat the worst of them are not copied.
void SortOperator::load_top(ExecutionState& state, std::size_t wanted) {
  std::vector<std::uint32_t> chosen;
  bool full = false;
  while (child_->next(state, input_)) {
    if (wanted == 0 || input_.row_count() == 0) {
      continue;
    }
    chosen.clear();
    const std::vector<const engine::ColumnVector*> keys = keys_of(input_);
    for (std::uint32_t row = 0; row < input_.row_count(); ++row) {
      if (!full || comparator_.compare(keys, row, chunk_keys_[places_.back().chunk],
                                       places_.back().row) < 0) {
        chosen.push_back(row);
      }
    }
    if (chosen.size() > wanted) {
      std::stable_sort(chosen.begin(), chosen.end(), [&](std::uint32_t a, std::uint32_t b) {
        return comparator_.compare(keys, a, keys, b) < 0;
      });
      chosen.resize(wanted);
    }
    if (chosen.empty()) {
      continue;
    }
    add_chunk(input_, chosen);
    sort_places();
    if (places_.size() >= wanted) {
      places_.resize(wanted);
      full = true;
    }
    if (chunks_.size() > 16) {
      compact_top(wanted);
    }
    throw_if_error(memory_.resize(memory_bytes_)
                       ? engine::Status()
                       : engine::Status(engine::StatusCode::OutOfMemory, "out of memory"));
  }
  sort_places();
}

/// Copies the rows still wanted together, so that memory holds no losers.
void SortOperator::compact_top(std::size_t wanted) {
  auto chunk = std::make_unique<engine::ColumnBatch>();
  chunk->reset(node_.output_types);
  for (const Place& place : places_) {
    append_place(place, *chunk);
  }
  chunks_.clear();
  chunk_keys_.clear();
  places_.clear();
  memory_bytes_ = batch_bytes(*chunk) + wanted * sizeof(Place);
  for (std::uint32_t row = 0; row < chunk->row_count(); ++row) {
    places_.push_back({0, row});
  }
  chunk_keys_.push_back(keys_of(*chunk));
  chunks_.push_back(std::move(chunk));
}

void SortOperator::append_place(const Place& place, engine::ColumnBatch& out) const {
  append_rows(out, *chunks_[place.chunk], std::span(&place.row, 1));
}

/// Writes what is in memory to disk as one sorted run.
void SortOperator::write_run(ExecutionState& state) {
  if (places_.empty()) {
    return;
  }
  check_cancel(state);
  sort_places();
  auto run = std::make_unique<Run>();
  run->rows = std::make_unique<RowStore>(node_.output_types, state.budget);
  run->rows->spill_from_now();
  engine::ColumnBatch batch;
  batch.reset(node_.output_types);
  for (const Place& place : places_) {
    append_place(place, batch);
    if (batch.row_count() == engine::kBatchRowsMax) {
      run->rows->append(batch);
      batch.reset(node_.output_types);
    }
  }
  run->rows->append(batch);
  runs_.push_back(std::move(run));
  chunks_.clear();
  chunk_keys_.clear();
  places_.clear();
  memory_bytes_ = 0;
  memory_.clear();
}

/// Moves a run to its next row; false at its end.
bool SortOperator::advance(Run& run) {
  if (++run.row < run.batch.row_count()) {
    return true;
  }
  run.row = 0;
  if (!run.rows->read(run.reader, run.batch)) {
    return false;
  }
  run.keys = keys_of(run.batch);
  return true;
}

bool SortOperator::emit_memory(engine::ColumnBatch& out) {
  const std::size_t count = std::min(engine::kBatchRowsMax, places_.size() - next_place_);
  out.resize(count);
  for (std::size_t column = 0; column < out.column_count(); ++column) {
    for (std::size_t i = 0; i < count; ++i) {
      const Place& place = places_[next_place_ + i];
      set_row(out.column(column), i, chunks_[place.chunk]->column(column), place.row);
    }
  }
  next_place_ += count;
  return count != 0;
}

/// Runs are few (memory-sized), so the smallest head is found by looking at all; equal rows leave
/// in the order of their runs, which keeps the sort stable.
bool SortOperator::emit_merged(engine::ColumnBatch& out) {
  while (!heap_.empty() && out.row_count() < engine::kBatchRowsMax) {
    auto best = heap_.begin();
    for (auto it = std::next(best); it != heap_.end(); ++it) {
      if (comparator_.compare((*it)->keys, (*it)->row, (*best)->keys, (*best)->row) < 0) {
        best = it;
      }
    }
    Run& run = **best;
    const auto row = static_cast<std::uint32_t>(run.row);
    append_rows(out, run.batch, std::span(&row, 1));
    if (!advance(run)) {
      heap_.erase(best);
    }
  }
  return out.row_count() != 0;
}

}  // namespace omen::sql
