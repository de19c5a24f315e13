#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

std::string round_trip(const Type& type, std::string_view text) {
  const EvalContext context;
  return value_to_text(type.oid, text_to_value(type, text, context), context);
}

Type type_named(std::string_view name, std::int32_t modifier = -1) {
  const TypeInfo* type = find_type(name);
  REQUIRE(type != nullptr);
  return {type->oid, modifier};
}

/// "SQLSTATE message" and, if there is one, " / detail".
std::string failure(const Type& type, std::string_view text) {
  try {
    round_trip(type, text);
  } catch (const SqlError& error) {
    const Diagnostic& diagnostic = error.diagnostic();
    return std::string(diagnostic.sqlstate) + " " + diagnostic.message +
           (diagnostic.detail.empty() ? "" : " / " + diagnostic.detail);
  }
  return "no error";
}

struct Form {
  const char* type;
  std::int32_t modifier;
  const char* text;
  const char* printed;
};

}  // namespace

// Recorded from PostgreSQL 15 with pgvector.
TEST_CASE("text forms read and print as PostgreSQL's") {
  const Form forms[] = {
      {"bool", -1, " TRUE ", "t"},
      {"bool", -1, "of", "f"},
      {"int2", -1, " -32768 ", "-32768"},
      {"int4", -1, "+7", "7"},
      {"int8", -1, "-9223372036854775808", "-9223372036854775808"},
      {"float8", -1, "0.00001", "1e-05"},
      {"float8", -1, "1e14", "100000000000000"},
      {"float8", -1, "1e15", "1e+15"},
      {"float8", -1, "-0", "-0"},
      {"float8", -1, " 0x10 ", "16"},
      {"float8", -1, "-infinity", "-Infinity"},
      {"float4", -1, "100000", "100000"},
      {"float4", -1, "1000000", "1e+06"},
      {"float4", -1, "0.1", "0.1"},
      {"float4", -1, "1234567", "1.234567e+06"},
      {"text", -1, "a b", "a b"},
      {"varchar", 6, "ab   ", "ab"},
      {"bpchar", 8, "ab", "ab  "},
      {"char", -1, "xy", "x"},
      {"name", -1, "n", "n"},
      {"oid", -1, "-1", "4294967295"},
      {"tid", -1, "(3,4)", "(3,4)"},
      {"bytea", -1, "\\xDEad be", "\\xdeadbe"},
      {"bytea", -1, "a\\001b\\\\", "\\x6101625c"},
      {"uuid", -1, "{A0EEBC99-9C0B4EF8-BB6D6BB9BD380A11}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {"_int4", -1, "{1,NULL, 3 }", "{1,NULL,3}"},
      {"_int4", -1, "[0:1]={7,8}", "[0:1]={7,8}"},
      {"_int4", -1, "{{1,2},{3,4}}", "{{1,2},{3,4}}"},
      {"_text", -1, R"({"a,b",c d,"null","","q\""})", R"({"a,b","c d","null","","q\""})"},
      {"int2vector", -1, "1 2 3", "1 2 3"},
      {"vector", -1, " [ 1 , 2.5,\t-3 ] ", "[1,2.5,-3]"},
      {"vector", -1, "[0x10,+1,.5,1.,1e-46]", "[16,1,0.5,1,0]"},
      {"_vector", -1, "{\"[1,2]\",NULL}", "{\"[1,2]\",NULL}"},
  };
  for (const Form& form : forms) {
    INFO(form.type << " " << form.text);
    CHECK(round_trip(type_named(form.type, form.modifier), form.text) == form.printed);
  }
}

TEST_CASE("malformed text is refused with PostgreSQL's errors") {
  const Form forms[] = {
      {"int4", -1, "abc", "22P02 invalid input syntax for type integer: \"abc\""},
      {"int4", -1, "", "22P02 invalid input syntax for type integer: \"\""},
      {"int4", -1, "2147483648", "22003 value \"2147483648\" is out of range for type integer"},
      {"int2", -1, "1 2", "22P02 invalid input syntax for type smallint: \"1 2\""},
      {"float8", -1, "1e400", "22003 \"1e400\" is out of range for type double precision"},
      {"float4", -1, "1e39", "22003 \"1e39\" is out of range for type real"},
      {"float4", -1, "x", "22P02 invalid input syntax for type real: \"x\""},
      {"bool", -1, "o", "22P02 invalid input syntax for type boolean: \"o\""},
      {"varchar", 6, "abc", "22001 value too long for type character varying(2)"},
      {"uuid", -1, "a0", "22P02 invalid input syntax for type uuid: \"a0\""},
      {"bytea", -1, "\\xzz", "22023 invalid hexadecimal digit: \"z\""},
      {"_int4", -1, "1,2",
       "22P02 malformed array literal: \"1,2\" / Array value must start with \"{\" or dimension "
       "information."},
      {"vector", -1, "1,2",
       "22P02 invalid input syntax for type vector: \"1,2\" / Vector contents must start with "
       "\"[\"."},
      {"vector", -1, "[]", "22000 vector must have at least 1 dimension"},
      {"vector", -1, "[1,,2]", "22P02 invalid input syntax for type vector: \"[1,,2]\""},
      {"vector", -1, "[1,2]x",
       "22P02 invalid input syntax for type vector: \"[1,2]x\" / Junk after closing right brace."},
      {"vector", -1, "[nan]", "22000 NaN not allowed in vector"},
      {"vector", -1, "[-inf]", "22000 infinite value not allowed in vector"},
      {"vector", -1, "[-1e400]", "22003 \"-1e400\" is out of range for type vector"},
      {"vector", 2, "[1,2,3]", "22000 expected 2 dimensions, not 3"},
  };
  for (const Form& form : forms) {
    INFO(form.type << " " << form.text);
    CHECK(failure(type_named(form.type, form.modifier), form.text) == form.printed);
  }
}

TEST_CASE("binary forms come back as they were sent") {
  const EvalContext context;
  const std::pair<const char*, const char*> forms[] = {
      {"bool", "t"},         {"int2", "-5"},
      {"int4", "70000"},     {"int8", "-1"},
      {"float4", "1.5"},     {"float8", "-2.25"},
      {"text", "höhe"},      {"bytea", "\\x00ff"},
      {"vector", "[1,2,3]"}, {"_text", "{a,NULL}"},
      {"oid", "4294967295"}, {"_float4", "{{1},{2}}"},
      {"char", "r"},         {"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {"int2vector", "1 2"},
  };
  for (const auto& [name, text] : forms) {
    INFO(name);
    const Type type = type_named(name);
    engine::ColumnVector column;
    column.reset(type_info(type.oid).physical, 1);
    column.set_value(0, text_to_value(type, text, context));
    std::string bytes;
    append_binary(type.oid, column, 0, context, bytes);
    CHECK(value_to_text(type.oid, binary_to_value(type, bytes, context), context) == text);
  }
}

TEST_CASE("a type prints with its modifier") {
  CHECK(format_type({type_oid::kVarchar, 84}) == "character varying(80)");
  CHECK(format_type({type_oid::kVector, 3}) == "vector(3)");
  CHECK(format_type({type_oid::kVectorArray, 2}) == "vector(2)[]");
  CHECK(format_type({1007, -1}) == "integer[]");
  const std::vector<std::string> arguments = {"3"};
  CHECK(type_modifier(type_oid::kVector, arguments) == 3);
  CHECK(type_modifier(type_oid::kBpchar, arguments) == 7);
}

}  // namespace omen::sql
