#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "sql/binder/binder.h"
#include "sql/types/type_io.h"

namespace omen::sql {

/// What all parts of binding one statement share.
class BindState {
 public:
  explicit BindState(BindContext& context);

  template <typename T, typename... Args>
  T* make(Args&&... arguments) {
    return context_.arena.make<T>(std::forward<Args>(arguments)...);
  }
  [[nodiscard]] BindContext& context() { return context_; }
  [[nodiscard]] const engine::Catalog& catalog() const { return context_.catalog; }

  /// Whether CREATE EXTENSION vector was run, and whether its names need no schema.
  [[nodiscard]] bool vector_exists() const { return vector_schema_ != 0; }
  [[nodiscard]] bool vector_visible() const { return vector_visible_; }
  /// Whether a built-in or extension object answers to the schema written before its name
  /// (`schema` empty: none was written).
  [[nodiscard]] bool object_visible(bool of_extension, std::string_view schema) const;

  /// $n: of its declared or deduced type, or unknown for now.
  ParameterExpression* parameter(int number, int location);
  /// Gives an unknown parameter the type its place wants. 42P08 if it has another one already.
  void deduce(ParameterExpression& parameter, Oid type);
  /// 42P18 for every parameter that stayed without a type.
  void check_parameters() const;

 private:
  BindContext& context_;
  Oid vector_schema_ = 0;
  bool vector_visible_ = false;
  std::vector<ParameterExpression*> unknown_parameters_;
};

inline bool is_unknown(const Expression& expression) {
  return expression.type.oid == type_oid::kUnknown;
}
ConstantExpression* null_constant(BindState& state, Type type, int location);
ConstantExpression* integer_constant(BindState& state, std::int32_t value);
ConstantExpression* boolean_constant(BindState& state, bool value);

}  // namespace omen::sql
