#include "sql/functions/eval_context.h"

#include "sql/error/sql_error.h"
#include "sql/functions/adapter.h"

namespace omen::sql {

void EvalContext::check_cancel() const {
  if (cancel != nullptr) {
    throw_if_error(cancel->check());
  }
}

void adapter::ResultWatch::check() {
  size_bytes_ = 0;
  context_.check_cancel();
}

}  // namespace omen::sql
