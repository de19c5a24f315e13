#include "server/session/backend_registry.h"

#include <limits>
#include <string_view>

#include "protocol/auth/crypto.h"

namespace omen::server {
namespace {

/// Connections beyond max_connections that may be logging in, asking for a cancel, or being
/// refused.
constexpr std::uint32_t kPendingMax = 100;

std::string_view bytes_of(const std::uint32_t& key) {
  return {reinterpret_cast<const char*>(&key), sizeof(key)};
}

}  // namespace

std::shared_ptr<Backend> BackendRegistry::connect(std::uint32_t secret_key, int socket,
                                                  std::string client_address) {
  const engine::MutexLock lock(mutex_);
  if (stopping_ || entries_.size() >= std::size_t{session_count_max_} + kPendingMax) {
    return nullptr;
  }
  do {
    last_process_id_ =
        last_process_id_ == std::numeric_limits<std::int32_t>::max() ? 1 : last_process_id_ + 1;
  } while (entries_.contains(last_process_id_));
  auto backend =
      std::make_shared<Backend>(last_process_id_, secret_key, socket, std::move(client_address));
  entries_.emplace(last_process_id_, Entry{.backend = backend});
  return backend;
}

BackendRegistry::Admission BackendRegistry::admit(const Backend& backend) {
  const engine::MutexLock lock(mutex_);
  if (stopping_) {
    return Admission::Stopping;
  }
  if (admitted_count_ >= session_count_max_) {
    return Admission::TooMany;
  }
  entries_.at(backend.process_id()).admitted = true;
  ++admitted_count_;
  return Admission::Admitted;
}

void BackendRegistry::disconnect(const Backend& backend) {
  const engine::MutexLock lock(mutex_);
  const auto entry = entries_.find(backend.process_id());
  if (entry->second.admitted) {
    --admitted_count_;
  }
  entries_.erase(entry);
}

std::shared_ptr<Backend> BackendRegistry::find(std::int32_t process_id) const {
  const engine::MutexLock lock(mutex_);
  const auto entry = entries_.find(process_id);
  return entry == entries_.end() ? nullptr : entry->second.backend;
}

bool BackendRegistry::cancel(std::int32_t process_id, std::uint32_t secret_key) {
  const std::shared_ptr<Backend> backend = find(process_id);
  if (backend == nullptr) {
    return false;
  }
  const std::uint32_t expected = backend->secret_key();
  if (!protocol::equal_constant_time(bytes_of(expected), bytes_of(secret_key))) {
    return false;
  }
  backend->cancel(engine::CancelReason::UserRequest);
  return true;
}

bool BackendRegistry::signal(std::int32_t process_id, bool terminate) {
  const std::shared_ptr<Backend> backend = find(process_id);
  if (backend == nullptr) {
    return false;
  }
  if (terminate) {
    backend->terminate(Termination::Administrator);
    backend->cancel(engine::CancelReason::Shutdown);
  } else {
    backend->cancel(engine::CancelReason::UserRequest);
  }
  return true;
}

std::vector<sql::Database::Backend> BackendRegistry::list() const {
  std::vector<sql::Database::Backend> described;
  const engine::MutexLock lock(mutex_);
  described.reserve(entries_.size());
  for (const auto& [process_id, entry] : entries_) {
    if (entry.admitted) {
      described.push_back(entry.backend->describe());
    }
  }
  return described;
}

std::vector<std::shared_ptr<Backend>> BackendRegistry::all() const {
  std::vector<std::shared_ptr<Backend>> backends;
  const engine::MutexLock lock(mutex_);
  backends.reserve(entries_.size());
  for (const auto& [process_id, entry] : entries_) {
    backends.push_back(entry.backend);
  }
  return backends;
}

bool BackendRegistry::empty() const {
  const engine::MutexLock lock(mutex_);
  return entries_.empty();
}

void BackendRegistry::stop() {
  const engine::MutexLock lock(mutex_);
  stopping_ = true;
}

}  // namespace omen::server
