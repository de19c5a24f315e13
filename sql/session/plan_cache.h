#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sql/session/prepared_statement.h"

namespace omen::sql {

/// Statements by their text, types and environment; the least recently used ones go first.
/// One per session, so that a look-up costs no lock. Not thread-safe.
class PlanCache {
 public:
  /// nullptr if absent. Whether the plan is still valid is the caller's business.
  PreparedStatementPtr find(const std::string& key);
  void insert(const std::string& key, PreparedStatementPtr prepared);
  void clear();

  static constexpr std::size_t kEntriesMax = 256;
  static constexpr std::size_t kTextBytesMax = 16384;

 private:
  using Entry = std::pair<std::string, PreparedStatementPtr>;
  std::list<Entry> entries_;  ///< most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;  ///< keys view entries_
};

/// Whether a statement means the same whenever it is bound: a literal such as 'now' or 'today' does
/// not, since binding turns it into a constant.
bool is_text_cacheable(std::string_view text);

}  // namespace omen::sql
