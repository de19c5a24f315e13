#pragma once

#include <cstddef>
#include <string_view>

namespace omen::sql {

/// An upper bound of how deep the grammar's tree of `text` can get, from a scan of its tokens.
///
/// Counts, at every place, the brackets and CASEs that are open and, on each of their levels, the
/// tokens since the last comma, AND or OR plus the joins and set operations so far: those make the
/// left-deep chains (`1+1+...`) that nest without brackets. Linear, no allocation to speak of,
/// never fails: text that is not SQL is for the grammar to refuse.
std::size_t estimate_depth(std::string_view text);

}  // namespace omen::sql
