#include "engine/index/index_keys.h"
#include "engine/index/index_range.h"
#include "engine/txn/cursors.h"
#include "engine/txn/local_statement.h"

namespace omen::engine {
namespace {

/// Visible rows whose key lies in a range, in key order.
///
/// R10: an entry counts only if the row's visible version has its key; of several entries of one
/// key and row (they are neighbours) the first that counts is emitted. An entry whose xid the view
/// does not see is void: the visible version, being older, has an entry of its own.
class IndexCursor final : public RowCursor {
 public:
  IndexCursor(LocalStatement& statement, TableAccessPtr access, const BtreeAccess& btree,
              const IndexScan& request)
      : statement_(statement),
        access_(std::move(access)),
        btree_(btree),
        backward_(request.backward),
        candidates_only_(request.candidates_only),
        use_(statement.core().index_uses.of(btree.index->storage_id)),
        range_(index_range(btree, access_->layout, request)),
        writer_(*statement.core().store, *access_, request.columns),
        iterator_(statement.core().store->range(Family::Index, range_.last)) {
    use_->scans.fetch_add(1, std::memory_order_relaxed);
    if (range_.first < range_.last) {
      seek();
    } else {
      empty_ = true;
    }
  }

  Result<bool> next(ColumnBatch& out) override {
    OMEN_TRY(statement_.cancel().check());
    if (candidates_only_) {
      return next_candidates(out);
    }
    writer_.begin(out);
    while (!empty_ && !writer_.is_full() && in_range()) {
      OMEN_TRY(consider(parse_entry(iterator_.key())));
      advance();
    }
    if (!empty_) {
      OMEN_TRY(iterator_.status());
    }
    writer_.finish();
    use_->rows_read.fetch_add(writer_.row_count(), std::memory_order_relaxed);
    return writer_.row_count() > 0;
  }

 private:
  Result<bool> next_candidates(ColumnBatch& out) {
    static constexpr PhysicalType kTypes[] = {PhysicalType::Int64};
    out.reset(kTypes);
    out.resize(kBatchRowsMax);
    const auto row_ids = out.column(0).values<std::int64_t>();
    std::size_t count = 0;
    for (; !empty_ && count < kBatchRowsMax && in_range(); advance()) {
      row_ids[count++] = static_cast<std::int64_t>(parse_entry(iterator_.key()).row_id);
    }
    if (!empty_) {
      OMEN_TRY(iterator_.status());
    }
    out.resize(count);
    use_->rows_read.fetch_add(count, std::memory_order_relaxed);
    return count > 0;
  }

  void seek() {
    if (backward_) {
      iterator_.seek_for_prev(range_.last);
      // The upper bound is exclusive for the iterator as well: it stands below it.
    } else {
      iterator_.seek(range_.first);
    }
  }
  void advance() {
    if (backward_) {
      iterator_.prev();
    } else {
      iterator_.next();
    }
  }
  [[nodiscard]] bool in_range() const {
    return iterator_.valid() && (!backward_ || iterator_.key() >= range_.first);
  }

  Status consider(const EntryName& entry) {
    if (!statement_.view().sees(entry.xid)) {
      return {};
    }
    if (entry.row_id == emitted_row_id_ && entry.index_key == emitted_key_) {
      return {};
    }
    OMEN_ASSIGN(
        const std::optional<Version> version,
        statement_.reader().visible(statement_.view(), access_->table->storage_id, entry.row_id));
    if (!version.has_value()) {
      return {};
    }
    if (version->xid != entry.xid) {
      OMEN_ASSIGN(const RowView view, RowView::parse(access_->layout, version->bytes));
      key_.clear();
      OMEN_ASSIGN(const bool has_null, append_index_key(key_, *statement_.core().store, btree_,
                                                        *access_, entry.row_id, view));
      static_cast<void>(has_null);
      if (key_ != entry.index_key) {
        return {};
      }
    }
    emitted_row_id_ = entry.row_id;
    emitted_key_ = entry.index_key;
    return writer_.add(entry.row_id, *version);
  }

  LocalStatement& statement_;
  const TableAccessPtr access_;
  const BtreeAccess& btree_;  ///< of access_
  const bool backward_;
  const bool candidates_only_;
  const std::shared_ptr<IndexUse> use_;
  const IndexRange range_;
  BatchWriter writer_;
  StoreIterator iterator_;
  bool empty_ = false;
  RowId emitted_row_id_ = 0;
  std::string emitted_key_;
  std::string key_;
};

}  // namespace

Result<std::unique_ptr<RowCursor>> make_index_cursor(LocalStatement& statement,
                                                     TableAccessPtr access, IndexScan request) {
  const BtreeAccess* btree = access->btree(request.index->oid);
  if (btree == nullptr) {
    return Status(StatusCode::NotFound,
                  "index " + std::to_string(request.index->oid) + " does not exist");
  }
  return std::unique_ptr<RowCursor>(
      std::make_unique<IndexCursor>(statement, std::move(access), *btree, request));
}

}  // namespace omen::engine
