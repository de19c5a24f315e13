#include "sql/session/settings/special_settings.h"

#include <absl/time/time.h>
#include <fmt/format.h>

#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <regex>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/session/settings/setting_value.h"

namespace omen::sql {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

SqlError invalid(std::string_view name, std::string_view value) {
  return {sqlstate::kInvalidParameterValue,
          fmt::format("invalid value for parameter \"{}\": \"{}\"", name, value)};
}

// ---------------------------------------------------------------- DateStyle

std::string canonical_date_style(std::string_view value, std::string_view current) {
  const std::size_t comma = current.find(", ");
  std::string style(current.substr(0, comma));
  std::string order(comma == std::string_view::npos ? "MDY" : current.substr(comma + 2));
  for (const std::string& written : split_name_list(value)) {
    const std::string word = lower(written);
    if (word == "iso") {
      style = "ISO";
    } else if (word == "sql") {
      style = "SQL";
    } else if (word.starts_with("postgres")) {
      style = "Postgres";
    } else if (word == "german") {
      style = "German";
      order = "DMY";
    } else if (word == "ymd") {
      order = "YMD";
    } else if (word == "dmy" || word.starts_with("euro")) {
      order = "DMY";
    } else if (word == "mdy" || word == "us" || word.starts_with("noneuro")) {
      order = "MDY";
    } else if (word == "default") {
      style = "ISO";
      order = "MDY";
    } else {
      throw invalid("DateStyle", value)
          .detail(fmt::format("Unrecognized key word: \"{}\".", written));
    }
  }
  return style + ", " + order;
}

// ---------------------------------------------------------------- TimeZone

/// Seconds east of UTC of a POSIX zone without daylight saving: `EST5`, `UTC-2`, `<+02>-02`.
std::optional<int> posix_offset_seconds(std::string_view zone) {
  static const std::regex kPosix(R"((?:<[^<>]+>|[A-Za-z]{3,})([+-]?)(\d{1,2})(?::(\d{2}))?)");
  std::cmatch match;
  if (!std::regex_match(zone.data(), zone.data() + zone.size(), match, kPosix)) {
    return std::nullopt;
  }
  const int hours = std::stoi(match[2].str());
  const int minutes = match[3].matched ? std::stoi(match[3].str()) : 0;
  const int seconds = hours * 3600 + minutes * 60;
  return match[1].str() == "-" ? seconds : -seconds;
}

/// How PostgreSQL prints a fixed offset: `<+02>-02`, `<-03:30>+03:30`.
std::string fixed_zone_name(int seconds_east) {
  const int magnitude = std::abs(seconds_east);
  std::string digits = fmt::format("{:02}", magnitude / 3600);
  if (magnitude % 3600 != 0) {
    digits += fmt::format(":{:02}", magnitude % 3600 / 60);
  }
  const char east = seconds_east < 0 ? '-' : '+';
  const char west = seconds_east < 0 ? '+' : '-';
  return fmt::format("<{}{}>{}{}", east, digits, west, digits);
}

bool is_zone_file(const std::string& name) {
  absl::TimeZone zone;
  return !name.empty() && name.front() != '/' && name.find("..") == std::string::npos &&
         !name.starts_with("Fixed/") && absl::LoadTimeZone(name, &zone);
}

/// The name as the zone database spells it, looked up without regard to case.
std::optional<std::string> find_zone_ignoring_case(std::string_view typed) {
  const std::filesystem::path root = "/usr/share/zoneinfo";
  std::string found;
  std::filesystem::path folder = root;
  std::string_view rest = typed;
  while (!rest.empty()) {
    const std::string part = lower(rest.substr(0, rest.find('/')));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    std::optional<std::string> match;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      if (lower(entry.path().filename().string()) == part) {
        match = entry.path().filename().string();
      }
    }
    if (!match) {
      return std::nullopt;
    }
    found += found.empty() ? *match : "/" + *match;
    folder /= *match;
  }
  return is_zone_file(found) ? std::optional(found) : std::nullopt;
}

std::string canonical_time_zone(std::string_view value) {
  const std::string typed(value);
  if (is_zone_file(typed)) {
    return typed;
  }
  if (lower(typed) == "utc" || lower(typed) == "gmt") {
    return lower(typed) == "utc" ? "UTC" : "GMT";
  }
  // A bare number is hours east of UTC.
  static const std::regex kHours(R"([+-]?\d{1,2}(\.\d+)?)");
  if (std::regex_match(typed, kHours)) {
    return fixed_zone_name(static_cast<int>(std::stod(typed) * 3600));
  }
  if (const std::optional<std::string> name = find_zone_ignoring_case(value)) {
    return *name;
  }
  if (posix_offset_seconds(value)) {
    return typed;
  }
  throw invalid("TimeZone", value);
}

// ---------------------------------------------------------------- client_encoding

std::string canonical_encoding(std::string_view value) {
  std::string plain;
  for (const char c : lower(value)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      plain += c;
    }
  }
  if (plain == "utf8" || plain == "unicode") {
    return value == "UNICODE" ? "UNICODE" : "UTF8";
  }
  if (plain == "sqlascii") {
    return "SQL_ASCII";
  }
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kConvertible = {{
      {"latin1", "LATIN1"},
      {"iso88591", "LATIN1"},
      {"latin2", "LATIN2"},
      {"latin9", "LATIN9"},
      {"win1252", "WIN1252"},
      {"win1251", "WIN1251"},
      {"win1250", "WIN1250"},
      {"koi8r", "KOI8R"},
      {"eucjp", "EUC_JP"},
      {"sjis", "SJIS"},
      {"gbk", "GBK"},
      {"big5", "BIG5"},
  }};
  for (const auto& [known, name] : kConvertible) {
    if (known == plain) {
      SqlError error = invalid("client_encoding", value);
      error.diagnostic().sqlstate = sqlstate::kFeatureNotSupported;
      error.diagnostic().detail =
          fmt::format("Conversion between {} and UTF8 is not supported.", name);
      throw error;
    }
  }
  throw invalid("client_encoding", value);
}

std::string clean_ascii(std::string_view value) {
  std::string result(value);
  for (char& c : result) {
    c = c < 32 || c > 126 ? '?' : c;
  }
  return result;
}

}  // namespace

std::string canonical_special(const SettingDefinition& definition, std::string_view value,
                              std::string_view current) {
  if (definition.name == "DateStyle") {
    return canonical_date_style(value, current);
  }
  if (definition.name == "TimeZone") {
    return canonical_time_zone(value);
  }
  if (definition.name == "client_encoding") {
    return canonical_encoding(value);
  }
  if (definition.name == "application_name") {
    return clean_ascii(value);
  }
  if (definition.name == "search_path") {
    static_cast<void>(split_name_list(value));
  }
  return std::string(value);
}

std::string canonical_enum_synonym(const SettingDefinition& definition, std::string value) {
  const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), value) != words.end();
  };
  if (definition.name == "client_min_messages") {
    return value == "debug" ? "debug2" : value == "info" ? "notice" : value;
  }
  const bool is_boolean_too = definition.name == "synchronous_commit" ||
                              definition.name == "backslash_quote" ||
                              definition.name == "constraint_exclusion";
  if (is_boolean_too && is_one_of({"true", "yes", "1"})) {
    return "on";
  }
  if (is_boolean_too && is_one_of({"false", "no", "0"})) {
    return "off";
  }
  return value;
}

std::string time_zone_for_functions(std::string_view time_zone) {
  const std::string name(time_zone);
  if (is_zone_file(name)) {
    return name;
  }
  if (const std::optional<int> seconds = posix_offset_seconds(time_zone)) {
    const int magnitude = std::abs(*seconds);
    return fmt::format("Fixed/UTC{}{:02}:{:02}:00", *seconds < 0 ? '-' : '+', magnitude / 3600,
                       magnitude % 3600 / 60);
  }
  return "UTC";
}

}  // namespace omen::sql
