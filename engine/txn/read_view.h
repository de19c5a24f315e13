#pragma once

#include <algorithm>
#include <vector>

#include "engine/txn/commit_table.h"

namespace omen::engine {

/// What one statement sees: commits up to its timestamp, and what its own transaction wrote before
/// it began. Own writes of the statement itself bear xids from `own_limit` on (R1), so that a
/// statement never meets its own effects (no Halloween problem), whatever iterators it opens.
class ReadView {
 public:
  ReadView(const CommitTable& commits, const std::vector<Xid>& own_xids, Timestamp timestamp,
           Xid own_limit)
      : commits_(&commits), own_xids_(&own_xids), timestamp_(timestamp), own_limit_(own_limit) {}

  [[nodiscard]] bool sees(Xid xid) const {
    if (xid == last_seen_) {
      return true;
    }
    const Timestamp state = commits_->get(xid);
    if (state > kAborted) {
      if (state <= timestamp_) {
        last_seen_ = xid;
        return true;
      }
      return false;
    }
    return state == kInProgress && xid < own_limit_ && is_own(xid);
  }
  /// Includes what was rolled back to a savepoint.
  [[nodiscard]] bool is_own(Xid xid) const {
    return std::binary_search(own_xids_->begin(), own_xids_->end(), xid);
  }
  [[nodiscard]] Timestamp timestamp() const { return timestamp_; }
  /// The first xid that may be a write of this statement.
  [[nodiscard]] Xid own_limit() const { return own_limit_; }
  [[nodiscard]] Timestamp state(Xid xid) const { return commits_->get(xid); }

 private:
  const CommitTable* commits_;
  const std::vector<Xid>* own_xids_;  ///< of the transaction, ascending
  Timestamp timestamp_;
  Xid own_limit_;
  mutable Xid last_seen_ = 0;  ///< a committed xid below the timestamp: stays visible
};

}  // namespace omen::engine
