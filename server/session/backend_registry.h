#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "engine/base/thread_annotations.h"
#include "server/session/backend.h"

namespace omen::server {

/// All connections of the server, those that have not logged in included.
/// **Threads:** any.
class BackendRegistry {
 public:
  explicit BackendRegistry(std::uint32_t session_count_max)
      : session_count_max_(session_count_max) {}

  /// Null once the server is stopping, or when even connections that have not logged in yet are
  /// too many.
  std::shared_ptr<Backend> connect(std::uint32_t secret_key, int socket, std::string client_address)
      OMEN_EXCLUDES(mutex_);
  enum class Admission : std::uint8_t { Admitted, TooMany, Stopping };
  /// Before a session is started: counts it against max_connections.
  Admission admit(const Backend& backend) OMEN_EXCLUDES(mutex_);
  void disconnect(const Backend& backend) OMEN_EXCLUDES(mutex_);

  /// CancelRequest. Compares the key in constant time; false if it is another or there is no such
  /// process (the client is not told).
  bool cancel(std::int32_t process_id, std::uint32_t secret_key) OMEN_EXCLUDES(mutex_);
  /// pg_cancel_backend and pg_terminate_backend; false if there is no such process.
  bool signal(std::int32_t process_id, bool terminate) OMEN_EXCLUDES(mutex_);
  [[nodiscard]] std::vector<sql::Database::Backend> list() const OMEN_EXCLUDES(mutex_);
  [[nodiscard]] std::vector<std::shared_ptr<Backend>> all() const OMEN_EXCLUDES(mutex_);
  [[nodiscard]] bool empty() const OMEN_EXCLUDES(mutex_);
  /// No connection is accepted any more.
  void stop() OMEN_EXCLUDES(mutex_);

 private:
  struct Entry {
    std::shared_ptr<Backend> backend;
    bool admitted = false;
  };
  std::shared_ptr<Backend> find(std::int32_t process_id) const OMEN_EXCLUDES(mutex_);

  const std::uint32_t session_count_max_;
  mutable engine::Mutex mutex_;
  std::map<std::int32_t, Entry> entries_ OMEN_GUARDED_BY(mutex_);
  std::uint32_t admitted_count_ OMEN_GUARDED_BY(mutex_) = 0;
  std::int32_t last_process_id_ OMEN_GUARDED_BY(mutex_) = 0;
  bool stopping_ OMEN_GUARDED_BY(mutex_) = false;
};

}  // namespace omen::server
