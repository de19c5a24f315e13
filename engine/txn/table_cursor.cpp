#include "engine/storage/row_format.h"
#include "engine/txn/cursors.h"
#include "engine/txn/local_statement.h"

namespace omen::engine {
namespace {

/// Visible rows of a table in row id order.
class TableCursor final : public RowCursor {
 public:
  TableCursor(LocalStatement& statement, TableAccessPtr access, std::vector<int> columns)
      : statement_(statement),
        access_(std::move(access)),
        writer_(*statement.core().store, *access_, std::move(columns), BatchWriter::Order::Row),
        iterator_(
            statement.core().store->range(Family::Rows, be64_key(access_->table->storage_id + 1))) {
    iterator_.seek(be64_key(access_->table->storage_id));
  }

  Result<bool> next(ColumnBatch& out) override {
    OMEN_TRY(statement_.cancel().check());
    writer_.begin(out);
    for (; iterator_.valid() && !writer_.is_full(); iterator_.next()) {
      const std::string_view key = iterator_.key();
      const RowId row_id = row_of(key);
      if (row_id == done_row_id_) {
        continue;  // an older version of a row already decided
      }
      const Xid xid = xid_of(key);
      if (!statement_.view().sees(xid)) {
        continue;
      }
      done_row_id_ = row_id;
      const std::string_view bytes = iterator_.value();
      if (!is_tombstone(bytes)) {
        OMEN_TRY(writer_.add(row_id, {xid, bytes}));
      }
    }
    OMEN_TRY(iterator_.status());
    writer_.finish();
    return writer_.row_count() > 0;
  }

 private:
  LocalStatement& statement_;
  const TableAccessPtr access_;
  BatchWriter writer_;
  StoreIterator iterator_;
  RowId done_row_id_ = 0;  ///< row ids start at 1
};

}  // namespace

Result<std::unique_ptr<RowCursor>> make_table_cursor(LocalStatement& statement,
                                                     TableAccessPtr access,
                                                     std::vector<int> columns) {
  return std::unique_ptr<RowCursor>(
      std::make_unique<TableCursor>(statement, std::move(access), std::move(columns)));
}

}  // namespace omen::engine
