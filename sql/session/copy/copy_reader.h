#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/session/copy/copy_options.h"

namespace omen::sql {

/// One row of COPY FROM as bytes. Views live until the reader's next row.
struct CopyRow {
  std::uint64_t line = 0;  ///< from 1, the header included
  std::string_view text;   ///< the whole line, for error contexts; empty in binary format
  std::span<const std::optional<std::string_view>> fields;  ///< nullopt: NULL
};

/// Cuts a COPY stream, which arrives in pieces of any size, into rows of fields.
///
/// feed() calls the sink for every row complete so far, finish() for the last one. Errors are 22P04
/// and 22021; the caller adds the context from line() and text(). Not thread-safe.
class CopyReader {
 public:
  using Sink = std::function<void(const CopyRow&)>;
  virtual ~CopyReader() = default;
  virtual void feed(std::string_view bytes, const Sink& sink) = 0;
  virtual void finish(const Sink& sink) = 0;
  /// The row being read: its number and its text as far as known.
  [[nodiscard]] virtual std::uint64_t line() const = 0;
  [[nodiscard]] virtual std::string_view text() const = 0;
};

/// What a reader must know of the columns, in the order of the fields.
struct CopyColumns {
  std::vector<std::string> names;
  std::vector<bool> force_not_null;  ///< CSV
  std::vector<bool> force_null;      ///< CSV
};

std::unique_ptr<CopyReader> make_copy_reader(const CopyOptions& options, CopyColumns columns);

}  // namespace omen::sql
