#pragma once

#include <string>
#include <vector>

#include "engine/base/column_batch.h"
#include "sql/functions/eval_context.h"
#include "sql/session/copy/copy_options.h"
#include "sql/types/type.h"

namespace omen::sql {

/// Writes rows of a result as COPY data: one string, a whole CopyData payload, for each row.
class CopyWriter {
 public:
  CopyWriter(CopyOptions options, std::vector<std::string> names, std::vector<Type> types);
  /// The header line, or nothing; the binary header is put before the first row.
  void begin(std::vector<std::string>& rows);
  void write(const engine::ColumnBatch& batch, const EvalContext& context,
             std::vector<std::string>& rows);
  /// The binary trailer.
  void end(std::vector<std::string>& rows);

 private:
  void add_text(std::string_view value, std::string& out) const;
  void add_csv(std::string_view value, bool force_quote, std::string& out) const;
  void add_binary_row(const engine::ColumnBatch& batch, std::size_t row, const EvalContext& context,
                      std::string& out);

  CopyOptions options_;
  std::vector<std::string> names_;
  std::vector<Type> types_;
  std::vector<bool> force_quote_;
  std::string scratch_;
  bool needs_binary_header_ = false;
};

}  // namespace omen::sql
