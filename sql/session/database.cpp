#include <utility>

#include "engine/base/thread_annotations.h"
#include "sql/session/session.h"

namespace omen::sql {

struct Database::Shared {
  mutable engine::Mutex mutex;
  std::function<std::vector<Backend>()> backends OMEN_GUARDED_BY(mutex);
  std::function<bool(std::int32_t, bool)> cancel OMEN_GUARDED_BY(mutex);
};

Database::Database(engine::Engine& engine) : engine_(engine), shared_(std::make_unique<Shared>()) {}
Database::~Database() = default;

void Database::set_backend_source(std::function<std::vector<Backend>()> source) {
  const engine::MutexLock lock(shared_->mutex);
  shared_->backends = std::move(source);
}

void Database::set_cancel_backend(std::function<bool(std::int32_t, bool)> cancel) {
  const engine::MutexLock lock(shared_->mutex);
  shared_->cancel = std::move(cancel);
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
