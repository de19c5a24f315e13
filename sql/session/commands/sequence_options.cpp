#include "sql/session/commands/sequence_options.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

struct Bounds {
  std::int64_t min;
  std::int64_t max;
};

Bounds bounds_of(Oid type) {
  switch (type) {
    case type_oid::kInt2:
      return {std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
    case type_oid::kInt4:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case type_oid::kInt8:
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    default:
      break;
  }
  throw SqlError(sqlstate::kInvalidParameterValue,
                 "sequence type must be smallint, integer, or bigint");
}

SqlError invalid(std::string message) {
  return {sqlstate::kInvalidParameterValue, std::move(message)};
}

std::int64_t number(const ast::Option& option) {
  const std::string text = option.value.value_or("");
  std::int64_t result = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw invalid(fmt::format("invalid sequence option value: \"{}\"", text)).at(option.location);
  }
  return result;
}

bool is_true(const ast::Option& option) {
  return !option.value || *option.value == "true" || *option.value == "1" || *option.value == "on";
}

ast::QualifiedName name_of(const ast::Option& option) {
  if (!option.list.empty()) {
    return option.list;
  }
  ast::QualifiedName name;
  std::string rest = option.value.value_or("");
  for (std::size_t dot = rest.find('.'); dot != std::string::npos; dot = rest.find('.')) {
    name.push_back(rest.substr(0, dot));
    rest = rest.substr(dot + 1);
  }
  name.push_back(rest);
  return name;
}

void check(const engine::Sequence& sequence) {
  const Bounds bounds = bounds_of(sequence.type_oid);
  if (sequence.increment == 0) {
    throw invalid("INCREMENT must not be zero");
  }
  if (sequence.max > bounds.max || sequence.max < bounds.min) {
    throw invalid(fmt::format("MAXVALUE ({}) is out of range for sequence data type {}",
                              sequence.max, format_type({sequence.type_oid, -1})));
  }
  if (sequence.min > bounds.max || sequence.min < bounds.min) {
    throw invalid(fmt::format("MINVALUE ({}) is out of range for sequence data type {}",
                              sequence.min, format_type({sequence.type_oid, -1})));
  }
  if (sequence.min >= sequence.max) {
    throw invalid(
        fmt::format("MINVALUE ({}) must be less than MAXVALUE ({})", sequence.min, sequence.max));
  }
  if (sequence.start < sequence.min) {
    throw invalid(fmt::format("START value ({}) cannot be less than MINVALUE ({})", sequence.start,
                              sequence.min));
  }
  if (sequence.start > sequence.max) {
    throw invalid(fmt::format("START value ({}) cannot be greater than MAXVALUE ({})",
                              sequence.start, sequence.max));
  }
  if (sequence.cache <= 0) {
    throw invalid(fmt::format("CACHE ({}) must be greater than zero", sequence.cache));
  }
}

/// The values options leave open: they depend on the type and the sign of the increment.
struct Given {
  bool min = false;
  bool max = false;
  bool start = false;
};

void fill_defaults(engine::Sequence& sequence, const Given& given, const SequenceContext& context,
                   Oid old_type) {
  const Bounds bounds = bounds_of(sequence.type_oid);
  const Bounds old_bounds = bounds_of(old_type);
  const bool ascends = sequence.increment > 0;
  const bool type_changed = !context.is_new && old_type != sequence.type_oid;
  if (!given.max && (context.is_new || (type_changed && sequence.max == old_bounds.max))) {
    sequence.max = ascends ? bounds.max : -1;
  }
  if (!given.min && (context.is_new || (type_changed && sequence.min == old_bounds.min))) {
    sequence.min = ascends ? 1 : bounds.min;
  }
  if (!given.start && context.is_new) {
    sequence.start = ascends ? sequence.min : sequence.max;
  }
}

}  // namespace

SequenceRequest apply_sequence_options(engine::Sequence& sequence,
                                       const std::vector<ast::Option>& options,
                                       const SequenceContext& context) {
  SequenceRequest request;
  Given given;
  const Oid old_type = sequence.type_oid;
  if (context.type) {
    sequence.type_oid = *context.type;
  }
  std::vector<std::string_view> seen;
  bool min_is_default = false;
  bool max_is_default = false;
  for (const ast::Option& option : options) {
    for (const std::string_view earlier : seen) {
      if (earlier == option.name) {
        throw SqlError(sqlstate::kSyntaxError, "conflicting or redundant options")
            .at(option.location);
      }
    }
    seen.push_back(option.name);
    if (option.name == "as_type" || option.name == "as") {
      continue;  // resolved by the caller
    }
    if (option.name == "increment") {
      sequence.increment = number(option);
    } else if (option.name == "start") {
      sequence.start = number(option);
      given.start = true;
    } else if (option.name == "minvalue") {
      given.min = option.value.has_value();
      min_is_default = !given.min;
      sequence.min = given.min ? number(option) : sequence.min;
    } else if (option.name == "maxvalue") {
      given.max = option.value.has_value();
      max_is_default = !given.max;
      sequence.max = given.max ? number(option) : sequence.max;
    } else if (option.name == "cache") {
      sequence.cache = number(option);
    } else if (option.name == "cycle") {
      sequence.cycle = is_true(option);
    } else if (option.name == "restart") {
      request.restart_from_start = !option.value.has_value();
      if (option.value) {
        request.restart = number(option);
      }
    } else if (option.name == "owned_by") {
      request.owned_by = name_of(option);
    } else if (option.name == "sequence_name") {
      request.name = name_of(option);
    } else {
      unsupported(fmt::format("sequence option \"{}\"", option.name), option.location);
    }
  }
  fill_defaults(sequence, given, context, old_type);
  const Bounds bounds = bounds_of(sequence.type_oid);
  if (!context.is_new && min_is_default) {
    sequence.min = sequence.increment > 0 ? 1 : bounds.min;
  }
  if (!context.is_new && max_is_default) {
    sequence.max = sequence.increment > 0 ? bounds.max : -1;
  }
  check(sequence);
  const std::optional<std::int64_t> restart = request.restart_value(sequence);
  if (restart && (*restart < sequence.min || *restart > sequence.max)) {
    throw invalid(*restart < sequence.min
                      ? fmt::format("RESTART value ({}) cannot be less than MINVALUE ({})",
                                    *restart, sequence.min)
                      : fmt::format("RESTART value ({}) cannot be greater than MAXVALUE ({})",
                                    *restart, sequence.max));
  }
  return request;
}

}  // namespace omen::sql
