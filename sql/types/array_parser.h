#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/types/array.h"

namespace omen::sql {

/// An array literal taken apart: elements as text in row-major order, nullopt for NULL.
struct ParsedArray {
  std::vector<ArrayDimension> dimensions;
  std::vector<std::optional<std::string>> elements;
};

/// `{1,"a b",NULL}`, `{{1},{2}}`, `[0:1]={1,2}`. 22P02 `malformed array literal: "..."`.
ParsedArray parse_array_literal(std::string_view text);

}  // namespace omen::sql
