#include "sql/exec/vector_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "engine/base/vector_forms.h"
#include "sql/catalog/opclass.h"
#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/row_shape.h"
#include "sql/exec/runtime.h"

namespace omen::sql {
namespace {

/// Rows whose distances a beam compares for each of its places, at least.
constexpr double kRowsPerPlace = 16;
/// Fewer tests say little about the share of rows that pass.
constexpr std::uint64_t kTestsMin = 10;
/// What matches pulled one after the other may cost: so many times what tests have, and some.
constexpr double kMatchesPerTest = 4;
constexpr double kMatchesMin = 20;
/// Where a condition leaves some of what a search finds, what it misses is missed the more.
constexpr double kFilteredRecall = 0.99;

std::size_t dimensions_of(engine::VectorElement element, std::string_view value) {
  switch (element) {
    case engine::VectorElement::Float32:
      break;
    case engine::VectorElement::Half:
      return value.size() / 2;
    case engine::VectorElement::Bit:
      return engine::bit_string(value).bit_count;
    case engine::VectorElement::Sparse:
      return static_cast<std::size_t>(engine::sparse_parts(value).dimensions);
  }
  return value.size() / sizeof(float);
}

template <typename Word>
bool all_zero(std::string_view value, Word magnitude) {
  for (std::size_t at = 0; at < value.size(); at += sizeof(Word)) {
    Word word = 0;
    std::memcpy(&word, value.data() + at, sizeof word);
    if ((word & magnitude) != 0) {
      return false;
    }
  }
  return true;
}

/// Whether a vector has no direction.
bool is_zero(engine::VectorElement element, std::string_view value) {
  switch (element) {
    case engine::VectorElement::Half:
      return all_zero<std::uint16_t>(value, 0x7FFF);
    case engine::VectorElement::Bit:
      return false;  // no cosine of bits
    case engine::VectorElement::Sparse:
      return engine::sparse_parts(value).count == 0;
    case engine::VectorElement::Float32:
      break;
  }
  return all_zero<std::uint32_t>(value, 0x7FFFFFFF);
}

std::string_view dimensions_name(engine::VectorElement element) {
  switch (element) {
    case engine::VectorElement::Float32:
      break;
    case engine::VectorElement::Half:
      return "halfvec dimensions";
    case engine::VectorElement::Bit:
      return "bit lengths";
    case engine::VectorElement::Sparse:
      return "sparsevec dimensions";
  }
  return "vector dimensions";
}

}  // namespace

VectorScanOperator::VectorScanOperator(const VectorScanNode& node,
                                       std::unique_ptr<Operator> matches, ExecutionState& state)
    : node_(node),
      query_evaluator_(make_evaluator(*node.query, state)),
      matches_(std::move(matches)) {
  if (node.limit != nullptr) {
    limit_ = make_evaluator(*node.limit, state);
  }
  if (node.offset != nullptr) {
    offset_ = make_evaluator(*node.offset, state);
  }
  if (node.bound != nullptr) {
    bound_evaluator_ = make_evaluator(*node.bound, state);
  }
  if (node.bound_from != nullptr) {
    bound_from_evaluator_ = make_evaluator(*node.bound_from, state);
  }
  tests_.reserve(node.tests.size());
  for (const Expression* test : node.tests) {
    tests_.push_back(std::make_unique<SubsetEvaluator>(*test, state));
  }
}

void VectorScanOperator::rewind(ExecutionState& state) {
  cursor_.reset();
  all_rows_.reset();
  if (matches_state_ == Matches::Begun || matches_state_ == Matches::Done) {
    matches_->rewind(state);
  }
  matches_state_ = Matches::None;
  match_ids_.clear();
  match_memory_.reset();
  tests_here_ = false;
  tested_count_ = 0;
  passed_count_ = 0;
  opened_ = false;
  only_distances_ = false;
}

/// Effort and end of the scan as the settings ask for, in pgvector's terms.
void VectorScanOperator::apply_settings(ExecutionState& state, engine::VectorScan& request) {
  const VectorScanSettings& settings = state.vector_scan;
  request.recall_target = settings.recall_target;
  rows_left_ = UINT64_MAX;
  if (access_method_of(*node_.index) != access_method_oid::kIvfflat) {
    request.ef_search = settings.ef_search;
    request.strict_order = settings.strict_order;
    if (settings.strict && !settings.hnsw_iterates) {
      rows_left_ = settings.rows_first;
    } else if (settings.hnsw_iterates && settings.rows_max != 0) {
      rows_left_ = std::max<std::uint64_t>(settings.rows_first, settings.rows_max);
    }
    return;
  }
  const double rows = state.eval.engine->table_statistics(node_.table->oid).live_rows;
  const int lists = ivfflat_lists(*node_.index);
  const auto rows_in = [&](int probes) {
    return static_cast<std::uint64_t>(std::ceil(std::max(rows, 1.0) * probes / lists));
  };
  if (settings.probes != 0) {
    request.ef_search = static_cast<std::size_t>(
        std::max(1.0, static_cast<double>(rows_in(settings.probes)) / kRowsPerPlace));
  }
  const int probes_max = settings.ivfflat_iterates ? settings.probes_max
                         : settings.strict         ? settings.probes
                                                   : 0;
  if (probes_max != 0 && std::max(probes_max, settings.probes) < lists) {
    rows_left_ = rows_in(std::max({probes_max, settings.probes, 1}));
  }
}

void VectorScanOperator::open(ExecutionState& state) {
  opened_ = true;
  engine::VectorScan request{.table = node_.table, .index = node_.index, .columns = node_.columns};
  apply_settings(state, request);
  const engine::ColumnVector& value = evaluate_once(*query_evaluator_, state);
  if (value.is_null(0)) {
    open_without_distance(state);
    return;
  }
  query_.assign(value.bytes(0));
  const engine::Column& column = node_.table->columns[node_.index->columns[0].column];
  if (column.type_modifier >= 0 && dimensions_of(node_.index->element, query_) !=
                                       static_cast<std::size_t>(column.type_modifier)) {
    refuse_dimensions(state);
    open_without_distance(state);  // all vectors are NULL
    return;
  }
  request.query = query_;
  // An index of pgvector's holds no NULL, and no zero vector if the metric is cosine.
  only_distances_ = state.vector_scan.strict;
  is_nan_distance_ =
      node_.index->metric == engine::Metric::Cosine && !is_zero(node_.index->element, query_);
  wanted_count_ = request.row_count_hint;
  if (limit_ != nullptr) {
    const std::uint64_t limit = limit_value(*limit_, state, false).value_or(10);
    const std::uint64_t offset =
        offset_ == nullptr ? 0 : limit_value(*offset_, state, true).value_or(0);
    request.row_count_hint = static_cast<std::size_t>(
        std::clamp<std::uint64_t>(limit + std::min<std::uint64_t>(offset, 100'000), 1, 100'000));
    wanted_count_ = request.row_count_hint;
  }
  read_bound(state);
  if (matches_ != nullptr) {
    matches_state_ = Matches::Untouched;
    match_memory_ = std::make_unique<MemoryUse>(state.budget);
    if (rows_left_ == UINT64_MAX) {
      tests_here_ = true;
      request.recall_target = std::max(request.recall_target, kFilteredRecall);
      request.filter = filter(state);
      request.filter_columns = node_.tested_columns;
    }
  }
  cursor_ = value_or_throw(state.statement->scan(request));
}

void VectorScanOperator::read_bound(ExecutionState& state) {
  const auto read = [&](const EvaluatorPtr& evaluator) -> std::optional<double> {
    if (evaluator == nullptr) {
      return std::nullopt;
    }
    const engine::ColumnVector& value = evaluate_once(*evaluator, state);
    return value.is_null(0) ? std::nullopt : std::optional(value.values<double>()[value.index(0)]);
  };
  bound_ = read(bound_evaluator_);
  bound_from_ = read(bound_from_evaluator_);
  const bool has_no_start = bound_from_evaluator_ != nullptr && !bound_from_.has_value();
  if (has_no_start || std::isnan(bound_.value_or(0))) {
    bound_.reset();
  }
}

/// Whether the last row's distance is past the bound: so is every later row's.
bool VectorScanOperator::is_beyond_bound(const engine::ColumnBatch& batch) const {
  if (!bound_.has_value() || batch.row_count() == 0) {
    return false;
  }
  const auto at = std::find(node_.columns.begin(), node_.columns.end(), engine::kDistanceColumn);
  const engine::ColumnVector& distances =
      batch.column(static_cast<std::size_t>(at - node_.columns.begin()));
  const std::size_t last = batch.row_count() - 1;
  if (distances.is_null(last)) {
    return true;
  }
  const double distance = distances.values<double>()[distances.index(last)];
  // Not a number is past any bound.
  return bound_from_.has_value() ? !(*bound_from_ - distance >= *bound_) : !(distance <= *bound_);
}

/// As pgvector, a wrong number of dimensions is an error once there is a vector to compare with.
void VectorScanOperator::refuse_dimensions(ExecutionState& state) {
  const int column = node_.index->columns[0].column;
  const std::unique_ptr<engine::RowCursor> cursor = value_or_throw(
      state.statement->scan(engine::TableScan{.table = node_.table, .columns = {column}}));
  engine::ColumnBatch batch;
  while (value_or_throw(cursor->next(batch))) {
    for (std::size_t row = 0; row < batch.row_count(); ++row) {
      if (batch.column(0).is_null(row)) {
        continue;
      }
      // The query comes first, whichever way the operator was written.
      const engine::VectorElement element = node_.index->element;
      throw SqlError(sqlstate::kDataException,
                     fmt::format("different {} {} and {}", dimensions_name(element),
                                 dimensions_of(element, query_),
                                 dimensions_of(element, batch.column(0).bytes(row))));
    }
  }
}

void VectorScanOperator::open_without_distance(ExecutionState& state) {
  std::vector<int> columns;
  for (const int column : node_.columns) {
    if (column != engine::kDistanceColumn) {
      columns.push_back(column);
    }
  }
  if (state.vector_scan.strict) {
    columns.push_back(node_.index->columns[0].column);
  }
  all_rows_ = value_or_throw(
      state.statement->scan(engine::TableScan{.table = node_.table, .columns = columns}));
}

engine::RowFilter VectorScanOperator::filter(ExecutionState& state) {
  return [this, &state](const engine::ColumnBatch& rows, std::span<std::uint8_t> passes) {
    try {
      return test(state, rows, passes);
    } catch (...) {
      failure_ = std::current_exception();
      return engine::Status(engine::StatusCode::Cancelled, "a condition failed");
    }
  };
}

engine::Status VectorScanOperator::test(ExecutionState& state, const engine::ColumnBatch& rows,
                                        std::span<std::uint8_t> passes) {
  const std::span<const std::uint32_t> all = all_rows(rows.row_count());
  passing_.assign(all.begin(), all.end());
  for (const auto& condition : tests_) {
    if (passing_.empty()) {
      break;
    }
    keep_true(condition->evaluate(state, rows, passing_), passing_);
  }
  for (const std::uint32_t row : passing_) {
    passes[row] = 1;
  }
  tested_count_ += rows.row_count();
  passed_count_ += passing_.size();
  if (state.instrument) {
    state.runtime->counters(node_.id).rows_in += rows.row_count() - passing_.size();
  }
  return {};
}

/// How many rows will have to be tested until enough have passed, if things go on as they went. As
/// many as were, when nobody knows.
double VectorScanOperator::tests_ahead() const {
  if (!tests_here_) {
    return static_cast<double>(tested_count_);
  }
  const std::uint64_t missing =
      wanted_count_ > passed_count_ ? wanted_count_ - passed_count_ : std::uint64_t{1};
  return static_cast<double>(missing) * static_cast<double>(tested_count_ + 1) /
         static_cast<double>(passed_count_ + 1);
}

/// Pulls the rows that may pass as far as that is worth it; the scan is restricted to them when
/// there are no more.
void VectorScanOperator::consider_matches(ExecutionState& state) {
  if (matches_state_ == Matches::None || matches_state_ == Matches::Done ||
      tested_count_ < kTestsMin) {
    return;
  }
  double worth = tests_ahead();
  if (node_.match_cost > 0) {
    worth = std::min(worth, static_cast<double>(tested_count_) * kMatchesPerTest + kMatchesMin);
  }
  const auto cost = [&] {  // at least what the first pull may come to
    return node_.matches_cost + node_.match_cost * static_cast<double>(std::max(
                                                       match_ids_.size(), engine::kBatchRowsMax));
  };
  while (cost() < worth) {
    matches_state_ = Matches::Begun;
    if (!matches_->next(state, match_rows_)) {
      matches_state_ = Matches::Done;
      cursor_->restrict_to(match_ids_);
      if (state.instrument) {
        state.runtime->counters(node_.id).restricted_to += match_ids_.size();
      }
      return;
    }
    const std::size_t count = match_ids_.size() + match_rows_.row_count();
    if (!match_memory_->resize(count * sizeof(engine::RowId))) {
      matches_state_ = Matches::Done;  // so many: testing one after the other finds enough
      match_ids_.clear();
      return;
    }
    const auto row_ids = match_rows_.column(node_.row_id_column).values<std::int64_t>();
    match_ids_.insert(match_ids_.end(), row_ids.begin(), row_ids.end());
  }
}

/// The index's next rows.
bool VectorScanOperator::pull(ExecutionState& state, engine::ColumnBatch& out) {
  while (true) {
    if (matches_ != nullptr) {
      consider_matches(state);
    }
    const engine::Result<bool> more = cursor_->next(out);
    if (failure_ != nullptr) {
      std::rethrow_exception(std::exchange(failure_, nullptr));
    }
    if (!value_or_throw(more)) {
      return false;
    }
    if (!tests_here_) {
      tested_count_ += out.row_count();
    }
    if (out.row_count() != 0) {
      return true;
    }
  }
}

bool VectorScanOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  if (!opened_) {
    open(state);
  }
  const bool more = rows_left_ != 0 && (cursor_ != nullptr ? pull(state, out)
                                                           : all_rows_ != nullptr &&
                                                                 next_without_distance(state, out));
  if (!more) {
    cursor_.reset();
    all_rows_.reset();
    out.reset(node_.output_types);
    return false;
  }
  if (cursor_ != nullptr) {
    if (only_distances_) {
      drop_undefined(out);
    }
    if (is_beyond_bound(out)) {
      rows_left_ = std::min<std::uint64_t>(rows_left_, out.row_count());
    }
  }
  if (out.row_count() > rows_left_) {
    out.truncate(rows_left_);
  }
  if (rows_left_ != UINT64_MAX) {
    rows_left_ -= out.row_count();
  }
  return true;
}

/// Rows without a distance come last: from the first of them on, nothing is of the index.
void VectorScanOperator::drop_undefined(engine::ColumnBatch& out) {
  const engine::ColumnVector& distances = out.column(out.column_count() - 1);
  for (std::size_t row = 0; row < out.row_count(); ++row) {
    if (distances.is_null(row) ||
        (is_nan_distance_ && std::isnan(distances.values<double>()[distances.index(row)]))) {
      out.truncate(row);
      rows_left_ = row;
      return;
    }
  }
}

bool VectorScanOperator::next_without_distance(ExecutionState& state, engine::ColumnBatch& out) {
  out.reset(node_.output_types);
  if (!value_or_throw(all_rows_->next(rows_))) {
    return false;
  }
  if (state.vector_scan.strict) {
    const engine::ColumnVector& vectors = rows_.column(rows_.column_count() - 1);
    std::vector<std::uint32_t> indexed;
    for (std::uint32_t row = 0; row < rows_.row_count(); ++row) {
      if (!vectors.is_null(row)) {
        indexed.push_back(row);
      }
    }
    kept_.gather(rows_, indexed);
  } else {
    share_batch(kept_, rows_);
  }
  std::size_t from = 0;
  for (std::size_t i = 0; i < node_.columns.size(); ++i) {
    if (node_.columns[i] == engine::kDistanceColumn) {
      fill_null(out.column(i), PhysicalType::Float64, kept_.row_count());
    } else {
      out.column(i).share(kept_.column(from++));
    }
  }
  out.set_row_count(kept_.row_count());
  return true;
}

}  // namespace omen::sql
