#include "sql/binder/similar_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace omen::sql {
namespace {

constexpr std::size_t kDistanceMax = 3;

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

struct Guess {
  std::string text;
  std::size_t distance = 0;
};

}  // namespace

std::string similar_column_hint(const Scope& scope, std::string_view alias,
                                std::string_view column) {
  std::vector<Guess> best;
  std::size_t best_distance = kDistanceMax + 1;
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    for (const NamespaceItem& item : level->items) {
      if (item.relation < 0) {
        continue;
      }
      const std::size_t penalty = alias.empty() ? 0 : edit_distance(alias, item.alias);
      if (penalty > kDistanceMax) {
        continue;
      }
      for (const VisibleColumn& candidate : item.columns) {
        const std::size_t distance = edit_distance(column, candidate.name);
        if (distance > candidate.name.size() / 2 && distance > column.size() / 2) {
          continue;
        }
        if (distance + penalty > best_distance) {
          continue;
        }
        if (distance + penalty < best_distance) {
          best.clear();
          best_distance = distance + penalty;
        }
        best.push_back({fmt::format("\"{}.{}\"", item.alias, candidate.name), best_distance});
      }
    }
    if (level->barrier) {
      break;
    }
  }
  if (best.size() == 1) {
    return fmt::format("Perhaps you meant to reference the column {}.", best[0].text);
  }
  if (best.size() == 2) {
    return fmt::format("Perhaps you meant to reference the column {} or the column {}.",
                       best[0].text, best[1].text);
  }
  return {};
}

}  // namespace omen::sql
