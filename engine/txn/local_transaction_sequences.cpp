#include "engine/txn/local_transaction.h"

namespace omen::engine {

Result<std::int64_t> LocalTransaction::sequence_next(const Sequence& sequence) {
  OMEN_TRY(check_writable());
  return core_.sequences.next(sequence);
}

Status LocalTransaction::sequence_set(const Sequence& sequence, std::int64_t value,
                                      bool is_called) {
  OMEN_TRY(check_writable());
  return core_.sequences.set(sequence, value, is_called);
}

Result<std::pair<std::int64_t, bool>> LocalTransaction::sequence_state(const Sequence& sequence) {
  return core_.sequences.state(sequence);
}

}  // namespace omen::engine
