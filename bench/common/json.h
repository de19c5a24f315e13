#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace omen::bench {

/// Text in quotes, as JSON writes it.
std::string json_string(std::string_view text);

/// An object or an array under construction: members in the order they are added.
///
///     Json().add("name", "omen").add("rows", 5).text()   ->   {"name": "omen", "rows": 5}
class Json {
 public:
  Json() = default;
  Json& add(std::string_view name, std::string_view value) { return put(name, json_string(value)); }
  Json& add(std::string_view name, const char* value) { return put(name, json_string(value)); }
  Json& add(std::string_view name, const std::string& value) {
    return put(name, json_string(value));
  }
  Json& add(std::string_view name, const Json& value) { return put(name, value.text()); }
  Json& add(std::string_view name, bool value) { return put(name, value ? "true" : "false"); }
  template <typename Number>
  Json& add(std::string_view name, Number value) {
    return put(name, fmt::format("{:.6g}", static_cast<double>(value)));
  }
  /// `text` is JSON itself.
  Json& put(std::string_view name, std::string_view text);
  [[nodiscard]] std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

/// `items` are JSON themselves; one a line when `lines`.
std::string array_of(const std::vector<std::string>& items, bool lines);

}  // namespace omen::bench
