#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/transaction.h"
#include "engine/storage/keys.h"
#include "engine/txn/engine_core.h"

namespace omen::engine {

/// Row ids a transaction may give to rows of one storage under one xid; announced (R4).
struct RowIdRange {
  Xid xid = 0;
  RowId next = 0;
  RowId end = 0;
  std::uint64_t next_size = 1;  ///< of the following range
};

/// The engine's Transaction.
///
/// A top transaction and its savepoints have no xid until they write. R1: every writing statement
/// takes an xid of its own, and a further one where a row's topmost version would not lie below it;
/// all are children of the transaction and committed by one record.
class LocalTransaction final : public Transaction {
 public:
  LocalTransaction(EngineCore& core, const TransactionOptions& options);
  ~LocalTransaction() override;

  Result<std::unique_ptr<Statement>> begin_statement(CancelToken& cancel) override;
  Status commit() override;
  void rollback() override;
  Result<std::size_t> savepoint() override;
  Status rollback_to(std::size_t depth) override;
  Status release(std::size_t depth) override;
  [[nodiscard]] const TransactionOptions& options() const override { return options_; }
  void set_read_only(bool read_only) override { options_.read_only = read_only; }
  Status set_isolation(IsolationLevel level) override;
  void set_lock_timeout(std::chrono::milliseconds timeout) override { lock_timeout_ = timeout; }
  void set_deferrable(bool deferrable) override { options_.deferrable = deferrable; }
  void set_deadlock_timeout(std::chrono::milliseconds timeout) override {
    deadlock_timeout_ = timeout;
  }
  void set_synchronous_commit(bool on) override { options_.synchronous_commit = on; }
  [[nodiscard]] Xid xid() const override { return xids_.empty() ? 0 : xids_.front(); }

  Result<std::string> export_snapshot() override;
  Status import_snapshot(std::string_view name) override;

  [[nodiscard]] CatalogPtr catalog() override { return catalog_snapshot(); }
  Status lock_table(Oid table_oid, TableLock mode, CancelToken& cancel) override;
  bool try_lock_table(Oid table_oid, TableLock mode) override;
  Result<bool> lock_advisory(const AdvisoryRequest& request, CancelToken& cancel) override;
  Result<Oid> allocate_oid() override;
  Status put(CatalogEntry entry, CancelToken& cancel) override;
  Status drop(Oid oid, CancelToken& cancel) override;
  Status create_index(Index index, CancelToken& cancel,
                      std::optional<UniqueConflict>& conflict) override;
  Status truncate(Oid table_oid, CancelToken& cancel) override;
  Result<std::int64_t> sequence_next(const Sequence& sequence) override;
  Status sequence_set(const Sequence& sequence, std::int64_t value, bool is_called) override;
  Result<std::pair<std::int64_t, bool>> sequence_state(const Sequence& sequence) override;

  // --- for its statements ------------------------------------------------------------------
  [[nodiscard]] EngineCore& core() { return core_; }
  [[nodiscard]] const TransactionStatePtr& state() const { return state_; }
  [[nodiscard]] const std::vector<Xid>& own_xids() const { return xids_; }
  [[nodiscard]] CatalogSnapshotPtr catalog_snapshot();
  /// An xid to write with, above `topmost` and of this statement (R1).
  Result<Xid> write_xid(Xid topmost, Xid statement_limit);
  /// A range for at least one row under `xid`; a new one is announced in `batch`.
  Result<RowIdRange*> row_ids(std::uint64_t storage_id, Xid xid, std::size_t row_count,
                              Batch& batch);
  /// The range's announcement may not have been written after all.
  void forget_row_ids(std::uint64_t storage_id) { row_id_ranges_.erase(storage_id); }
  void count_rows(Xid xid, std::uint64_t storage_id, RowCountChange change);
  void add_row_lock(const HeldRowLock& lock) { row_locks_.push_back(lock); }
  /// Whether its reads and writes are to be noted.
  [[nodiscard]] bool is_judged() const {
    return options_.isolation == IsolationLevel::Serializable && !is_safe_;
  }
  /// What a serializable transaction reads and writes: slots of SerialSlots.
  void note_read(std::uint32_t slot) { reads_.add(slot); }
  void note_write(std::uint32_t slot) { writes_.add(slot); }
  [[nodiscard]] WaitLimit wait_limit(const CancelToken& cancel) const;
  /// ReadOnly in a read-only transaction.
  [[nodiscard]] Status check_writable() const;

 private:
  struct Savepoint {
    std::size_t xid_count;
    std::size_t lock_count;
    std::size_t row_lock_count;
    std::size_t catalog_change_count;
  };
  struct CountedRows {
    Xid xid;
    std::uint64_t storage_id;
    RowCountChange change;
  };
  struct NewVectorIndex {
    Xid xid;
    std::uint64_t storage_id;
  };
  struct GarbageNote {
    Xid xid;
    std::string key;
  };
  /// Of the transaction, at its first statement.
  Status take_snapshot(const CancelToken& cancel);
  Status wait_until_gone(const TransactionStatePtr& writer, const CancelToken& cancel);
  void abort_xids(std::size_t keep_count);
  void release_row_locks(std::size_t keep_count);
  void finish();
  std::vector<Xid> live_xids() const;
  Status lock_tag(LockTag tag, TableLock mode, const CancelToken& cancel);
  Result<std::uint64_t> create_storage(Xid xid, Batch& batch);
  void drop_storage(Xid xid, std::uint64_t storage_id, Batch& batch);
  Status attach_new_vector_index(Oid oid);
  Status write_entry(Oid oid, std::string_view version, Batch& batch, Xid xid);

  EngineCore& core_;
  TransactionOptions options_;
  std::chrono::milliseconds lock_timeout_{0};
  std::optional<std::chrono::milliseconds> deadlock_timeout_;
  TransactionStatePtr state_;
  bool open_ = true;
  bool had_statement_ = false;
  std::vector<Xid> xids_;  ///< ascending, rolled-back ones included
  Xid current_xid_ = 0;    ///< newest xid that may write, or 0
  std::vector<Savepoint> savepoints_;
  HeldLocks locks_;
  std::vector<HeldRowLock> row_locks_;
  std::map<std::uint64_t, RowIdRange> row_id_ranges_;
  std::vector<GarbageNote> obsolete_at_commit_;
  std::vector<CountedRows> counted_rows_;
  std::vector<NewVectorIndex> new_vector_indexes_;
  std::vector<CatalogChange> catalog_changes_;
  CatalogSnapshotPtr overlay_;  ///< null when out of date
  CatalogSnapshotPtr overlay_base_;
  std::optional<SnapshotRegistry::Ticket> ticket_;  ///< repeatable read
  /// Of the newest statement, which may have given it back.
  SnapshotRegistry::Ticket statement_ticket_;
  SlotSet reads_, writes_;         ///< serializable
  bool is_safe_ = false;           ///< serializable and in order, whatever it reads
  bool is_serial_writer_ = false;  ///< known to SerialWriters
  struct Lent {
    std::string name;
    SnapshotRegistry::Ticket ticket;
  };
  std::vector<Lent> lent_;
};

}  // namespace omen::engine
