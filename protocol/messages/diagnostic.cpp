#include "protocol/messages/diagnostic.h"

#include "protocol/wire/byte_reader.h"

namespace omen::protocol {

using engine::Status;

std::string_view DiagnosticMessage::find(DiagnosticField field) const {
  for (const auto& [code, value] : fields) {
    if (code == field) {
      return value;
    }
  }
  return {};
}

Status decode(std::string_view body, DiagnosticMessage& message) {
  ByteReader reader(body);
  message.fields.clear();
  while (true) {
    const std::uint8_t code = reader.read_u8();
    if (code == 0) {
      break;
    }
    message.fields.emplace_back(static_cast<DiagnosticField>(code), reader.read_c_string());
  }
  return reader.finish();
}

void encode(BackendType type, const DiagnosticMessage& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(type));
  for (const auto& [code, value] : message.fields) {
    out.write_u8(static_cast<std::uint8_t>(code));
    out.write_c_string(value);
  }
  out.write_u8(0);
  out.end_message(mark);
}

}  // namespace omen::protocol
