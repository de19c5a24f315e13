#include "server/session/backend.h"

#include <sys/socket.h>

#include <cerrno>

namespace omen::server {
namespace {

/// pg_stat_activity shows this much of a statement.
constexpr std::size_t kQueryBytesShown = 1024;

std::string_view state_name(bool executing, sql::TransactionStatus status) {
  if (executing) {
    return "active";
  }
  switch (status) {
    case sql::TransactionStatus::Idle:
      return "idle";
    case sql::TransactionStatus::InBlock:
      return "idle in transaction";
    case sql::TransactionStatus::Failed:
      return "idle in transaction (aborted)";
  }
  return "";
}

/// At most `size_max` bytes of UTF-8, not ending within a character.
std::string_view clip(std::string_view text, std::size_t size_max) {
  if (text.size() <= size_max) {
    return text;
  }
  while (size_max > 0 && (static_cast<unsigned char>(text[size_max]) & 0xc0) == 0x80) {
    --size_max;
  }
  return text.substr(0, size_max);
}

}  // namespace

Backend::Backend(std::int32_t process_id, std::uint32_t secret_key, int socket,
                 std::string client_address)
    : process_id_(process_id),
      secret_key_(secret_key),
      client_address_(std::move(client_address)),
      socket_(socket) {}

void Backend::set_user(std::string_view user) {
  const engine::MutexLock lock(mutex_);
  user_ = user;
}

void Backend::set_application_name(std::string_view name) {
  const engine::MutexLock lock(mutex_);
  application_name_ = name;
}

void Backend::attach(sql::Session* session) {
  const engine::MutexLock lock(mutex_);
  session_ = session;
}

void Backend::detach_socket() {
  const engine::MutexLock lock(mutex_);
  socket_ = -1;
}

void Backend::set_query(std::string_view text) {
  const engine::MutexLock lock(mutex_);
  query_.assign(clip(text, kQueryBytesShown));
}

void Backend::cancel(engine::CancelReason reason) {
  const engine::MutexLock lock(mutex_);
  if (session_ != nullptr && executing_.load()) {
    session_->cancel(reason);
  }
}

void Backend::terminate(Termination why) {
  const engine::MutexLock lock(mutex_);
  Termination expected = Termination::None;
  if (termination_.compare_exchange_strong(expected, why)) {
    terminated_at_ = std::chrono::steady_clock::now();
  }
  if (socket_ >= 0) {
    // A read that waits returns; what is left to say can still be written.
    ::shutdown(socket_, SHUT_RD);
  }
}

void Backend::check(std::chrono::steady_clock::time_point now) {
  const engine::MutexLock lock(mutex_);
  if (termination_.load() != Termination::None) {
    if (now - terminated_at_ >= kPatience && socket_ >= 0 && !executing_.load()) {
      ::shutdown(socket_, SHUT_RDWR);
    }
    return;
  }
  if (session_ != nullptr && executing_.load() && client_is_gone()) {
    termination_.store(Termination::ClientGone);
    terminated_at_ = now;
    session_->cancel(engine::CancelReason::ClientGone);
  }
}

void Backend::hang_up() {
  const engine::MutexLock lock(mutex_);
  if (socket_ >= 0) {
    ::shutdown(socket_, SHUT_RDWR);
  }
}

bool Backend::client_is_gone() const {
  if (socket_ < 0) {
    return true;
  }
  char byte = 0;
  const ssize_t size = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size == 0 || (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

sql::Database::Backend Backend::describe() const {
  const engine::MutexLock lock(mutex_);
  return {.process_id = process_id_,
          .user = user_,
          .application_name = application_name_,
          .client_address = client_address_,
          .query = query_,
          .state = std::string(state_name(executing_.load(), status_.load()))};
}

}  // namespace omen::server
