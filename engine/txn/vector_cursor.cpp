#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "engine/txn/cursors.h"
#include "engine/txn/local_statement.h"
#include "engine/vector/element.h"

namespace omen::engine {
namespace {

/// Asks the caller which of some rows pass his filter, a lot at a time.
class FilterQuestion {
 public:
  FilterQuestion(const Store& store, const TableAccess& access, const VectorScan& request)
      : filter_(request.filter), writer_(store, access, request.filter_columns) {}

  [[nodiscard]] bool asks() const { return filter_ != nullptr; }
  void begin() { writer_.begin(rows_); }
  Status add(RowId row_id, const Version& version) { return writer_.add(row_id, version); }
  /// One byte for each row added since begin(): 1 if it passes.
  Result<std::span<const std::uint8_t>> answer() {
    writer_.finish();
    passes_.assign(writer_.row_count(), 0);
    if (!passes_.empty()) {
      OMEN_TRY(filter_(rows_, passes_));
    }
    return std::span<const std::uint8_t>(passes_);
  }

 private:
  const RowFilter filter_;  ///< null: all pass
  BatchWriter writer_;
  ColumnBatch rows_;
  std::vector<std::uint8_t> passes_;
};

/// Rows from a vector index, nearest first. R14: a candidate counts only if the row's visible
/// version refers to the slot's xid for that vector.
class VectorCursor final : public VectorRowCursor {
 public:
  VectorCursor(LocalStatement& statement, TableAccessPtr access, const VectorAccess& vector,
               AttachedVectorIndexPtr attached, std::shared_ptr<VectorIndex> index,
               const VectorScan& request)
      : statement_(statement),
        access_(std::move(access)),
        column_(vector.column),
        attached_(std::move(attached)),
        index_(std::move(index)),
        use_(statement.core().index_uses.of(vector.index->storage_id)),
        question_(*statement.core().store, *access_, request),
        writer_(*statement.core().store, *access_, request.columns),
        pull_count_(std::clamp<std::size_t>(request.row_count_hint, 1, kBatchRowsMax)) {
    search_ =
        index_->search(VectorValue(request.query),
                       {.ef_search = request.ef_search,
                        .recall_target = request.recall_target,
                        .row_count_hint = request.row_count_hint,
                        .strict_order = request.strict_order,
                        .pauses = question_.asks(),
                        .may_see = [this](Xid xid) { return statement_.view().sees(xid); }},
                       [this](std::span<const VectorKey> keys, std::span<std::uint8_t> visible) {
                         Status seen = see(keys, visible);
                         rows_failed_ = !seen.ok();
                         return seen;
                       });
    use_->scans.fetch_add(1, std::memory_order_relaxed);
  }

  Result<bool> next(ColumnBatch& out) override {
    writer_.begin(out);
    bool paused = false;
    while (!ended_ && !paused && writer_.row_count() == 0) {
      OMEN_TRY(statement_.cancel().check());
      hits_.clear();
      const Result<bool> more = search_->next(pull_count_, hits_);
      if (more.status().code() == StatusCode::Corruption && !rows_failed_) {
        retire_damaged(*attached_, *index_);
      }
      OMEN_TRY(more.status());
      ended_ = !more.value();
      paused = more.value() && hits_.empty();
      for (const VectorHit& hit : hits_) {
        OMEN_TRY(emit(hit));
      }
      if (first_row_ == rows_.size()) {
        rows_.clear();
        bytes_.clear();
        first_row_ = 0;
      }
      pull_count_ = paused ? pull_count_ : std::min(pull_count_ * 2, kBatchRowsMax);
    }
    writer_.finish();
    use_->rows_read.fetch_add(writer_.row_count(), std::memory_order_relaxed);
    return paused || writer_.row_count() > 0;
  }

  void restrict_to(std::span<const RowId> rows) override { search_->restrict_to(rows); }

 private:
  /// A row that the index was told is visible, kept until it comes back as a hit.
  struct SeenRow {
    VectorKey key;
    Xid xid = 0;
    std::size_t offset = 0;  ///< in bytes_
    std::size_t size_bytes = 0;
  };

  Result<std::optional<Version>> visible_version(const VectorKey& key) {
    OMEN_ASSIGN(
        const std::optional<Version> version,
        statement_.reader().visible(statement_.view(), access_->table->storage_id, key.row_id));
    if (!version.has_value()) {
      return version;
    }
    OMEN_ASSIGN(const RowView view, RowView::parse(access_->layout, version->bytes));
    return value_xid(view, column_, version->xid) == key.xid ? version : std::optional<Version>();
  }

  Status see(std::span<const VectorKey> keys, std::span<std::uint8_t> visible) {
    const std::size_t first_new = rows_.size();
    question_.begin();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      visible[i] = 0;
      if (statement_.view().sees(keys[i].xid)) {
        OMEN_ASSIGN(const std::optional<Version> version, visible_version(keys[i]));
        if (version.has_value()) {
          visible[i] = 1;
          if (question_.asks()) {
            OMEN_TRY(question_.add(keys[i].row_id, *version));
          }
          rows_.push_back({keys[i], version->xid, bytes_.size(), version->bytes.size()});
          bytes_.append(version->bytes);
        }
      }
    }
    return question_.asks() ? drop_refused(first_new, visible) : Status();
  }

  /// Of the rows seen since `first_new`, those whose keys are marked in `visible`, only the ones
  /// that pass the filter remain, in both.
  Status drop_refused(std::size_t first_new, std::span<std::uint8_t> visible) {
    OMEN_ASSIGN(const std::span<const std::uint8_t> passes, question_.answer());
    std::size_t asked = 0;
    std::size_t kept = first_new;
    std::size_t end = first_new == rows_.size() ? bytes_.size() : rows_[first_new].offset;
    for (std::uint8_t& mark : visible) {
      if (mark == 0) {
        continue;
      }
      mark = passes[asked];
      SeenRow row = rows_[first_new + asked++];
      if (mark != 0) {
        std::memmove(bytes_.data() + end, bytes_.data() + row.offset, row.size_bytes);
        row.offset = end;
        end += row.size_bytes;
        rows_[kept++] = row;
      }
    }
    rows_.resize(kept);
    bytes_.resize(end);
    return {};
  }

  /// Hits come nearly in the order in which their rows were seen.
  Status emit(const VectorHit& hit) {
    const auto row = std::find_if(rows_.begin() + static_cast<std::ptrdiff_t>(first_row_),
                                  rows_.end(), [&](const SeenRow& r) { return r.key == hit.key; });
    if (row == rows_.end()) {
      return {StatusCode::Internal, "a vector index returned a row that is not visible"};
    }
    const Version version{row->xid, std::string_view(bytes_).substr(row->offset, row->size_bytes)};
    std::rotate(rows_.begin() + static_cast<std::ptrdiff_t>(first_row_), row, row + 1);
    ++first_row_;
    return writer_.add(hit.key.row_id, version,
                       hit.is_null ? std::nullopt : std::optional(hit.distance));
  }

  LocalStatement& statement_;
  const TableAccessPtr access_;
  const std::size_t column_;
  const AttachedVectorIndexPtr attached_;
  const std::shared_ptr<VectorIndex> index_;
  const std::shared_ptr<IndexUse> use_;
  bool rows_failed_ = false;  ///< it was the rows that could not be read, not the index
  FilterQuestion question_;
  BatchWriter writer_;
  std::unique_ptr<VectorSearch> search_;
  std::vector<VectorHit> hits_;
  std::vector<SeenRow> rows_;  ///< from first_row_ on not yet emitted
  std::size_t first_row_ = 0;
  std::string bytes_;
  std::size_t pull_count_;
  bool ended_ = false;
};

/// The same answer without the index, while that is being rebuilt: all distances, sorted.
class ExactVectorCursor final : public VectorRowCursor {
 public:
  ExactVectorCursor(LocalStatement& statement, TableAccessPtr access, const VectorAccess& vector,
                    const VectorScan& request)
      : statement_(statement),
        access_(std::move(access)),
        column_(vector.column),
        vector_(vector),
        query_(request.query),
        question_(*statement.core().store, *access_, request),
        writer_(*statement.core().store, *access_, request.columns) {}

  Result<bool> next(ColumnBatch& out) override {
    OMEN_TRY(statement_.cancel().check());
    if (!sorted_) {
      OMEN_TRY(collect());
      sorted_ = true;
    }
    writer_.begin(out);
    while (position_ < candidates_.size() && writer_.row_count() == 0) {
      OMEN_TRY(emit_some());
    }
    writer_.finish();
    return writer_.row_count() > 0;
  }

  void restrict_to(std::span<const RowId> rows) override {
    allowed_.emplace(rows.begin(), rows.end());
  }

 private:
  struct Candidate {
    RowId row_id;
    Xid xid;
    double distance;
    bool is_null;
  };

  /// Those of the next candidates that are wanted, as many as fit.
  Status emit_some() {
    OMEN_TRY(statement_.cancel().check());
    std::vector<std::pair<const Candidate*, std::string>> rows;
    question_.begin();
    for (; position_ < candidates_.size() && rows.size() < kBatchRowsMax; ++position_) {
      const Candidate& candidate = candidates_[position_];
      if (allowed_.has_value() && !allowed_->contains(candidate.row_id)) {
        continue;
      }
      std::string bytes;
      OMEN_ASSIGN(const bool found,
                  statement_.core().store->get(
                      Family::Rows,
                      row_key(access_->table->storage_id, candidate.row_id, candidate.xid), bytes));
      if (!found) {
        return {StatusCode::Corruption, "a visible row is missing"};
      }
      if (question_.asks()) {
        OMEN_TRY(question_.add(candidate.row_id, {candidate.xid, bytes}));
      }
      rows.emplace_back(&candidate, std::move(bytes));
    }
    std::span<const std::uint8_t> passes;
    if (question_.asks()) {
      OMEN_ASSIGN(passes, question_.answer());
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (passes.empty() || passes[i] != 0) {
        const Candidate& candidate = *rows[i].first;
        OMEN_TRY(writer_.add(candidate.row_id, {candidate.xid, rows[i].second},
                             candidate.is_null ? std::nullopt : std::optional(candidate.distance)));
      }
    }
    return {};
  }

  Status collect() {
    OMEN_ASSIGN(const std::unique_ptr<RowCursor> rows,
                make_table_cursor(statement_, access_,
                                  {kRowIdColumn, kXidColumn, static_cast<int>(column_)}));
    ColumnBatch batch;
    OMEN_ASSIGN(const VectorIndexOptions options, vector_options(*access_, vector_));
    OMEN_TRY(check_value(options, VectorValue(query_)));
    std::string value;
    while (true) {
      OMEN_ASSIGN(const bool more, rows->next(batch));
      if (!more) {
        break;
      }
      for (std::size_t row = 0; row < batch.row_count(); ++row) {
        Candidate candidate{static_cast<RowId>(batch.column(0).values<std::int64_t>()[row]),
                            static_cast<Xid>(batch.column(1).values<std::int64_t>()[row]), 0,
                            batch.column(2).is_null(row)};
        if (!candidate.is_null) {
          OMEN_TRY(copy_value(batch.column(2).bytes(row), options, value));
          candidate.distance = exact_distance(options, VectorValue(value), VectorValue(query_));
        }
        candidates_.push_back(candidate);
      }
    }
    // NaN after all distances, rows without a vector last.
    std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
      const int a_class = a.is_null ? 2 : std::isnan(a.distance) ? 1 : 0;
      const int b_class = b.is_null ? 2 : std::isnan(b.distance) ? 1 : 0;
      if (a_class != b_class) {
        return a_class < b_class;
      }
      return a_class == 0 && a.distance != b.distance ? a.distance < b.distance
                                                      : a.row_id < b.row_id;
    });
    return {};
  }

  LocalStatement& statement_;
  const TableAccessPtr access_;
  const std::size_t column_;
  const VectorAccess vector_;
  const std::string_view query_;
  FilterQuestion question_;
  BatchWriter writer_;
  std::vector<Candidate> candidates_;
  bool sorted_ = false;
  std::size_t position_ = 0;
  std::optional<std::unordered_set<RowId>> allowed_;  ///< nullopt: all rows
};

}  // namespace

Result<std::unique_ptr<VectorRowCursor>> make_vector_cursor(LocalStatement& statement,
                                                            TableAccessPtr access,
                                                            VectorScan request) {
  const VectorAccess* vector = access->vector(request.index->oid);
  if (vector == nullptr) {
    return Status(StatusCode::NotFound,
                  "index " + std::to_string(request.index->oid) + " does not exist");
  }
  const AttachedVectorIndexPtr attached = statement.core().vectors.find(vector->index->storage_id);
  if (attached != nullptr) {
    std::shared_ptr<VectorIndex> index;
    {
      const std::shared_lock gate(attached->gate);
      index = attached->ready ? attached->index : nullptr;
    }
    if (index != nullptr) {
      return std::unique_ptr<VectorRowCursor>(std::make_unique<VectorCursor>(
          statement, std::move(access), *vector, attached, std::move(index), request));
    }
  }
  return std::unique_ptr<VectorRowCursor>(
      std::make_unique<ExactVectorCursor>(statement, std::move(access), *vector, request));
}

}  // namespace omen::engine
