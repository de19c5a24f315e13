#include "bench/common/json.h"

namespace omen::bench {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

Json& Json::put(std::string_view name, std::string_view text) {
  if (!members_.empty()) {
    members_ += ", ";
  }
  members_ += json_string(name);
  members_ += ": ";
  members_ += text;
  return *this;
}

std::string array_of(const std::vector<std::string>& items, bool lines) {
  const std::string_view separator = lines ? ",\n  " : ", ";
  std::string out = lines ? "[\n  " : "[";
  for (std::size_t i = 0; i < items.size(); ++i) {
    out += i == 0 ? "" : separator;
    out += items[i];
  }
  return out + (lines ? "\n]" : "]");
}

}  // namespace omen::bench
