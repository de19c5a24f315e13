#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/column_batch.h"
#include "protocol/messages/rows.h"
#include "protocol/wire/message_type.h"
#include "sql/session/session.h"

namespace omen::server {

/// A value's form on the wire.
enum class Format : std::int16_t { Text = 0, Binary = 1 };

/// Format codes as Bind carries them (none: text for all; one: for all; else one each) spread over
/// `count` items. Throws 22023 for a code that is neither; the caller has checked the number of
/// them.
void spread_formats(std::span<const std::int16_t> codes, std::size_t count,
                    std::vector<Format>& formats);

/// Appends a RowDescription; `formats` is empty (all text) or one each.
void write_row_description(const std::vector<sql::ResultColumn>& columns,
                           std::span<const Format> formats, std::string& out);

/// Appends DataRow messages for rows `first` to `last` (exclusive) of a batch, straight into `out`.
/// Stops once `out` has grown to `size_max` and returns the row it has come to. Throws SqlError; a
/// row that failed has left nothing behind.
std::size_t write_rows(const engine::ColumnBatch& batch, std::size_t first, std::size_t last,
                       const std::vector<sql::ResultColumn>& columns,
                       std::span<const Format> formats, const sql::EvalContext& context,
                       std::size_t size_max, std::string& out);

}  // namespace omen::server
