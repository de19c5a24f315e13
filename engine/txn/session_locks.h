#pragma once

#include <cstddef>
#include <vector>

#include "engine/api/advisory_locks.h"
#include "engine/txn/engine_core.h"

namespace omen::engine {

LockTag advisory_tag(const AdvisoryKey& key);
TableLock advisory_mode(bool is_shared);

/// The engine's SessionLocks.
class LocalSessionLocks final : public SessionLocks {
 public:
  LocalSessionLocks(EngineCore& core, std::int32_t process_id)
      : core_(core), state_(std::make_shared<TransactionState>(process_id)) {}
  ~LocalSessionLocks() override;

  Result<bool> lock(const AdvisoryRequest& request, const WaitLimit& limit);
  bool unlock(const AdvisoryKey& key, bool is_shared) override;
  void unlock_all() override;

  [[nodiscard]] const TransactionStatePtr& state() const { return state_; }

 private:
  struct Count {
    LockTag tag;
    TableLock mode;
    std::size_t times;
  };
  std::vector<Count>::iterator find(const LockTag& tag, TableLock mode);

  EngineCore& core_;
  TransactionStatePtr state_;
  HeldLocks held_;
  std::vector<Count> counts_;
};

}  // namespace omen::engine
