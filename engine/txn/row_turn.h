#pragma once

#include "engine/txn/engine_core.h"

namespace omen::engine {

/// A place in the queue of those who wait for a row: taken before the first wait and kept until the
/// row is had, so that rows are had in the order of asking. It outlasts the answer that the row has
/// changed, after which its owner comes back. Who finds a row free takes it without queueing.
class RowTurn {
 public:
  RowTurn(EngineCore& core, TransactionStatePtr owner, LockTag row)
      : core_(core), owner_(std::move(owner)), row_(std::move(row)) {}
  ~RowTurn() { core_.locks.release(owner_, held_, 0); }
  RowTurn(const RowTurn&) = delete;

  [[nodiscard]] bool is_for(const LockTag& row) const { return row == row_; }
  /// Waits for all who asked before in a strength that conflicts.
  Status take(RowLockStrength strength, const WaitLimit& limit) {
    return core_.locks.lock(owner_, held_, row_, mode_of(strength), limit);
  }

 private:
  static TableLock mode_of(RowLockStrength strength) {
    switch (strength) {
      case RowLockStrength::KeyShare:
        return TableLock::AccessShare;
      case RowLockStrength::Share:
        return TableLock::RowShare;
      case RowLockStrength::NoKeyUpdate:
        return TableLock::Exclusive;
      case RowLockStrength::Update:
        break;
    }
    return TableLock::AccessExclusive;
  }

  EngineCore& core_;
  TransactionStatePtr owner_;
  LockTag row_;
  HeldLocks held_;
};

}  // namespace omen::engine
