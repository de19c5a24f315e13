#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/column_batch.h"
#include "server/session/row_encoder.h"
#include "sql/session/session.h"

namespace omen::server {

/// A portal as the wire protocol sees it: its execution, its formats, and the rows of its last
/// batch that a row limit kept back.
class OpenPortal {
 public:
  OpenPortal(sql::PreparedPtr prepared, std::unique_ptr<sql::Portal> portal)
      : prepared_(std::move(prepared)), portal_(std::move(portal)) {}

  [[nodiscard]] const sql::Prepared& prepared() const { return *prepared_; }
  [[nodiscard]] sql::Portal& portal() { return *portal_; }
  [[nodiscard]] std::vector<Format>& result_formats() { return result_formats_; }
  /// Whether CommandComplete was sent: only a query may be executed again, and finds no rows.
  [[nodiscard]] bool completed() const { return completed_; }
  void complete() { completed_ = true; }

  /// Begins an Execute of at most `row_count_max` rows (0: all). `batch` is used if all rows are to
  /// be sent now; it outlives the Execute. Else the portal keeps a batch of its own.
  void start(std::uint64_t row_count_max, engine::ColumnBatch& batch);
  /// Appends rows until the end, the limit, or until `out` has `size_max` bytes. False in the last
  /// case: send, and call again. Throws SqlError.
  bool pump(const sql::EvalContext& context, std::size_t size_max, std::string& out);
  /// Rows sent by this Execute.
  [[nodiscard]] std::uint64_t rows_sent() const { return rows_sent_; }
  /// Whether the limit ended this Execute. As in PostgreSQL also when no more rows would come.
  [[nodiscard]] bool suspended() const { return suspended_; }

 private:
  sql::PreparedPtr prepared_;
  std::unique_ptr<sql::Portal> portal_;
  std::vector<Format> result_formats_;  ///< empty: all text
  std::unique_ptr<engine::ColumnBatch> own_batch_;
  engine::ColumnBatch* batch_ = nullptr;
  std::size_t next_row_ = 0;  ///< of *batch_
  bool exhausted_ = false;
  bool suspended_ = false;
  bool completed_ = false;
  std::uint64_t row_count_max_ = 0;
  std::uint64_t rows_sent_ = 0;
};

}  // namespace omen::server
