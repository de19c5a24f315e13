#include "sql/session/plan_cache.h"

#include <cctype>

namespace omen::sql {

PreparedStatementPtr PlanCache::find(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void PlanCache::insert(const std::string& key, PreparedStatementPtr prepared) {
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    found->second->second = std::move(prepared);
    return;
  }
  entries_.emplace_front(key, std::move(prepared));
  by_key_.emplace(entries_.front().first, entries_.begin());
  if (entries_.size() > kEntriesMax) {
    by_key_.erase(entries_.back().first);
    entries_.pop_back();
  }
}

void PlanCache::clear() {
  by_key_.clear();
  entries_.clear();
}

bool is_text_cacheable(std::string_view text) {
  if (text.size() > PlanCache::kTextBytesMax) {
    return false;
  }
  if (text.find('\'') == std::string_view::npos && text.find('$') == std::string_view::npos) {
    return true;
  }
  std::string lower(text);
  for (char& c : lower) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const std::string_view word : {"now", "today", "tomorrow", "yesterday"}) {
    for (std::size_t at = lower.find(word); at != std::string::npos;
         at = lower.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      if (end == lower.size() || lower[end] != '(') {
        return false;
      }
    }
  }
  return true;
}

}  // namespace omen::sql
