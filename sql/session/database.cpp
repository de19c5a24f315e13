#include <chrono>
#include <utility>

#include "engine/base/thread_annotations.h"
#include "sql/session/session.h"

namespace omen::sql {

std::int64_t now_us() {
  // 2000-01-01 in seconds since 1970-01-01.
  constexpr std::chrono::seconds kEpoch{946'684'800};
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since_1970 - kEpoch).count();
}

struct Database::Shared {
  mutable engine::Mutex mutex;
  std::function<std::vector<Backend>()> backends OMEN_GUARDED_BY(mutex);
  std::function<bool(std::int32_t, bool)> cancel OMEN_GUARDED_BY(mutex);
  std::vector<const IndexCommand*> index_commands OMEN_GUARDED_BY(mutex);
};

Database::IndexCommand::IndexCommand(Database& database, const Row& row)
    : database_(database), row_(row) {
  const engine::MutexLock lock(database_.shared_->mutex);
  database_.shared_->index_commands.push_back(this);
}

Database::IndexCommand::~IndexCommand() {
  const engine::MutexLock lock(database_.shared_->mutex);
  std::erase(database_.shared_->index_commands, this);
}

std::vector<Database::IndexCommand::Row> Database::index_commands() const {
  std::vector<IndexCommand::Row> rows;
  const engine::MutexLock lock(shared_->mutex);
  for (const IndexCommand* command : shared_->index_commands) {
    rows.push_back(command->row_);
  }
  return rows;
}

Database::Database(engine::Engine& engine)
    : engine_(engine), shared_(std::make_unique<Shared>()), started_at_us_(now_us()) {}
Database::~Database() = default;

void Database::set_backend_source(std::function<std::vector<Backend>()> source) {
  const engine::MutexLock lock(shared_->mutex);
  shared_->backends = std::move(source);
}

void Database::set_cancel_backend(std::function<bool(std::int32_t, bool)> cancel) {
  const engine::MutexLock lock(shared_->mutex);
  shared_->cancel = std::move(cancel);
}

void Database::set_server_settings(std::vector<std::pair<std::string, std::string>> settings) {
  server_settings_ = std::move(settings);
}

std::vector<Database::Backend> Database::backends() const {
  std::function<std::vector<Backend>()> source;
  {
    const engine::MutexLock lock(shared_->mutex);
    source = shared_->backends;
  }
  return source ? source() : std::vector<Backend>();
}

bool Database::cancel_backend(std::int32_t process_id, bool terminate) const {
  std::function<bool(std::int32_t, bool)> cancel;
  {
    const engine::MutexLock lock(shared_->mutex);
    cancel = shared_->cancel;
  }
  return cancel && cancel(process_id, terminate);
}

std::optional<std::string> role_verifier(const engine::Catalog& catalog, std::string_view role) {
  const engine::Role* found = catalog.find_role(role);
  if (found == nullptr || found->password.empty()) {
    return std::nullopt;
  }
  return found->password;
}

}  // namespace omen::sql
