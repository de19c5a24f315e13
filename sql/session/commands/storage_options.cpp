#include <fmt/format.h>

#include <cstdlib>

#include "sql/error/sql_error.h"
#include "sql/session/commands/table_definition.h"

namespace omen::sql {
namespace {

struct Parameter {
  std::string_view name;
  double min;
  double max;
  bool is_integer;
};

/// What PostgreSQL's tables take. OmenDB keeps them for pg_class.reloptions; storage is its own.
constexpr Parameter kTableParameters[] = {
    {"fillfactor", 10, 100, true},
    {"toast_tuple_target", 128, 8160, true},
    {"parallel_workers", 0, 1024, true},
    {"autovacuum_vacuum_threshold", 0, 2147483647, true},
    {"autovacuum_vacuum_scale_factor", 0, 100, false},
    {"autovacuum_analyze_threshold", 0, 2147483647, true},
    {"autovacuum_analyze_scale_factor", 0, 100, false},
};
constexpr Parameter kIndexParameters[] = {{"fillfactor", 10, 100, true}};
constexpr std::string_view kTableSwitches[] = {"autovacuum_enabled", "user_catalog_table",
                                               "vacuum_truncate"};
constexpr std::string_view kIndexSwitches[] = {"deduplicate_items"};

void check_number(const Parameter& parameter, const std::string& value) {
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  if (end == value.c_str() || *end != '\0') {
    throw SqlError(
        sqlstate::kInvalidParameterValue,
        fmt::format("invalid value for {} option \"{}\": {}",
                    parameter.is_integer ? "integer" : "floating point", parameter.name, value));
  }
  if (number < parameter.min || number > parameter.max) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("value {} out of bounds for option \"{}\"", value, parameter.name))
        .detail(parameter.is_integer
                    ? fmt::format("Valid values are between \"{:.0f}\" and \"{:.0f}\".",
                                  parameter.min, parameter.max)
                    : fmt::format("Valid values are between \"{:f}\" and \"{:f}\".", parameter.min,
                                  parameter.max));
  }
}

}  // namespace

engine::Options storage_options(const std::vector<ast::Option>& options, bool is_index) {
  engine::Options result;
  for (const ast::Option& option : options) {
    const std::string value = option.value.value_or("true");
    bool is_known = false;
    for (const Parameter& parameter :
         is_index ? std::span<const Parameter>(kIndexParameters) : kTableParameters) {
      if (parameter.name == option.name) {
        check_number(parameter, value);
        is_known = true;
      }
    }
    for (const std::string_view name :
         is_index ? std::span<const std::string_view>(kIndexSwitches) : kTableSwitches) {
      is_known = is_known || name == option.name;
    }
    if (!is_known) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("unrecognized parameter \"{}\"", option.name));
    }
    for (const auto& [name, earlier] : result) {
      if (name == option.name) {
        throw SqlError(sqlstate::kInvalidParameterValue,
                       fmt::format("parameter \"{}\" specified more than once", option.name));
      }
    }
    result.emplace_back(option.name, value);
  }
  return result;
}

}  // namespace omen::sql
