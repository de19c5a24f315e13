#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/function.h"
#include "sql/types/type_io.h"
#include "sql/types/type_name.h"

namespace omen::sql {

/// One call as recorded from PostgreSQL: `name(type, type)`, arguments as text ("NULL" is NULL),
/// and the result's text or "SQLSTATE message".
struct RecordedCall {
  const char* signature;
  std::vector<const char*> arguments;
  const char* result;
};

/// The function of a signature, the extension's ones included.
inline const FunctionDef* find_signature(std::string_view signature) {
  const std::size_t open = signature.find('(');
  std::vector<Oid> types;
  std::string_view list = signature.substr(open + 1, signature.size() - open - 2);
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const TypeSpelling spelling = parse_type_spelling(list.substr(0, comma));
    const TypeInfo* type = find_type(spelling.name);
    if (type == nullptr) {
      return nullptr;
    }
    types.push_back(spelling.is_array ? type->array_oid : type->oid);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  for (const FunctionDef& function : functions_named(signature.substr(0, open))) {
    if (function.argument_types == types) {
      return &function;
    }
  }
  return nullptr;
}

inline std::string evaluate(const RecordedCall& recorded, EvalContext& context) {
  const FunctionDef* function = find_signature(recorded.signature);
  if (function == nullptr) {
    return "no such function";
  }
  std::vector<std::unique_ptr<engine::ColumnVector>> columns;
  std::vector<const engine::ColumnVector*> arguments;
  std::vector<Type> types;
  try {
    for (std::size_t i = 0; i < recorded.arguments.size(); ++i) {
      const std::string_view text = recorded.arguments[i];
      const Type type{function->argument_types[i], -1};
      auto column = std::make_unique<engine::ColumnVector>();
      column->reset(type_info(type.oid).physical, 1);
      if (text == "NULL") {
        column->set_null(0);
      } else {
        column->set_value(0, text_to_value(type, text, context));
      }
      arguments.push_back(column.get());
      columns.push_back(std::move(column));
      types.push_back(type);
    }
    engine::ColumnVector out;
    out.reset(type_info(function->result_type).physical, 1);
    function->body({context, arguments, 1, {function->result_type, -1}, types}, out);
    if (out.is_null(0)) {
      return "NULL";
    }
    std::string text;
    append_text(function->result_type, out, 0, context, text);
    return text;
  } catch (const SqlError& error) {
    return std::string(error.diagnostic().sqlstate) + " " + error.diagnostic().message;
  }
}

}  // namespace omen::sql
