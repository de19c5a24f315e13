#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/api/transaction.h"
#include "engine/txn/local_transaction.h"
#include "engine/txn/row_turn.h"
#include "engine/txn/version_reader.h"

namespace omen::engine {

struct RowWrite;

/// The engine's Statement: reads under one ReadView, and writes on newest versions.
class LocalStatement final : public Statement {
 public:
  /// Releases `ticket` at its end if it owns it (read committed).
  LocalStatement(LocalTransaction& transaction, CancelToken& cancel,
                 SnapshotRegistry::Ticket ticket, bool owns_ticket);
  ~LocalStatement() override;

  Result<std::unique_ptr<RowCursor>> scan(TableScan request) override;
  Result<std::unique_ptr<RowCursor>> scan(IndexScan request) override;
  Result<std::unique_ptr<VectorRowCursor>> scan(VectorScan request) override;
  Result<bool> fetch(const Table& table, RowId row_id, Xid xid, const std::vector<int>& columns,
                     ColumnBatch& out) override;
  Result<InsertOutcome> insert(const Table& table, const ColumnBatch& rows,
                               std::size_t first_row) override;
  Result<WriteOutcome> update(const Table& table, RowId row_id, Xid seen_xid,
                              const std::vector<int>& columns, const ColumnBatch& values,
                              std::size_t row) override;
  Result<WriteOutcome> remove(const Table& table, RowId row_id, Xid seen_xid) override;
  Result<WriteOutcome> lock_row(const Table& table, RowId row_id, Xid seen_xid,
                                const RowLockRequest& request) override;

  [[nodiscard]] EngineCore& core() { return core_; }
  [[nodiscard]] const ReadView& view() const { return view_; }
  [[nodiscard]] const CancelToken& cancel() const { return cancel_; }
  [[nodiscard]] VersionReader& reader() { return reader_; }
  /// The table as the newest catalog has it (R13).
  Result<TableAccessPtr> access(Oid table_oid);
  /// Two live rows of equal key in a unique index, if there are any. The table is locked against
  /// writers.
  Result<std::optional<UniqueConflict>> find_duplicate(const TableAccess& access,
                                                       const BtreeAccess& btree);

 private:
  /// A decision on the newest version of a row, made under its latch.
  struct Decision {
    enum class Kind : std::uint8_t { Proceed, Answer, Wait };
    Kind kind = Kind::Proceed;
    WriteOutcome answer;  ///< with Answer
    Xid topmost_xid = 0;  ///< of any status
    std::string version;  ///< newest live bytes, with Proceed
    Xid version_xid = 0;
  };
  struct ChunkOutcome {
    std::size_t rows_done = 0;
    std::optional<UniqueConflict> conflict;
  };
  Result<Decision> decide(const TableAccess& access, const RowName& row, Xid seen_xid,
                          const RowWrite& write);
  Result<Decision> decide_newest(const RowName& row, Xid seen_xid, const RowWrite& write);
  Result<Decision> decide_key_share(const TableAccess& access, const RowName& row, Xid seen_xid,
                                    const RowWrite& write);
  Decision wait_for_writer(Xid xid);
  /// What all unique indexes hold of a version that is no tombstone, one after another.
  Result<std::string> unique_keys(const TableAccess& access, RowId row_id,
                                  std::string_view version);
  Result<ChunkOutcome> insert_chunk(const TableAccess& access, const ColumnBatch& rows,
                                    std::size_t first_row, std::size_t end_row,
                                    std::vector<RowId>& row_ids);
  Result<WriteOutcome> write_row(const TableAccess& access, RowId row_id, Xid seen_xid,
                                 RowWrite& write);
  Result<WriteOutcome> wait_and_write(const TableAccess& access, RowId row_id, Xid seen_xid,
                                      RowWrite& write);
  /// Locks the row or puts its new version. None if blockers_ or a store without room stand in the
  /// way.
  Result<std::optional<WriteOutcome>> carry_out(const TableAccess& access, const RowName& row,
                                                const Decision& decision, const RowWrite& write,
                                                RowLocks::Stripe& stripe)
      OMEN_REQUIRES(stripe.latch);
  Result<std::optional<WriteOutcome>> put_version(const TableAccess& access, const RowName& row,
                                                  const Decision& decision, const RowWrite& write,
                                                  const RowLocks::Stripe& stripe)
      OMEN_REQUIRES(stripe.latch);
  /// Who holds the key in the way of `row_id`; may add blockers instead.
  Result<std::optional<UniqueConflict>> probe_unique(const TableAccess& access,
                                                     const BtreeAccess& btree,
                                                     std::string_view index_key, RowId row_id);
  Result<bool> version_has_key(const TableAccess& access, const BtreeAccess& btree, RowId row_id,
                               const Version& version, std::string_view index_key, Xid entry_xid);
  Result<std::optional<Version>> newest_live(std::uint64_t storage_id, RowId row_id);
  /// Xid of the row's newest live version if that has the key, without nulls; else 0.
  Result<Xid> live_with_key(const TableAccess& access, const BtreeAccess& btree, RowId row_id,
                            std::string_view index_key);
  /// For serializable transactions: what is read and written.
  void note_read_of(const TableAccess& access);
  void note_read_of(const TableAccess& access, const IndexScan& request);
  /// Of a version that is replaced or removed.
  Status note_write_of(const TableAccess& access, RowId row_id, const RowView& old);
  StoreIterator& unique_iterator(const BtreeAccess& btree);
  Status wait_for_blockers();

  LocalTransaction& transaction_;
  EngineCore& core_;
  CancelToken& cancel_;
  SnapshotRegistry::Ticket ticket_;
  bool owns_ticket_;
  ReadView view_;
  VersionReader reader_;  ///< reads of the view
  VersionReader newest_;  ///< newest-version checks, refreshed
  std::vector<Blocker> blockers_;
  std::optional<RowTurn> turn_;  ///< for the row last waited for
  int refusals_ = 0;             ///< in a row, of the store to take a batch
  std::unordered_map<Oid, StoreIterator> unique_iterators_;
  TableAccessPtr last_access_;
};

}  // namespace omen::engine
