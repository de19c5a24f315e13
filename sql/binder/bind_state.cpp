#include "sql/binder/bind_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

constexpr int kParameterNumberMax = 65535;
constexpr SqlState kAmbiguousParameter = "42P08";

}  // namespace

BindState::BindState(BindContext& context) : context_(context) {
  const engine::Extension* extension = context.catalog.find_extension("vector");
  if (extension == nullptr) {
    return;
  }
  vector_schema_ = extension->schema_oid;
  for (const std::string& name : context.search_path) {
    const engine::Schema* schema = context.catalog.find_schema(name);
    vector_visible_ = vector_visible_ || (schema != nullptr && schema->oid == vector_schema_);
  }
}

bool BindState::object_visible(bool of_extension, std::string_view schema) const {
  if (!of_extension) {
    return schema.empty() || schema == "pg_catalog";
  }
  if (!vector_exists()) {
    return false;
  }
  if (schema.empty()) {
    return vector_visible_;
  }
  const engine::Schema* found = context_.catalog.find_schema(schema);
  return found != nullptr && found->oid == vector_schema_;
}

ParameterExpression* BindState::parameter(int number, int location) {
  if (number <= 0 || number > kParameterNumberMax) {
    throw SqlError(sqlstate::kUndefinedParameter, fmt::format("there is no parameter ${}", number))
        .at(location);
  }
  std::vector<Oid>& types = context_.parameter_types;
  const auto index = static_cast<std::size_t>(number - 1);
  if (index >= types.size()) {
    types.resize(index + 1, 0);
  }
  const bool known = types[index] != 0 && types[index] != type_oid::kUnknown;
  auto* out = make<ParameterExpression>(Type{known ? types[index] : type_oid::kUnknown, -1});
  out->number = number;
  out->location = location;
  if (!known) {
    unknown_parameters_.push_back(out);
  }
  return out;
}

void BindState::deduce(ParameterExpression& parameter, Oid type) {
  Oid& slot = context_.parameter_types[static_cast<std::size_t>(parameter.number - 1)];
  if (slot == 0 || slot == type_oid::kUnknown) {
    slot = type;
  } else if (slot != type) {
    throw SqlError(kAmbiguousParameter,
                   fmt::format("inconsistent types deduced for parameter ${}", parameter.number))
        .detail(fmt::format("{} versus {}", format_type({slot, -1}), format_type({type, -1})))
        .at(parameter.location);
  }
  parameter.type = {type, -1};
}

void BindState::check_parameters() const {
  for (const ParameterExpression* parameter : unknown_parameters_) {
    const Oid deduced = context_.parameter_types[static_cast<std::size_t>(parameter->number - 1)];
    if (is_unknown(*parameter) && deduced != 0 && deduced != type_oid::kUnknown) {
      // another use of the parameter got a type after this one had gone without
      throw SqlError(
          sqlstate::kIndeterminateDatatype,
          fmt::format("could not determine data type of parameter ${}", parameter->number))
          .at(parameter->location);
    }
  }
  const std::vector<Oid>& types = context_.parameter_types;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i] == 0 || types[i] == type_oid::kUnknown) {
      throw SqlError(sqlstate::kIndeterminateDatatype,
                     fmt::format("could not determine data type of parameter ${}", i + 1));
    }
  }
}

ConstantExpression* null_constant(BindState& state, Type type, int location) {
  auto* out = state.make<ConstantExpression>(type);
  out->location = location;
  return out;
}

ConstantExpression* integer_constant(BindState& state, std::int32_t value) {
  auto* out = state.make<ConstantExpression>(Type{type_oid::kInt4, -1});
  out->value = value;
  return out;
}

ConstantExpression* boolean_constant(BindState& state, bool value) {
  auto* out = state.make<ConstantExpression>(Type{type_oid::kBool, -1});
  out->value = value;
  return out;
}

}  // namespace omen::sql
