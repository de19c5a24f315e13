#pragma once

#include <string>
#include <string_view>

#include "sql/types/numeric.h"

namespace omen::sql {

/// to_char of a number by a picture of 9 0 . , D G S MI PL SG PR L V TH FM and text; 0A000 for
/// EEEE and RN.
std::string write_number_format(const Numeric& value, std::string_view format);

}  // namespace omen::sql
