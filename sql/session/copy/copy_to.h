#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sql/session/copy/copy_writer.h"
#include "sql/session/execution.h"
#include "sql/session/portals.h"

namespace omen::sql {

/// COPY table or (query) TO STDOUT: pulls the query batch by batch.
class CopyToPortal final : public SessionPortal {
 public:
  CopyToPortal(ClientSession& session, PreparedStatementPtr prepared);

  /// Plans and locks, so that errors come before CopyOutResponse.
  bool next(engine::ColumnBatch& out) override;
  [[nodiscard]] std::string command_tag(std::uint64_t rows_sent) const override;
  bool copy_out(std::vector<std::string>& rows) override;
  [[nodiscard]] bool copy_is_binary() const override {
    return options_.format == CopyFormat::Binary;
  }
  [[nodiscard]] std::size_t copy_column_count() const override { return column_count_; }
  void close() override;

 private:
  void start();

  CopyOptions options_;
  std::size_t column_count_ = 0;
  std::unique_ptr<Execution> execution_;
  std::unique_ptr<CopyWriter> writer_;
  engine::ColumnBatch batch_;
  std::uint64_t row_count_ = 0;
  bool has_begun_ = false;
  bool is_done_ = false;
};

}  // namespace omen::sql
