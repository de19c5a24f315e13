#pragma once

#include <memory>
#include <string>

#include "engine/api/engine.h"
#include "engine/storage/data_directory.h"
#include "engine/txn/engine_core.h"
#include "engine/txn/maintenance.h"
#include "engine/txn/vacuum.h"

namespace omen::engine {

/// The engine's Engine.
class LocalEngine final : public Engine {
 public:
  static Result<std::unique_ptr<LocalEngine>> open(const EngineOptions& options);
  ~LocalEngine() override;

  std::unique_ptr<Transaction> begin(const TransactionOptions& options) override;
  std::shared_ptr<SessionLocks> make_session_locks(std::int32_t process_id) override;
  [[nodiscard]] CatalogPtr catalog() const override { return core_->catalog.get(); }
  [[nodiscard]] TableStatistics table_statistics(Oid table_oid) const override;
  [[nodiscard]] IndexStatistics index_statistics(Oid index_oid) const override;
  [[nodiscard]] std::optional<VectorIndexReport> vector_index_report(
      const Index& index) const override;
  [[nodiscard]] std::vector<IndexBuildProgress> index_builds() const override {
    return core_->index_builds.list();
  }
  [[nodiscard]] std::vector<LockInfo> locks() const override;
  [[nodiscard]] std::vector<std::int32_t> blockers_of(std::int32_t process_id) const override {
    return core_->waits.blockers_of(process_id);
  }
  [[nodiscard]] std::uint64_t size_bytes() const override { return core_->store->size_bytes(); }
  Status vacuum(Oid table_oid, CancelToken& cancel) override;
  Status checkpoint() override;

  /// For tests that look below the API.
  [[nodiscard]] EngineCore& core() { return *core_; }

 private:
  LocalEngine() = default;
  Status recover();
  Status load_outcomes();
  Status load_catalog();
  Status load_row_counts();
  Status open_vector_indexes();
  Status bootstrap();

  DataDirectory directory_;
  std::unique_ptr<EngineCore> core_;
  std::unique_ptr<Vacuum> vacuum_;
  std::unique_ptr<Maintenance> maintenance_;
};

}  // namespace omen::engine
