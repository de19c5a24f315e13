#include "engine/txn/local_statement.h"

#include "engine/index/index_range.h"
#include "engine/txn/cursors.h"

namespace omen::engine {

LocalStatement::LocalStatement(LocalTransaction& transaction, CancelToken& cancel,
                               SnapshotRegistry::Ticket ticket, bool owns_ticket)
    : transaction_(transaction),
      core_(transaction.core()),
      cancel_(cancel),
      ticket_(ticket),
      owns_ticket_(owns_ticket),
      view_(core_.commits, transaction.own_xids(), ticket.timestamp, core_.xids.next()),
      reader_(*core_.store),
      newest_(*core_.store) {}

LocalStatement::~LocalStatement() {
  if (owns_ticket_) {
    core_.snapshots.release(ticket_);
  }
}

Result<TableAccessPtr> LocalStatement::access(Oid table_oid) {
  TableAccessPtr access = transaction_.catalog_snapshot()->access(table_oid);
  if (access == nullptr) {
    return Status(StatusCode::NotFound,
                  "relation " + std::to_string(table_oid) + " does not exist");
  }
  return access;
}

Result<std::unique_ptr<RowCursor>> LocalStatement::scan(TableScan request) {
  OMEN_ASSIGN(TableAccessPtr access, this->access(request.table->oid));
  note_read_of(*access);
  return make_table_cursor(*this, std::move(access), std::move(request.columns));
}

Result<std::unique_ptr<RowCursor>> LocalStatement::scan(IndexScan request) {
  OMEN_ASSIGN(TableAccessPtr access, this->access(request.table->oid));
  note_read_of(*access, request);
  return make_index_cursor(*this, std::move(access), std::move(request));
}

Result<std::unique_ptr<VectorRowCursor>> LocalStatement::scan(VectorScan request) {
  OMEN_ASSIGN(TableAccessPtr access, this->access(request.table->oid));
  note_read_of(*access);
  return make_vector_cursor(*this, std::move(access), std::move(request));
}

void LocalStatement::note_read_of(const TableAccess& access) {
  if (transaction_.is_judged()) {
    transaction_.note_read(SerialSlots::of_table(access.table->storage_id));
  }
}

// A look-up of one key is told apart from a scan, unless writers that the snapshot does not see may
// not have known the index.
void LocalStatement::note_read_of(const TableAccess& access, const IndexScan& request) {
  if (!transaction_.is_judged()) {
    return;
  }
  const BtreeAccess* btree = access.btree(request.index->oid);
  const bool has_bounds = request.lower.has_value() && request.upper.has_value();
  if (btree == nullptr || !has_bounds || !request.lower->inclusive || !request.upper->inclusive ||
      request.lower->values.size() != btree->orders.size() ||
      request.lower->values != request.upper->values ||
      (btree->index->created_xid != 0 && !view_.sees(btree->index->created_xid))) {
    note_read_of(access);
    return;
  }
  transaction_.note_read(SerialSlots::of_key(index_range(*btree, access.layout, request).first));
}

Result<bool> LocalStatement::fetch(const Table& table, RowId row_id, Xid xid,
                                   const std::vector<int>& columns, ColumnBatch& out) {
  OMEN_ASSIGN(const TableAccessPtr access, this->access(table.oid));
  std::string bytes;
  OMEN_ASSIGN(
      const bool found,
      core_.store->get(Family::Rows, row_key(access->table->storage_id, row_id, xid), bytes));
  if (!found || is_tombstone(bytes)) {
    return false;
  }
  BatchWriter writer(*core_.store, *access, columns);
  writer.append_to(out);
  OMEN_TRY(writer.add(row_id, {xid, bytes}));
  writer.finish();
  return true;
}

}  // namespace omen::engine
