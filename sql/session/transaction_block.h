#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/engine.h"
#include "sql/parser/ast.h"
#include "sql/session/session.h"
#include "sql/session/settings/settings.h"

namespace omen::sql {

/// A session's transaction: the implicit one of a message, or the block between BEGIN and COMMIT.
///
/// Invariants: (1) an engine transaction is open in Implicit and Block, and in Failed only as long
/// as there are savepoints to go back to; (2) settings changed in a transaction follow it: they are
/// taken back when it, or the savepoint below them, is rolled back; (3) portals are closed before
/// the transaction or savepoint they were made in ends. Not thread-safe.
class TransactionBlock {
 public:
  struct Hooks {
    /// Closes portals whose serial number is at least `serial_min`.
    std::function<void(std::uint64_t serial_min)> close_portals;
    std::function<std::uint64_t()> next_portal_serial;
    std::function<void(Diagnostic)> notice;
    std::function<std::int64_t()> now_us;
  };
  /// `process_id` is how others see who holds a lock.
  TransactionBlock(engine::Engine& engine, Settings& settings, std::int32_t process_id,
                   Hooks hooks);

  /// The running transaction; begins the implicit one if there is none.
  engine::Transaction& ensure();
  [[nodiscard]] engine::Transaction* current() { return transaction_.get(); }
  [[nodiscard]] TransactionStatus status() const;
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] std::int64_t start_us() const { return start_us_; }
  /// Of the running transaction, or of the one that a statement would begin.
  [[nodiscard]] bool is_read_only() const;
  /// SHOW transaction_isolation, within or without a transaction.
  [[nodiscard]] std::string isolation_name() const;
  [[nodiscard]] std::string read_only_text() const;
  [[nodiscard]] std::string deferrable_text() const;
  /// A query took its snapshot: the isolation level is fixed from here on.
  void query_started() { has_queried_ = true; }
  /// The message holds several statements: they run as one implicit block.
  [[nodiscard]] bool is_implicit_block() const { return is_implicit_block_; }
  void set_implicit_block() { is_implicit_block_ = true; }

  /// 25001 `command` cannot run inside a transaction block.
  void require_no_block(std::string_view command) const;
  /// WARNING 25P01 when `command` has no effect without a block.
  void warn_without_block(std::string_view command);

  // --- commands; each returns its tag ---
  std::string begin(const ast::TransactionModes& modes);
  std::string commit(bool chain);
  std::string rollback(bool chain);
  std::string savepoint(const std::string& name);
  std::string release(const std::string& name);
  std::string rollback_to(const std::string& name);
  /// SET TRANSACTION.
  void set_modes(const ast::TransactionModes& modes);
  /// SET TRANSACTION SNAPSHOT.
  void import_snapshot(std::string_view name);

  /// Advisory locks that outlive transactions.
  [[nodiscard]] engine::SessionLocks& session_locks() { return *session_locks_; }
  /// VACUUM: commits the transaction it was started in, so that it holds back no horizon.
  void end_for_vacuum() { commit_transaction(); }
  /// End of a message: commits the implicit transaction.
  void finish_message();
  /// A statement failed.
  void fail();

 private:
  enum class State : std::uint8_t { Idle, Implicit, Block, Failed };
  struct Savepoint {
    std::string name;
    std::size_t depth = 0;
    std::size_t settings_mark = 0;
    std::uint64_t portal_serial = 0;
  };
  struct Characteristics {
    std::string isolation;
    bool read_only = false;
    bool deferrable = false;
  };
  void start(State state, const Characteristics& characteristics);
  [[nodiscard]] Characteristics defaults() const;
  [[nodiscard]] Characteristics current_characteristics() const;
  void commit_transaction();
  void abort_transaction();
  void set_isolation(const std::string& name);
  void set_read_only(bool read_only);
  [[nodiscard]] std::size_t find_savepoint(const std::string& name) const;
  void require_block(std::string_view command) const;

  engine::Engine& engine_;
  Settings& settings_;
  Hooks hooks_;
  std::shared_ptr<engine::SessionLocks> session_locks_;
  State state_ = State::Idle;
  std::unique_ptr<engine::Transaction> transaction_;
  std::vector<Savepoint> savepoints_;
  std::string isolation_;
  bool is_read_only_ = false;
  bool is_deferrable_ = false;
  bool has_queried_ = false;
  bool is_implicit_block_ = false;
  std::uint64_t generation_ = 0;
  std::int64_t start_us_ = 0;
};

}  // namespace omen::sql
