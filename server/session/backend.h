#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/cancel_token.h"
#include "engine/base/thread_annotations.h"
#include "sql/session/session.h"

namespace omen::server {

/// Why a connection is to end though its client did not ask for it.
enum class Termination : std::uint8_t {
  None,
  Administrator,      ///< stop of the server, pg_terminate_backend
  IdleInTransaction,  ///< idle_in_transaction_session_timeout
  AuthenticationTimeout,
  ClientGone,
};

/// What others may see of a session and do to it: list it, cancel its statement, end it.
///
/// **Threads:** any, but the first group is the session's own. The socket and the sql::Session are
/// touched by others under `mutex_` only, and are withdrawn before they go.
class Backend {
 public:
  Backend(std::int32_t process_id, std::uint32_t secret_key, int socket,
          std::string client_address);

  [[nodiscard]] std::int32_t process_id() const { return process_id_; }
  [[nodiscard]] std::uint32_t secret_key() const { return secret_key_; }
  [[nodiscard]] const std::string& client_address() const { return client_address_; }
  [[nodiscard]] Termination termination() const { return termination_.load(); }

  // --- the session itself ---
  void set_user(std::string_view user) OMEN_EXCLUDES(mutex_);
  void set_application_name(std::string_view name) OMEN_EXCLUDES(mutex_);
  /// `session` can be cancelled from now on; null: it is about to be destroyed.
  void attach(sql::Session* session) OMEN_EXCLUDES(mutex_);
  /// The socket is about to be closed.
  void detach_socket() OMEN_EXCLUDES(mutex_);
  void set_query(std::string_view text) OMEN_EXCLUDES(mutex_);
  void set_executing(bool executing) { executing_.store(executing); }
  void set_transaction_status(sql::TransactionStatus status) {
    status_.store(status, std::memory_order_relaxed);
  }

  // --- everybody else ---
  /// Nothing if no statement runs.
  void cancel(engine::CancelReason reason) OMEN_EXCLUDES(mutex_);
  /// Makes the session end soon: a read that waits for its client returns; a statement that runs is
  /// let finish, or cancelled too.
  void terminate(Termination why) OMEN_EXCLUDES(mutex_);
  /// Looks whether the client of a running statement is still there. A session that was terminated
  /// and is still writing to its client after `kPatience` is cut off. Once a second.
  void check(std::chrono::steady_clock::time_point now) OMEN_EXCLUDES(mutex_);
  /// Ends the connection without a word.
  void hang_up() OMEN_EXCLUDES(mutex_);
  [[nodiscard]] bool executing() const { return executing_.load(); }
  [[nodiscard]] sql::Database::Backend describe() const OMEN_EXCLUDES(mutex_);

  static constexpr std::chrono::seconds kPatience{3};

 private:
  [[nodiscard]] bool client_is_gone() const OMEN_REQUIRES(mutex_);

  const std::int32_t process_id_;
  const std::uint32_t secret_key_;
  const std::string client_address_;
  std::atomic<Termination> termination_{Termination::None};
  std::atomic<bool> executing_{false};
  std::atomic<sql::TransactionStatus> status_{sql::TransactionStatus::Idle};
  mutable engine::Mutex mutex_;
  int socket_ OMEN_GUARDED_BY(mutex_);  ///< -1: closed
  sql::Session* session_ OMEN_GUARDED_BY(mutex_) = nullptr;
  std::chrono::steady_clock::time_point terminated_at_ OMEN_GUARDED_BY(mutex_);
  std::string user_ OMEN_GUARDED_BY(mutex_);
  std::string application_name_ OMEN_GUARDED_BY(mutex_);
  std::string query_ OMEN_GUARDED_BY(mutex_);
};

}  // namespace omen::server
