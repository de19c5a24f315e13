#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "protocol/wire/byte_writer.h"
#include "protocol/wire/message_type.h"

namespace omen::protocol {

/// Field codes of ErrorResponse and NoticeResponse.
enum class DiagnosticField : char {
  Severity = 'S',  ///< may be translated
  SeverityUntranslated = 'V',
  SqlState = 'C',
  Message = 'M',
  Detail = 'D',
  Hint = 'H',
  Position = 'P',  ///< 1-based, in characters of the statement text
  InternalPosition = 'p',
  InternalQuery = 'q',
  Context = 'W',
  SchemaName = 's',
  TableName = 't',
  ColumnName = 'c',
  DataTypeName = 'd',
  ConstraintName = 'n',
  File = 'F',
  Line = 'L',
  Routine = 'R',
};

/// ErrorResponse and NoticeResponse: fields in the order to be sent. Views point into the body.
struct DiagnosticMessage {
  std::vector<std::pair<DiagnosticField, std::string_view>> fields;

  /// Adds a field unless it is empty.
  void add(DiagnosticField field, std::string_view value) {
    if (!value.empty()) {
      fields.emplace_back(field, value);
    }
  }
  /// Empty if the message has no such field.
  [[nodiscard]] std::string_view find(DiagnosticField field) const;
};
engine::Status decode(std::string_view body, DiagnosticMessage& message);
/// `type` is ErrorResponse or NoticeResponse.
void encode(BackendType type, const DiagnosticMessage& message, ByteWriter& out);

}  // namespace omen::protocol
