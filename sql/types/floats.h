#pragma once

#include <string>
#include <string_view>

namespace omen::sql {

/// Text forms of real and double precision as C's strtod reads them (hex, inf, nan), blanks around.
/// 22P02 or 22003.
float parse_float4(std::string_view text);
double parse_float8(std::string_view text);

/// PostgreSQL's text: shortest digits that read back (extra_float_digits > 0), 1e-05, 1e+15, NaN.
void append_float4(float value, std::string& out, int extra_float_digits = 1);
void append_float8(double value, std::string& out, int extra_float_digits = 1);

/// A number as strtof reads it, at the start of `text`; used where it may be followed by more.
struct FloatPrefix {
  float value = 0;
  std::size_t length = 0;  ///< bytes consumed, 0 if there is no number
  bool out_of_range = false;
};
FloatPrefix read_float4_prefix(const char* begin, const char* end);

/// btree order of floats: NaN equals itself and is above everything.
template <typename T>
int compare_floats(T a, T b) {
  if (a < b) {
    return -1;
  }
  if (a > b) {
    return 1;
  }
  if (a == b) {
    return 0;
  }
  const bool a_is_nan = a != a;
  const bool b_is_nan = b != b;
  return a_is_nan == b_is_nan ? 0 : (a_is_nan ? 1 : -1);
}

}  // namespace omen::sql
