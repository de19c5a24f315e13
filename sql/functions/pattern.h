#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace omen::sql {

/// LIKE: % and _, backslash escapes. `fold_case` for ILIKE (simple case folding).
/// 22025 `LIKE pattern must not end with escape character`.
bool matches_like(std::string_view text, std::string_view pattern, bool fold_case);

/// A compiled regular expression, PostgreSQL's ARE over UTF-8: by RE2, whose matches are the
/// longest as POSIX wants and take linear time, or by PCRE2 if it has back references, looks
/// around, or prefers short matches. 2201B with PostgreSQL's messages.
class Regex {
 public:
  struct Options {
    bool fold_case = false;
    bool newline_sensitive = false;  ///< ^ and $ at lines, . stops at them
    bool expanded = false;
  };
  Regex(std::string_view pattern, Options options);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  /// A match's group: start and end as byte offsets; start is npos for a group that took no part.
  struct Group {
    std::size_t start = std::string_view::npos;
    std::size_t end = 0;
  };
  /// Searches from byte `from`; empty: no match. Element 0 is the whole match.
  [[nodiscard]] std::vector<Group> search(std::string_view text, std::size_t from = 0) const;
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  struct Code;
  std::unique_ptr<Code> code_;
};

/// The compiled form of `pattern`, kept by this thread as long as it is the latest of few.
const Regex& cached_regex(std::string_view pattern, Regex::Options options);

/// Flags as regexp_replace and friends take them; `global` only where allowed. 22023.
struct RegexFlags {
  Regex::Options options;
  bool global = false;
};
RegexFlags parse_regex_flags(std::string_view flags);

}  // namespace omen::sql
