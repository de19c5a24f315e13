#include <algorithm>

#include "engine/index/index_keys.h"
#include "engine/txn/local_statement.h"
#include "engine/txn/row_write.h"

// What a writer or locker of a row does about the row's newer versions.
namespace omen::engine {

Result<LocalStatement::Decision> LocalStatement::decide(const TableAccess& access,
                                                        const RowName& row, Xid seen_xid,
                                                        const RowWrite& write) {
  OMEN_TRY(newest_.refresh());
  if (write.kind == RowWrite::Kind::Lock && write.lock.strength == RowLockStrength::KeyShare) {
    return decide_key_share(access, row, seen_xid, write);
  }
  return decide_newest(row, seen_xid, write);
}

Result<LocalStatement::Decision> LocalStatement::decide_newest(const RowName& row, Xid seen_xid,
                                                               const RowWrite& write) {
  Decision decision;
  newest_.first(row.storage_id, row.row_id);
  Timestamp state = kAborted;
  for (; newest_.valid(); newest_.next()) {
    const Xid xid = newest_.version().xid;
    decision.topmost_xid = std::max(decision.topmost_xid, xid);
    state = core_.commits.get(xid);
    if (state != kAborted) {
      break;
    }
  }
  OMEN_TRY(newest_.status());
  decision.kind = Decision::Kind::Answer;
  if (state == kAborted) {
    decision.answer.result = WriteResult::Deleted;
    return decision;
  }
  const Version newest = newest_.version();
  const bool deleted = is_tombstone(newest.bytes);
  if (state == kInProgress && view_.is_own(newest.xid)) {
    if (newest.xid >= view_.own_limit()) {
      decision.answer.result = WriteResult::ModifiedByStatement;
      return decision;
    }
  } else if (state == kInProgress) {
    return wait_for_writer(newest.xid);
  } else if (state > view_.timestamp() && keeps_snapshot(transaction_.options().isolation)) {
    return Status(StatusCode::SerializationFailure,
                  deleted && write.kind != RowWrite::Kind::Lock
                      ? "could not serialize access due to concurrent delete"
                      : "could not serialize access due to concurrent update");
  }
  if (deleted) {
    decision.answer.result = WriteResult::Deleted;
  } else if (newest.xid != seen_xid) {
    decision.answer.result = WriteResult::Changed;
    decision.answer.newest_xid = newest.xid;
  } else {
    decision.kind = Decision::Kind::Proceed;
    decision.version = newest.bytes;
    decision.version_xid = newest.xid;
  }
  return decision;
}

// Versions above the one seen stand in the way if they changed the key or removed the row. Their
// keys are compared with the seen one's from old to new, so that the first change decides.
Result<LocalStatement::Decision> LocalStatement::decide_key_share(const TableAccess& access,
                                                                  const RowName& row, Xid seen_xid,
                                                                  const RowWrite& write) {
  struct Newer {
    Xid xid;
    bool is_foreign_in_progress;
    std::string bytes;
  };
  std::vector<Newer> newer;
  newest_.first(row.storage_id, row.row_id);
  for (; newest_.valid() && newest_.version().xid != seen_xid; newest_.next()) {
    const Version version = newest_.version();
    const Timestamp state = core_.commits.get(version.xid);
    if (state != kAborted) {
      newer.push_back({version.xid, state == kInProgress && !view_.is_own(version.xid),
                       std::string(version.bytes)});
    }
  }
  OMEN_TRY(newest_.status());
  if (newer.empty() || !newest_.valid() ||
      (view_.is_own(newer.front().xid) && newer.front().xid >= view_.own_limit())) {
    return decide_newest(row, seen_xid, write);
  }
  OMEN_ASSIGN(const std::string seen_keys,
              unique_keys(access, row.row_id, newest_.version().bytes));
  for (auto version = newer.rbegin(); version != newer.rend(); ++version) {
    // Who had to wait takes the newest version, as every other lock does.
    const bool must_move = write.has_waited && !version->is_foreign_in_progress;
    if (!must_move && !is_tombstone(version->bytes)) {
      OMEN_ASSIGN(const std::string keys, unique_keys(access, row.row_id, version->bytes));
      if (keys == seen_keys) {
        continue;
      }
    }
    if (version->is_foreign_in_progress) {
      return wait_for_writer(version->xid);
    }
    if (keeps_snapshot(transaction_.options().isolation)) {
      return Status(StatusCode::SerializationFailure,
                    "could not serialize access due to concurrent update");
    }
    const auto newest = std::find_if(newer.begin(), newer.end(), [](const Newer& candidate) {
      return !candidate.is_foreign_in_progress;
    });
    Decision decision;
    decision.kind = Decision::Kind::Answer;
    decision.answer.result =
        is_tombstone(newest->bytes) ? WriteResult::Deleted : WriteResult::Changed;
    decision.answer.newest_xid = newest->xid;
    return decision;
  }
  return Decision();
}

Result<std::string> LocalStatement::unique_keys(const TableAccess& access, RowId row_id,
                                                std::string_view version) {
  OMEN_ASSIGN(const RowView view, RowView::parse(access.layout, version));
  std::string keys;
  for (const BtreeAccess& btree : access.btrees) {
    if (btree.index->unique) {
      OMEN_ASSIGN(const bool has_null,
                  append_index_key(keys, *core_.store, btree, access, row_id, view));
      static_cast<void>(has_null);
    }
  }
  return keys;
}

// The newest version's xid in progress is the row's lock.
LocalStatement::Decision LocalStatement::wait_for_writer(Xid xid) {
  const std::optional<Blocker> owner = core_.active.find(xid);
  if (owner.has_value() && core_.commits.get(xid) == kInProgress) {
    blockers_.push_back(*owner);
  }
  Decision decision;
  decision.kind = Decision::Kind::Wait;
  return decision;
}

}  // namespace omen::engine
