#include "sql/session/copy/copy_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

SqlError syntax_error(std::string message) {
  return {sqlstate::kSyntaxError, std::move(message)};
}
SqlError invalid(std::string message) {
  return {sqlstate::kInvalidParameterValue, std::move(message)};
}
SqlError not_supported(std::string message) {
  return {sqlstate::kFeatureNotSupported, std::move(message)};
}

std::string text_of(const ast::Option& option) {
  if (!option.value) {
    throw syntax_error(fmt::format("{} requires a parameter", option.name)).at(option.location);
  }
  return *option.value;
}

std::optional<bool> boolean_of(const ast::Option& option) {
  if (!option.value) {
    return true;
  }
  const std::string& value = *option.value;
  if (value == "true" || value == "on" || value == "1") {
    return true;
  }
  if (value == "false" || value == "off" || value == "0") {
    return false;
  }
  return std::nullopt;
}

CopyOptions::Columns columns_of(const ast::Option& option) {
  if (!option.star && option.list.empty()) {
    throw invalid(
        fmt::format("argument to option \"{}\" must be a list of column names", option.name))
        .at(option.location);
  }
  return {.is_given = true, .star = option.star, .names = option.list};
}

/// What was written, to tell a default from a value equal to it.
struct Written {
  std::optional<std::string> delimiter, null_text, quote, escape;
  bool header = false;
};

void read_option(const ast::Option& option, bool is_from, CopyOptions& options, Written& written) {
  if (option.name == "format") {
    const std::string format = text_of(option);
    if (format == "text") {
      options.format = CopyFormat::Text;
    } else if (format == "csv") {
      options.format = CopyFormat::Csv;
    } else if (format == "binary") {
      options.format = CopyFormat::Binary;
    } else {
      throw invalid(fmt::format("COPY format \"{}\" not recognized", format)).at(option.location);
    }
  } else if (option.name == "delimiter") {
    written.delimiter = text_of(option);
  } else if (option.name == "null") {
    written.null_text = text_of(option);
  } else if (option.name == "quote") {
    written.quote = text_of(option);
  } else if (option.name == "escape") {
    written.escape = text_of(option);
  } else if (option.name == "header") {
    written.header = true;
    if (option.value == "match") {
      if (!is_from) {
        throw not_supported("cannot use \"match\" with HEADER in COPY TO");
      }
      options.header = CopyHeader::Match;
      return;
    }
    const std::optional<bool> present = boolean_of(option);
    if (!present) {
      throw syntax_error("header requires a Boolean value or \"match\"");
    }
    options.header = *present ? CopyHeader::Present : CopyHeader::None;
  } else if (option.name == "freeze") {
    // Rows are visible by their transaction alone: there is nothing to freeze.
    if (!boolean_of(option)) {
      throw syntax_error("freeze requires a Boolean value");
    }
  } else if (option.name == "force_quote") {
    options.force_quote = columns_of(option);
  } else if (option.name == "force_not_null") {
    options.force_not_null = columns_of(option);
  } else if (option.name == "force_null") {
    options.force_null = columns_of(option);
  } else if (option.name == "encoding") {
    std::string plain;
    for (const char c : text_of(option)) {
      if (c != '-' && c != '_') {
        plain += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      }
    }
    if (plain != "utf8" && plain != "unicode" && plain != "sqlascii") {
      unsupported(fmt::format("COPY encoding \"{}\"", text_of(option)), option.location);
    }
  } else {
    throw syntax_error(fmt::format("option \"{}\" not recognized", option.name))
        .at(option.location);
  }
}

char single_byte(const std::string& text, std::string_view what) {
  if (text.size() != 1) {
    throw not_supported(fmt::format("COPY {} must be a single one-byte character", what));
  }
  return text[0];
}

void check_binary(const Written& written) {
  if (written.delimiter) {
    throw syntax_error("cannot specify DELIMITER in BINARY mode");
  }
  if (written.null_text) {
    throw syntax_error("cannot specify NULL in BINARY mode");
  }
}

void apply_characters(const Written& written, CopyOptions& options) {
  const bool is_csv = options.format == CopyFormat::Csv;
  options.delimiter = is_csv ? ',' : '\t';
  options.null_text = is_csv ? "" : "\\N";
  if (written.delimiter) {
    options.delimiter = single_byte(*written.delimiter, "delimiter");
  }
  if (written.null_text) {
    options.null_text = *written.null_text;
  }
  if (is_csv) {
    if (written.quote) {
      options.quote = single_byte(*written.quote, "quote");
    }
    options.escape = written.escape ? single_byte(*written.escape, "escape") : options.quote;
  }
}

void check_characters(const Written& written, const CopyOptions& options) {
  const bool is_csv = options.format == CopyFormat::Csv;
  if (options.delimiter == '\r' || options.delimiter == '\n') {
    throw invalid("COPY delimiter cannot be newline or carriage return");
  }
  if (options.null_text.find_first_of("\r\n") != std::string::npos) {
    throw invalid("COPY null representation cannot use newline or carriage return");
  }
  constexpr std::string_view kAmbiguous = "\\.abcdefghijklmnopqrstuvwxyz0123456789";
  if (!is_csv && kAmbiguous.find(options.delimiter) != std::string_view::npos) {
    throw invalid(fmt::format("COPY delimiter cannot be \"{}\"", options.delimiter));
  }
  if (options.header != CopyHeader::None && options.format == CopyFormat::Binary) {
    throw not_supported("cannot specify HEADER in BINARY mode");
  }
  if (!is_csv && written.quote) {
    throw not_supported("COPY quote available only in CSV mode");
  }
  if (is_csv && options.delimiter == options.quote) {
    throw invalid("COPY delimiter and quote must be different");
  }
  if (!is_csv && written.escape) {
    throw not_supported("COPY escape available only in CSV mode");
  }
}

void check_forced(const CopyOptions& options, bool is_from) {
  const bool is_csv = options.format == CopyFormat::Csv;
  const auto check = [&](const CopyOptions::Columns& columns, std::string_view name,
                         bool for_from) {
    if (columns.is_given && !is_csv) {
      throw not_supported(fmt::format("COPY {} available only in CSV mode", name));
    }
    if (columns.is_given && is_from != for_from) {
      throw not_supported(
          fmt::format("COPY {} only available using COPY {}", name, for_from ? "FROM" : "TO"));
    }
  };
  check(options.force_quote, "force quote", false);
  check(options.force_not_null, "force not null", true);
  check(options.force_null, "force null", true);
}

}  // namespace

CopyOptions parse_copy_options(const ast::CopyStatement& statement) {
  CopyOptions options;
  Written written;
  std::set<std::string_view> seen;
  for (const ast::Option& option : statement.options) {
    if (!seen.insert(option.name).second) {
      throw syntax_error("conflicting or redundant options").at(option.location);
    }
    read_option(option, statement.from, options, written);
  }
  if (options.format == CopyFormat::Binary) {
    check_binary(written);
  }
  apply_characters(written, options);
  check_characters(written, options);
  check_forced(options, statement.from);
  if (options.null_text.find(options.delimiter) != std::string::npos) {
    throw invalid("COPY delimiter must not appear in the NULL specification");
  }
  if (options.format == CopyFormat::Csv &&
      options.null_text.find(options.quote) != std::string::npos) {
    throw invalid("CSV quote character must not appear in the NULL specification");
  }
  return options;
}

std::vector<bool> chosen_columns(const CopyOptions::Columns& chosen,
                                 const std::vector<std::string>& columns, std::string_view option) {
  std::vector<bool> flags(columns.size(), chosen.star);
  for (const std::string& name : chosen.names) {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end()) {
      throw SqlError(sqlstate::kInvalidColumnReference,
                     fmt::format("{} column \"{}\" not referenced by COPY", option, name));
    }
    flags[static_cast<std::size_t>(found - columns.begin())] = true;
  }
  return flags;
}

}  // namespace omen::sql
