#include "sql/binder/overload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

using Candidates = std::vector<Candidate>;

/// Keeps the candidates with the highest score.
template <typename Score>
void keep_best(Candidates& candidates, const Score& score) {
  std::vector<int> scores;
  scores.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    scores.push_back(score(candidate));
  }
  const int best = *std::max_element(scores.begin(), scores.end());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (scores[i] == best) {
      if (kept != i) {
        candidates[kept] = std::move(candidates[i]);
      }
      ++kept;
    }
  }
  candidates.resize(kept);
}

struct SlotChoice {
  char category = '\0';
  bool has_preferred = false;
};

/// The category an unknown argument is taken for; category 0: the candidates disagree.
SlotChoice choose_slot(const Candidates& candidates, std::size_t slot) {
  SlotChoice choice;
  bool conflict = false;
  for (const Candidate& candidate : candidates) {
    const Oid type = candidate.arguments[slot];
    const char category = type_category(type);
    if (choice.category == '\0' || (category == 'S' && choice.category != 'S')) {
      choice = {category, is_preferred(type)};
    } else if (category == choice.category) {
      choice.has_preferred = choice.has_preferred || is_preferred(type);
    } else if (choice.category != 'S') {
      conflict = true;
    }
  }
  if (conflict && choice.category != 'S') {
    return {};
  }
  return choice;
}

/// Step by categories of unknown arguments; leaves `candidates` alone if it leads nowhere.
void resolve_unknown_slots(std::span<const Oid> inputs, Candidates& candidates) {
  std::vector<SlotChoice> choices(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == type_oid::kUnknown) {
      choices[i] = choose_slot(candidates, i);
      if (choices[i].category == '\0') {
        return;
      }
    }
  }
  Candidates kept;
  for (const Candidate& candidate : candidates) {
    bool fits = true;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i] != type_oid::kUnknown) {
        continue;
      }
      const Oid type = candidate.arguments[i];
      fits = fits && type_category(type) == choices[i].category &&
             (!choices[i].has_preferred || is_preferred(type));
    }
    if (fits) {
      kept.push_back(candidate);
    }
  }
  if (!kept.empty()) {
    candidates = std::move(kept);
  }
}

/// Last step: unknown arguments are of the one type the known ones have.
bool resolve_by_known_type(const BindState& state, std::span<const Oid> inputs,
                           Candidates& candidates) {
  Oid known = 0;
  for (const Oid input : inputs) {
    if (input == type_oid::kUnknown) {
      continue;
    }
    if (known != 0 && known != input) {
      return false;
    }
    known = input;
  }
  if (known == 0) {
    return false;
  }
  const std::vector<Oid> assumed(inputs.size(), known);
  const Candidate* only = nullptr;
  for (const Candidate& candidate : candidates) {
    if (can_coerce(state, assumed, candidate.arguments, CastContext::Implicit)) {
      if (only != nullptr) {
        return false;
      }
      only = &candidate;
    }
  }
  if (only == nullptr) {
    return false;
  }
  candidates = {Candidate(*only)};
  return true;
}

}  // namespace

Match choose(const BindState& state, std::span<const Oid> inputs, Candidates& candidates) {
  std::erase_if(candidates, [&](const Candidate& candidate) {
    return !can_coerce(state, inputs, candidate.arguments, CastContext::Implicit);
  });
  if (candidates.empty()) {
    return Match::None;
  }
  if (candidates.size() == 1) {
    return Match::One;
  }
  keep_best(candidates, [&](const Candidate& candidate) {
    int exact = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      exact += inputs[i] != type_oid::kUnknown && inputs[i] == candidate.arguments[i] ? 1 : 0;
    }
    return exact;
  });
  if (candidates.size() == 1) {
    return Match::One;
  }
  keep_best(candidates, [&](const Candidate& candidate) {
    int score = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Oid type = candidate.arguments[i];
      score += inputs[i] != type_oid::kUnknown &&
                       (inputs[i] == type ||
                        (type_category(type) == type_category(inputs[i]) && is_preferred(type)))
                   ? 1
                   : 0;
    }
    return score;
  });
  if (candidates.size() == 1) {
    return Match::One;
  }
  if (std::find(inputs.begin(), inputs.end(), type_oid::kUnknown) == inputs.end()) {
    return Match::Ambiguous;
  }
  resolve_unknown_slots(inputs, candidates);
  if (candidates.size() == 1 || resolve_by_known_type(state, inputs, candidates)) {
    return Match::One;
  }
  return Match::Ambiguous;
}

namespace {

Candidates operator_candidates(const BindState& state, const OperatorLookup& lookup) {
  const std::string_view schema = lookup.name.size() > 1
                                      ? std::string_view(lookup.name[lookup.name.size() - 2])
                                      : std::string_view();
  Candidates out;
  for (const OperatorDef& row : operators_named(lookup.name.back())) {
    if ((row.left_type == 0) != (lookup.left == 0) ||
        !state.object_visible(row.extension_vector, schema)) {
      continue;
    }
    Candidate candidate;
    candidate.operator_def = &row;
    candidate.function = row.function;
    if (row.left_type != 0) {
      candidate.arguments.push_back(row.left_type);
    }
    candidate.arguments.push_back(row.right_type);
    out.push_back(std::move(candidate));
  }
  return out;
}

const Candidate* find_exact(const Candidates& candidates, std::span<const Oid> types) {
  for (const Candidate& candidate : candidates) {
    if (std::equal(types.begin(), types.end(), candidate.arguments.begin(),
                   candidate.arguments.end())) {
      return &candidate;
    }
  }
  return nullptr;
}

std::string operator_text(const OperatorLookup& lookup) {
  const std::string name = fmt::format("{}", fmt::join(lookup.name, "."));
  return lookup.left == 0
             ? fmt::format("{} {}", name, type_text(lookup.right))
             : fmt::format("{} {} {}", type_text(lookup.left), name, type_text(lookup.right));
}

Match search_operator(const BindState& state, const OperatorLookup& lookup,
                      Candidates& candidates) {
  std::vector<Oid> inputs;
  if (lookup.left != 0) {
    inputs.push_back(lookup.left);
  }
  inputs.push_back(lookup.right);
  candidates = operator_candidates(state, lookup);
  std::vector<Oid> assumed = inputs;  // an unknown side is first taken for the other side's type
  if (inputs.size() == 2) {
    if (inputs[0] == type_oid::kUnknown && inputs[1] != type_oid::kUnknown) {
      assumed[0] = inputs[1];
    } else if (inputs[1] == type_oid::kUnknown && inputs[0] != type_oid::kUnknown) {
      assumed[1] = inputs[0];
    }
  }
  if (const Candidate* exact = find_exact(candidates, assumed); exact != nullptr) {
    candidates = {Candidate(*exact)};
    return Match::One;
  }
  return choose(state, inputs, candidates);
}

}  // namespace

Candidate find_operator(const BindState& state, const OperatorLookup& lookup) {
  Candidates candidates;
  switch (search_operator(state, lookup, candidates)) {
    case Match::One:
      return std::move(candidates.front());
    case Match::Ambiguous:
      throw SqlError(sqlstate::kAmbiguousFunction,
                     fmt::format("operator is not unique: {}", operator_text(lookup)))
          .hint(
              "Could not choose a best candidate operator. You might need to add explicit type "
              "casts.")
          .at(lookup.location);
    case Match::None:
      break;
  }
  throw SqlError(sqlstate::kUndefinedFunction,
                 fmt::format("operator does not exist: {}", operator_text(lookup)))
      .hint(lookup.left == 0
                ? "No operator matches the given name and argument type. You might need to add an "
                  "explicit type cast."
                : "No operator matches the given name and argument types. You might need to add "
                  "explicit type casts.")
      .at(lookup.location);
}

const OperatorDef* try_find_operator(const BindState& state, const OperatorLookup& lookup) {
  Candidates candidates;
  return search_operator(state, lookup, candidates) == Match::One ? candidates.front().operator_def
                                                                  : nullptr;
}

}  // namespace omen::sql
