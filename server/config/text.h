#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"

/// Small pieces of text that configuration and start-up read.
namespace omen::server {

std::string_view trim(std::string_view text);

/// One line of a configuration file. Both empty for a blank line or a comment.
struct Assignment {
  std::string name;
  std::string value;
};
/// nullopt if the line is neither blank, nor a comment, nor `name = value`.
std::optional<Assignment> parse_assignment(std::string_view line);

/// The start-up parameter `options`: `-c name=value`, `-cname=value`, `--name=value`, separated by
/// spaces; a backslash takes the next character as it is. InvalidArgument for anything else.
engine::Result<std::vector<std::pair<std::string, std::string>>> parse_options(
    std::string_view options);

/// Milliseconds of a duration as SHOW prints it: "0", "250ms", "5s", "2min", "1h", "1d"; without a
/// unit it is milliseconds. 0 for anything else.
std::int64_t parse_duration_ms(std::string_view text);

}  // namespace omen::server
