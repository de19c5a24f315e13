#pragma once

#include <utility>
#include <variant>

#include "engine/base/assert.h"
#include "engine/base/status.h"

namespace omen::engine {

/// A value, or the Status that says why there is none. Never holds an Ok status.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::move(value)) {}  // NOLINT(google-explicit-constructor): `return value;`
  Result(Status status) : state_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    OMEN_ASSERT(!std::get<Status>(state_).ok(), "a Result without a value needs an error");
  }

  [[nodiscard]] bool ok() const { return std::holds_alternative<T>(state_); }
  [[nodiscard]] Status status() const { return ok() ? Status() : std::get<Status>(state_); }
  /// The value. Asserts ok().
  [[nodiscard]] T& value() & {
    OMEN_ASSERT(ok(), "value() of a failed Result");
    return std::get<T>(state_);
  }
  [[nodiscard]] const T& value() const& {
    OMEN_ASSERT(ok(), "value() of a failed Result");
    return std::get<T>(state_);
  }
  [[nodiscard]] T&& value() && {
    OMEN_ASSERT(ok(), "value() of a failed Result");
    return std::get<T>(std::move(state_));
  }

 private:
  std::variant<T, Status> state_;
};

}  // namespace omen::engine

/// `OMEN_ASSIGN(auto x, f());` declares or assigns x from a Result, or returns its Status.
#define OMEN_ASSIGN(target, expression) \
  OMEN_ASSIGN_INNER(target, expression, OMEN_CONCAT(omen_result_, __LINE__))
#define OMEN_ASSIGN_INNER(target, expression, temporary) \
  auto temporary = (expression);                         \
  if (!temporary.ok()) {                                 \
    return temporary.status();                           \
  }                                                      \
  target = std::move(temporary).value()
