#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/advisory_locks.h"
#include "engine/api/catalog.h"
#include "engine/api/cursor.h"
#include "engine/base/cancel_token.h"
#include "engine/base/result.h"

namespace omen::engine {

enum class IsolationLevel : std::uint8_t { ReadCommitted, RepeatableRead, Serializable };

/// Whether all statements of a transaction read from the snapshot of its first one.
constexpr bool keeps_snapshot(IsolationLevel level) {
  return level != IsolationLevel::ReadCommitted;
}

/// Table lock modes; which conflict is PostgreSQL's table 13.2.
enum class TableLock : std::uint8_t {
  AccessShare,
  RowShare,
  RowExclusive,
  ShareUpdateExclusive,
  Share,
  ShareRowExclusive,
  Exclusive,
  AccessExclusive
};

/// Strengths of row locks, weakest first; which conflict is PostgreSQL's table 13.3. A key is what
/// unique indexes hold of a row.
enum class RowLockStrength : std::uint8_t {
  KeyShare,     ///< keeps out whoever changes the key or removes the row
  Share,        ///< and whoever changes the row
  NoKeyUpdate,  ///< of an update that leaves the key alone
  Update
};

struct RowLockRequest {
  RowLockStrength strength = RowLockStrength::Update;
  bool may_wait = true;  ///< else WriteResult::Locked comes back at once
};

/// A row that stood in the way of an insert: the unique index and the row that holds the key.
struct UniqueConflict {
  Oid index_oid = 0;
  RowId row_id = 0;
  Xid xid = 0;                         ///< version of the conflicting row, newest
  bool modified_by_statement = false;  ///< this very statement wrote it (21000 in ON CONFLICT)
  bool is_visible = true;              ///< to the statement's snapshot, or its own
};

struct InsertOutcome {
  std::size_t rows_inserted = 0;  ///< rows before the first conflict
  /// Of row first_row + rows_inserted; nothing of it was written
  std::optional<UniqueConflict> conflict;
  std::vector<RowId> row_ids;  ///< of the rows inserted, in order
};

/// What became of the row a write aimed at.
enum class WriteResult : std::uint8_t {
  Done,
  /// A committed transaction deleted it meanwhile (read committed): skip the row
  Deleted,
  /// A committed transaction updated it meanwhile (read committed): re-fetch version
  Changed,
  ///< `newest_xid`, re-check the condition, try again with it
  ModifiedByStatement,  ///< this statement already wrote it: skip (UPDATE ... FROM duplicates)
  UniqueViolation,
  /// Somebody holds the row, and the request may not wait
  Locked,
};

struct WriteOutcome {
  WriteResult result = WriteResult::Done;
  Xid newest_xid = 0;                      ///< with Changed
  std::optional<UniqueConflict> conflict;  ///< with UniqueViolation
};

class Transaction;

/// One statement's reads and writes: a snapshot and a cancel token. Made by Transaction; dies
/// before
/// it; its cursors die before it. A suspended portal keeps its Statement (R18). Not thread-safe.
///
/// Errors: SerializationFailure, Deadlock, LockTimeout, Cancelled, DiskFull, ReadOnly...; after any
/// error the transaction (or its innermost savepoint) must be rolled back.
class Statement {
 public:
  virtual ~Statement() = default;

  virtual Result<std::unique_ptr<RowCursor>> scan(TableScan request) = 0;
  virtual Result<std::unique_ptr<RowCursor>> scan(IndexScan request) = 0;
  virtual Result<std::unique_ptr<VectorRowCursor>> scan(VectorScan request) = 0;
  /// Appends the named version of a row to `out` (which has the columns asked for); false if it is
  /// gone.
  virtual Result<bool> fetch(const Table& table, RowId row_id, Xid xid,
                             const std::vector<int>& columns, ColumnBatch& out) = 0;

  /// Inserts rows of `rows` (all columns of the table in order, dropped ones included and null)
  /// from
  /// `first_row` on, until the end or a unique conflict. Maintains every index. Waits for an
  /// in-progress owner of an equal key, outside latches.
  virtual Result<InsertOutcome> insert(const Table& table, const ColumnBatch& rows,
                                       std::size_t first_row) = 0;
  /// Replaces the named columns of version `seen_xid` of a row by row `row` of `values` (one column
  /// for each of `columns`, same order). Columns not named are carried over, wide ones by
  /// reference.
  virtual Result<WriteOutcome> update(const Table& table, RowId row_id, Xid seen_xid,
                                      const std::vector<int>& columns, const ColumnBatch& values,
                                      std::size_t row) = 0;
  virtual Result<WriteOutcome> remove(const Table& table, RowId row_id, Xid seen_xid) = 0;
  /// SELECT ... FOR UPDATE / SHARE: locks the row until the transaction (or rolled-back savepoint)
  /// ends, result as for update. A lock of the key is granted on the version seen though a newer
  /// one with the same key may exist.
  virtual Result<WriteOutcome> lock_row(const Table& table, RowId row_id, Xid seen_xid,
                                        const RowLockRequest& request) = 0;
};

struct TransactionOptions {
  IsolationLevel isolation = IsolationLevel::ReadCommitted;
  bool read_only = false;
  /// Of a read-only serializable one: its first statement waits for a snapshot under which it
  /// cannot fail.
  bool deferrable = false;
  bool synchronous_commit = true;
  /// Of the session the transaction belongs to; null: it takes no advisory locks.
  std::shared_ptr<SessionLocks> session_locks;
};

/// One transaction. Commit or roll back exactly once (the destructor rolls back what is left open).
/// Not thread-safe; several may run at once. Rows written are durable when commit() returned Ok.
class Transaction {
 public:
  virtual ~Transaction() = default;

  /// Takes the statement's snapshot (read committed) or reuses the transaction's (repeatable read).
  /// `cancel` is borrowed while the Statement lives.
  virtual Result<std::unique_ptr<Statement>> begin_statement(CancelToken& cancel) = 0;

  /// SerializationFailure of a serializable transaction: it is rolled back then.
  virtual Status commit() = 0;
  virtual void rollback() = 0;

  /// Nested savepoints: depth counts from 1. rollback_to keeps the savepoint itself, release does
  /// not.
  virtual Result<std::size_t> savepoint() = 0;
  virtual Status rollback_to(std::size_t depth) = 0;
  virtual Status release(std::size_t depth) = 0;

  [[nodiscard]] virtual const TransactionOptions& options() const = 0;
  virtual void set_read_only(bool read_only) = 0;
  virtual void set_deferrable(bool deferrable) = 0;
  /// Only before the first statement.
  virtual Status set_isolation(IsolationLevel level) = 0;
  virtual void set_lock_timeout(std::chrono::milliseconds timeout) = 0;  ///< 0: wait for ever
  /// Of a circle of waiters the one whose wait has lasted so long first gives way.
  virtual void set_deadlock_timeout(std::chrono::milliseconds timeout) = 0;
  virtual void set_synchronous_commit(bool on) = 0;
  /// xid of the transaction, or 0 while it wrote nothing.
  [[nodiscard]] virtual Xid xid() const = 0;

  /// Lends the running statement's snapshot to others, by the name returned, until this transaction
  /// ends. InvalidArgument within a savepoint.
  virtual Result<std::string> export_snapshot() = 0;
  /// Takes a lent snapshot for its own: in repeatable read, before the first statement. NotFound if
  /// nobody lends it.
  virtual Status import_snapshot(std::string_view name) = 0;

  // --- catalog -------------------------------------------------------------------------------
  /// The newest committed catalog with this transaction's own changes.
  [[nodiscard]] virtual CatalogPtr catalog() = 0;
  /// Table locks are held to the end of the transaction (or rolled-back savepoint). Waits.
  virtual Status lock_table(Oid table_oid, TableLock mode, CancelToken& cancel) = 0;
  /// False if the lock is not free.
  virtual bool try_lock_table(Oid table_oid, TableLock mode) = 0;
  /// False if the lock is not free and the request may not wait.
  virtual Result<bool> lock_advisory(const AdvisoryRequest& request, CancelToken& cancel) = 0;
  /// A fresh oid for a new entry; never reused.
  virtual Result<Oid> allocate_oid() = 0;
  /// Adds or replaces an entry by its oid; locks its name, so that AlreadyExists is decided for
  /// good.
  /// A new Table or Index with storage_id 0 gets storage. Becomes visible to others at commit.
  virtual Status put(CatalogEntry entry, CancelToken& cancel) = 0;
  /// Removes an entry (no dependants are looked at); its data is erased after commit (R13).
  virtual Status drop(Oid oid, CancelToken& cancel) = 0;
  /// Adds an index and fills it from the table's rows; takes SHARE on the table. AlreadyExists for
  /// a
  /// duplicate name; a duplicate key in a unique index is reported in `conflict`.
  virtual Status create_index(Index index, CancelToken& cancel,
                              std::optional<UniqueConflict>& conflict) = 0;
  /// Gives the table and its indexes new, empty storage; takes ACCESS EXCLUSIVE.
  virtual Status truncate(Oid table_oid, CancelToken& cancel) = 0;

  // --- sequences: not transactional, as in PostgreSQL -----------------------------------------
  /// LimitExceeded when the sequence is exhausted.
  virtual Result<std::int64_t> sequence_next(const Sequence& sequence) = 0;
  virtual Status sequence_set(const Sequence& sequence, std::int64_t value, bool is_called) = 0;
  /// last_value and is_called.
  virtual Result<std::pair<std::int64_t, bool>> sequence_state(const Sequence& sequence) = 0;
};

}  // namespace omen::engine
