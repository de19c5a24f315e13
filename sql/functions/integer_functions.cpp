#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/out_of_range.h"
#include "sql/functions/registry.h"

namespace omen::sql {
namespace {

/// Exact in 64 bits, then narrowed: int4 and int2 cannot overflow Int8.
template <typename R>
R narrow(Int8 value) {
  if (value < std::numeric_limits<R>::min() || value > std::numeric_limits<R>::max()) {
    integer_out_of_range<R>();
  }
  return static_cast<R>(value);
}

template <typename R, typename A, typename B>
R add(A a, B b) {
  Int8 result = 0;
  if (__builtin_add_overflow(Int8{a}, Int8{b}, &result)) {
    integer_out_of_range<R>();
  }
  return narrow<R>(result);
}

template <typename R, typename A, typename B>
R subtract(A a, B b) {
  Int8 result = 0;
  if (__builtin_sub_overflow(Int8{a}, Int8{b}, &result)) {
    integer_out_of_range<R>();
  }
  return narrow<R>(result);
}

template <typename R, typename A, typename B>
R multiply(A a, B b) {
  Int8 result = 0;
  if (__builtin_mul_overflow(Int8{a}, Int8{b}, &result)) {
    integer_out_of_range<R>();
  }
  return narrow<R>(result);
}

template <typename R, typename A, typename B>
R divide(A a, B b) {
  if (b == 0) {
    division_by_zero();
  }
  if (b == -1) {
    return subtract<R, R, R>(R{0}, static_cast<R>(a));
  }
  return narrow<R>(Int8{a} / Int8{b});
}

template <typename T>
T modulo(T a, T b) {
  if (b == 0) {
    division_by_zero();
  }
  return b == -1 ? T{0} : static_cast<T>(a % b);
}

template <typename T>
T negate(T a) {
  return subtract<T, T, T>(T{0}, a);
}
template <typename T>
T identity(T a) {
  return a;
}
template <typename T>
T absolute(T a) {
  return a < 0 ? negate(a) : a;
}
template <typename T>
T bit_and(T a, T b) {
  return static_cast<T>(a & b);
}
template <typename T>
T bit_or(T a, T b) {
  return static_cast<T>(a | b);
}
template <typename T>
T bit_xor(T a, T b) {
  return static_cast<T>(a ^ b);
}
template <typename T>
T bit_not(T a) {
  return static_cast<T>(~a);
}
/// The count is taken modulo the width (of int4 at least), as the machine does.
template <typename T>
constexpr int kShiftMask = sizeof(T) == 8 ? 63 : 31;
template <typename T>
T shift_left(T a, Int4 count) {
  return static_cast<T>(static_cast<std::uint64_t>(Int8{a}) << (count & kShiftMask<T>));
}
template <typename T>
T shift_right(T a, Int4 count) {
  return static_cast<T>(Int8{a} >> (count & kShiftMask<T>));
}

template <typename R, typename A>
R convert(A a) {
  return narrow<R>(a);
}
/// Rounds half to even.
template <typename R, typename A>
R convert_float(A a) {
  const double rounded = std::nearbyint(double{a});
  // The upper limit itself is not representable for int8: compare with its negated lower limit.
  const double lowest = static_cast<double>(std::numeric_limits<R>::min());
  if (std::isnan(rounded) || rounded < lowest || rounded >= -lowest) {
    integer_out_of_range<R>();
  }
  return static_cast<R>(rounded);
}

bool int4_to_bool(Int4 a) {
  return a != 0;
}
Int4 bool_to_int4(bool a) {
  return a ? 1 : 0;
}

OidValue int8_to_oid(Int8 a) {
  if (a < 0 || a > std::numeric_limits<std::uint32_t>::max()) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "OID out of range");
  }
  return {a};
}
Int8 oid_to_int8(OidValue a) {
  return a.value;
}

template <typename T>
T greatest_common_divisor(T a, T b) {
  const auto magnitude = [](T x) {
    return x < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(Int8{x})
                 : static_cast<std::uint64_t>(x);
  };
  const std::uint64_t result = std::gcd(magnitude(a), magnitude(b));
  if (result > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
    integer_out_of_range<T>();
  }
  return static_cast<T>(result);
}
template <typename T>
T least_common_multiple(T a, T b) {
  if (a == 0 || b == 0) {
    return 0;
  }
  return absolute(multiply<T, T, T>(static_cast<T>(a / greatest_common_divisor(a, b)), b));
}

template <typename T>
std::string to_hexadecimal(T a) {
  using Unsigned = std::make_unsigned_t<T>;
  char buffer[20];
  const int size = std::snprintf(buffer, sizeof buffer, "%llx",
                                 static_cast<unsigned long long>(static_cast<Unsigned>(a)));
  return {buffer, static_cast<std::size_t>(size)};
}

constexpr FunctionRow kRows[] = {
    scalar<bit_xor<Int2>>(1894, "int2xor", "implementation of # operator"),
    scalar<bit_xor<Int4>>(1900, "int4xor", "implementation of # operator"),
    scalar<bit_xor<Int8>>(1906, "int8xor", "implementation of # operator"),
    scalar<modulo<Int2>>(155, "int2mod", "implementation of % operator"),
    scalar<modulo<Int4>>(156, "int4mod", "implementation of % operator"),
    scalar<modulo<Int8>>(945, "int8mod", "implementation of % operator"),
    scalar<bit_and<Int2>>(1892, "int2and", "implementation of & operator"),
    scalar<bit_and<Int4>>(1898, "int4and", "implementation of & operator"),
    scalar<bit_and<Int8>>(1904, "int8and", "implementation of & operator"),
    scalar<multiply<Int4, Int4, Int4>>(141, "int4mul", "implementation of * operator"),
    scalar<multiply<Int2, Int2, Int2>>(152, "int2mul", "implementation of * operator"),
    scalar<multiply<Int4, Int2, Int4>>(170, "int24mul", "implementation of * operator"),
    scalar<multiply<Int4, Int4, Int2>>(171, "int42mul", "implementation of * operator"),
    scalar<multiply<Int8, Int8, Int8>>(465, "int8mul", "implementation of * operator"),
    scalar<multiply<Int8, Int8, Int2>>(839, "int82mul", "implementation of * operator"),
    scalar<multiply<Int8, Int2, Int8>>(943, "int28mul", "implementation of * operator"),
    scalar<multiply<Int8, Int8, Int4>>(1276, "int84mul", "implementation of * operator"),
    scalar<multiply<Int8, Int4, Int8>>(1280, "int48mul", "implementation of * operator"),
    scalar<add<Int2, Int2, Int2>>(176, "int2pl", "implementation of + operator"),
    scalar<add<Int4, Int4, Int4>>(177, "int4pl", "implementation of + operator"),
    scalar<add<Int4, Int2, Int4>>(178, "int24pl", "implementation of + operator"),
    scalar<add<Int4, Int4, Int2>>(179, "int42pl", "implementation of + operator"),
    scalar<add<Int8, Int8, Int8>>(463, "int8pl", "implementation of + operator"),
    scalar<add<Int8, Int8, Int2>>(837, "int82pl", "implementation of + operator"),
    scalar<add<Int8, Int2, Int8>>(841, "int28pl", "implementation of + operator"),
    scalar<add<Int8, Int8, Int4>>(1274, "int84pl", "implementation of + operator"),
    scalar<add<Int8, Int4, Int8>>(1278, "int48pl", "implementation of + operator"),
    scalar<identity<Int8>>(1910, "int8up", "implementation of + operator"),
    scalar<identity<Int2>>(1911, "int2up", "implementation of + operator"),
    scalar<identity<Int4>>(1912, "int4up", "implementation of + operator"),
    scalar<subtract<Int2, Int2, Int2>>(180, "int2mi", "implementation of - operator"),
    scalar<subtract<Int4, Int4, Int4>>(181, "int4mi", "implementation of - operator"),
    scalar<subtract<Int4, Int2, Int4>>(182, "int24mi", "implementation of - operator"),
    scalar<subtract<Int4, Int4, Int2>>(183, "int42mi", "implementation of - operator"),
    scalar<negate<Int4>>(212, "int4um", "implementation of - operator"),
    scalar<negate<Int2>>(213, "int2um", "implementation of - operator"),
    scalar<negate<Int8>>(462, "int8um", "implementation of - operator"),
    scalar<subtract<Int8, Int8, Int8>>(464, "int8mi", "implementation of - operator"),
    scalar<subtract<Int8, Int8, Int2>>(838, "int82mi", "implementation of - operator"),
    scalar<subtract<Int8, Int2, Int8>>(942, "int28mi", "implementation of - operator"),
    scalar<subtract<Int8, Int8, Int4>>(1275, "int84mi", "implementation of - operator"),
    scalar<subtract<Int8, Int4, Int8>>(1279, "int48mi", "implementation of - operator"),
    scalar<divide<Int2, Int2, Int2>>(153, "int2div", "implementation of / operator"),
    scalar<divide<Int4, Int4, Int4>>(154, "int4div", "implementation of / operator"),
    scalar<divide<Int4, Int2, Int4>>(172, "int24div", "implementation of / operator"),
    scalar<divide<Int4, Int4, Int2>>(173, "int42div", "implementation of / operator"),
    scalar<divide<Int8, Int8, Int8>>(466, "int8div", "implementation of / operator"),
    scalar<divide<Int8, Int8, Int2>>(840, "int82div", "implementation of / operator"),
    scalar<divide<Int8, Int2, Int8>>(948, "int28div", "implementation of / operator"),
    scalar<divide<Int8, Int8, Int4>>(1277, "int84div", "implementation of / operator"),
    scalar<divide<Int8, Int4, Int8>>(1281, "int48div", "implementation of / operator"),
    scalar<shift_left<Int2>>(1896, "int2shl", "implementation of << operator"),
    scalar<shift_left<Int4>>(1902, "int4shl", "implementation of << operator"),
    scalar<shift_left<Int8>>(1908, "int8shl", "implementation of << operator"),
    scalar<shift_right<Int2>>(1897, "int2shr", "implementation of >> operator"),
    scalar<shift_right<Int4>>(1903, "int4shr", "implementation of >> operator"),
    scalar<shift_right<Int8>>(1909, "int8shr", "implementation of >> operator"),
    scalar<absolute<Int8>>(1230, "int8abs", "implementation of @ operator"),
    scalar<absolute<Int4>>(1251, "int4abs", "implementation of @ operator"),
    scalar<absolute<Int2>>(1253, "int2abs", "implementation of @ operator"),
    scalar<bit_or<Int2>>(1893, "int2or", "implementation of | operator"),
    scalar<bit_or<Int4>>(1899, "int4or", "implementation of | operator"),
    scalar<bit_or<Int8>>(1905, "int8or", "implementation of | operator"),
    scalar<bit_not<Int2>>(1895, "int2not", "implementation of ~ operator"),
    scalar<bit_not<Int4>>(1901, "int4not", "implementation of ~ operator"),
    scalar<bit_not<Int8>>(1907, "int8not", "implementation of ~ operator"),
    scalar<absolute<Int8>>(1396, "abs", "absolute value"),
    scalar<absolute<Int4>>(1397, "abs", "absolute value"),
    scalar<absolute<Int2>>(1398, "abs", "absolute value"),
    scalar<modulo<Int2>>(940, "mod", "modulus"),
    scalar<modulo<Int4>>(941, "mod", "modulus"),
    scalar<modulo<Int8>>(947, "mod", "modulus"),
    scalar<convert<Int2, Int4>>(314, "int2", "convert int4 to int2"),
    scalar<convert<Int2, Int8>>(714, "int2", "convert int8 to int2"),
    scalar<convert<Int4, Int2>>(313, "int4", "convert int2 to int4"),
    scalar<convert<Int4, Int8>>(480, "int4", "convert int8 to int4"),
    scalar<convert<Int8, Int2>>(754, "int8", "convert int2 to int8"),
    scalar<convert<Int8, Int4>>(481, "int8", "convert int4 to int8"),
    scalar<convert_float<Int2, Float4>>(238, "int2", "convert float4 to int2"),
    scalar<convert_float<Int2, Float8>>(237, "int2", "convert float8 to int2"),
    scalar<convert_float<Int4, Float4>>(319, "int4", "convert float4 to int4"),
    scalar<convert_float<Int4, Float8>>(317, "int4", "convert float8 to int4"),
    scalar<convert_float<Int8, Float4>>(653, "int8", "convert float4 to int8"),
    scalar<convert_float<Int8, Float8>>(483, "int8", "convert float8 to int8"),
    scalar<int4_to_bool>(2557, "bool", "convert int4 to boolean"),
    scalar<bool_to_int4>(2558, "int4", "convert boolean to int4"),
    scalar<int8_to_oid>(1287, "oid", "convert int8 to oid"),
    scalar<oid_to_int8>(1288, "int8", "convert oid to int8"),
    scalar<greatest_common_divisor<Int4>>(5044, "gcd", "greatest common divisor"),
    scalar<greatest_common_divisor<Int8>>(5045, "gcd", "greatest common divisor"),
    scalar<least_common_multiple<Int4>>(5046, "lcm", "least common multiple"),
    scalar<least_common_multiple<Int8>>(5047, "lcm", "least common multiple"),
    scalar<to_hexadecimal<Int4>>(2089, "to_hex", "convert int4 number to hex"),
    scalar<to_hexadecimal<Int8>>(2090, "to_hex", "convert int8 number to hex"),
};

}  // namespace

const FunctionTable kIntegerFunctions = kRows;

}  // namespace omen::sql
