#include "server/config/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace omen::server {
namespace {

using engine::Result;
using engine::Status;
using engine::StatusCode;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

/// Words separated by spaces, with backslashes resolved.
std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    std::string word;
    for (; i < text.size() && !is_space(text[i]); ++i) {
      if (text[i] == '\\' && i + 1 < text.size()) {
        ++i;
      }
      word.push_back(text[i]);
    }
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<Assignment> parse_assignment(std::string_view line) {
  line = trim(line);
  if (line.empty() || line.front() == '#') {
    return Assignment{};
  }
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) {
    return std::nullopt;
  }
  Assignment assignment;
  assignment.name = trim(line.substr(0, equals));
  std::string_view value = trim(line.substr(equals + 1));
  if (assignment.name.empty()) {
    return std::nullopt;
  }
  if (!value.starts_with('\'')) {
    assignment.value = trim(value.substr(0, value.find('#')));
    return assignment;
  }
  value.remove_prefix(1);
  while (true) {
    const std::size_t quote = value.find('\'');
    if (quote == std::string_view::npos) {
      return std::nullopt;
    }
    assignment.value.append(value.substr(0, quote));
    value.remove_prefix(quote + 1);
    if (!value.starts_with('\'')) {
      break;
    }
    assignment.value.push_back('\'');
    value.remove_prefix(1);
  }
  value = trim(value);
  if (!value.empty() && value.front() != '#') {
    return std::nullopt;
  }
  return assignment;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_options(std::string_view options) {
  std::vector<std::pair<std::string, std::string>> settings;
  const std::vector<std::string> words = split_words(options);
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string assignment;
    if (words[i] == "-c" && i + 1 < words.size()) {
      assignment = words[++i];
    } else if (words[i].starts_with("--") || (words[i].starts_with("-c") && words[i].size() > 2)) {
      assignment = words[i].substr(2);
    }
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Status(StatusCode::InvalidArgument,
                    fmt::format("invalid command-line argument for server process: {}", words[i]));
    }
    std::string name = assignment.substr(0, equals);
    std::replace(name.begin(), name.end(), '-', '_');
    settings.emplace_back(std::move(name), assignment.substr(equals + 1));
  }
  return settings;
}

std::int64_t parse_duration_ms(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) {
    return 0;
  }
  const std::string_view unit = trim(text.substr(static_cast<std::size_t>(end - text.data())));
  if (unit.empty() || unit == "ms") {
    return number;
  }
  if (unit == "s") {
    return number * 1000;
  }
  if (unit == "min") {
    return number * 60'000;
  }
  if (unit == "h") {
    return number * 3'600'000;
  }
  return unit == "d" ? number * 86'400'000 : 0;
}

}  // namespace omen::server
