#include "sql/functions/eval_context.h"

#include "sql/error/sql_error.h"

namespace omen::sql {

void EvalContext::check_cancel() const {
  if (cancel != nullptr) {
    throw_if_error(cancel->check());
  }
}

}  // namespace omen::sql
