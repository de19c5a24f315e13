#include "engine/txn/lock_table.h"

#include <algorithm>
#include <optional>

namespace omen::engine {
namespace {

constexpr std::uint8_t modes(std::initializer_list<TableLock> list) {
  std::uint8_t mask = 0;
  for (const TableLock mode : list) {
    mask = static_cast<std::uint8_t>(mask | (1U << static_cast<unsigned>(mode)));
  }
  return mask;
}

/// PostgreSQL's table 13.2: the modes each mode conflicts with.
constexpr std::array<std::uint8_t, 8> conflict_table() {
  using enum TableLock;
  return {
      modes({AccessExclusive}),
      modes({Exclusive, AccessExclusive}),
      modes({Share, ShareRowExclusive, Exclusive, AccessExclusive}),
      modes({ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive}),
      modes({RowExclusive, ShareUpdateExclusive, ShareRowExclusive, Exclusive, AccessExclusive}),
      modes({RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive,
             AccessExclusive}),
      modes({RowShare, RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive,
             AccessExclusive}),
      modes({AccessShare, RowShare, RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive,
             Exclusive, AccessExclusive}),
  };
}
constexpr std::array<std::uint8_t, 8> kConflicts = conflict_table();

bool conflict(TableLock a, TableLock b) {
  return (kConflicts[static_cast<std::size_t>(a)] >> static_cast<unsigned>(b) & 1U) != 0;
}

/// What views call it; nullopt: not shown.
std::optional<LockInfo::Kind> shown_kind(LockTag::Kind kind) {
  switch (kind) {
    case LockTag::Kind::Table:
      return LockInfo::Kind::Table;
    case LockTag::Kind::Advisory:
      return LockInfo::Kind::Advisory;
    case LockTag::Kind::AdvisoryPair:
      return LockInfo::Kind::AdvisoryPair;
    case LockTag::Kind::Row:
      return LockInfo::Kind::Row;
    case LockTag::Kind::Object:
    case LockTag::Kind::Name:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::size_t LockTagHash::operator()(const LockTag& tag) const {
  return std::hash<std::string_view>()(tag.name) ^
         ((tag.oid ^ tag.row_id << 20) * 0x9e3779b97f4a7c15ULL +
          static_cast<std::size_t>(tag.kind));
}

bool HeldLocks::holds(const LockTag& tag, TableLock mode) const {
  return std::any_of(locks_.begin(), locks_.end(),
                     [&](const Held& held) { return held.mode == mode && held.tag == tag; });
}

std::vector<Blocker> LockTable::blockers_of(const Queue& queue, const Request& request) const {
  const bool upgrade = std::any_of(queue.begin(), queue.end(), [&](const Request& other) {
    return other.granted && other.owner->is_same_session(*request.owner);
  });
  std::vector<Blocker> blockers;
  bool earlier = true;
  for (const Request& other : queue) {
    if (&other == &request) {
      earlier = false;
      continue;
    }
    const bool counts = other.granted || (earlier && !upgrade);
    if (counts && !other.owner->is_same_session(*request.owner) &&
        conflict(other.mode, request.mode)) {
      blockers.push_back({other.owner, other.owner->generation()});
    }
  }
  return blockers;
}

LockTable::Queue::iterator LockTable::enter(const TransactionStatePtr& owner, const LockTag& tag,
                                            TableLock mode) {
  Queue& queue = queues_[tag];
  queue.push_back({owner, mode, false});
  const auto request = std::prev(queue.end());
  request->granted = blockers_of(queue, *request).empty();
  return request;
}

void LockTable::leave(const LockTag& tag, Queue::iterator request) {
  const auto queue = queues_.find(tag);
  queue->second.erase(request);
  if (queue->second.empty()) {
    queues_.erase(queue);
  }
}

void LockTable::drop_granted(const TransactionStatePtr& owner, const LockTag& tag, TableLock mode) {
  Queue& queue = queues_.find(tag)->second;
  leave(tag, std::find_if(queue.begin(), queue.end(), [&](const Request& candidate) {
          return candidate.granted && candidate.owner == owner && candidate.mode == mode;
        }));
}

bool LockTable::try_lock(const TransactionStatePtr& owner, HeldLocks& held, LockTag tag,
                         TableLock mode) {
  if (held.holds(tag, mode)) {
    return true;
  }
  const MutexLock lock(mutex_);
  const auto request = enter(owner, tag, mode);
  if (!request->granted) {
    leave(tag, request);
    return false;
  }
  held.locks_.push_back({std::move(tag), mode});
  return true;
}

void LockTable::release_one(const TransactionStatePtr& owner, HeldLocks& held, const LockTag& tag,
                            TableLock mode) {
  {
    const MutexLock lock(mutex_);
    drop_granted(owner, tag, mode);
  }
  std::erase_if(held.locks_,
                [&](const HeldLocks::Held& lock) { return lock.mode == mode && lock.tag == tag; });
  waits_.notify(*owner);
}

Status LockTable::lock(const TransactionStatePtr& owner, HeldLocks& held, LockTag tag,
                       TableLock mode, const WaitLimit& limit) {
  if (held.holds(tag, mode)) {
    return {};
  }
  Queue::iterator request;
  {
    const MutexLock lock(mutex_);
    request = enter(owner, tag, mode);
    if (request->granted) {
      held.locks_.push_back({std::move(tag), mode});
      return {};
    }
  }
  const Status status = wait(owner, tag, request, limit);
  if (status.ok()) {
    held.locks_.push_back({std::move(tag), mode});
  }
  return status;
}

Status LockTable::wait(const TransactionStatePtr& owner, const LockTag& tag,
                       Queue::iterator request, const WaitLimit& limit) {
  WaitLimit queued = limit;
  queued.is_in_queue = true;
  while (true) {
    std::vector<Blocker> blockers;
    {
      const MutexLock lock(mutex_);
      blockers = blockers_of(queues_[tag], *request);
      if (blockers.empty()) {
        request->granted = true;
        return {};
      }
    }
    const Status status = waits_.wait(*owner, blockers, queued);
    if (!status.ok()) {
      {
        const MutexLock lock(mutex_);
        leave(tag, request);
      }
      waits_.notify(*owner);  // later requests waited for this one
      return status;
    }
  }
}

void LockTable::release(const TransactionStatePtr& owner, HeldLocks& held, std::size_t keep_count) {
  if (held.locks_.size() <= keep_count) {
    return;
  }
  {
    const MutexLock lock(mutex_);
    while (held.locks_.size() > keep_count) {
      const HeldLocks::Held& last = held.locks_.back();
      drop_granted(owner, last.tag, last.mode);
      held.locks_.pop_back();
    }
  }
  waits_.notify(*owner);
}

std::vector<LockInfo> LockTable::locks() {
  const MutexLock lock(mutex_);
  std::vector<LockInfo> result;
  for (const auto& [tag, queue] : queues_) {
    const std::optional<LockInfo::Kind> kind = shown_kind(tag.kind);
    if (!kind.has_value()) {
      continue;
    }
    for (const Request& request : queue) {
      result.push_back(
          {*kind, tag.oid, request.mode, request.owner->process_id(), request.granted});
    }
  }
  return result;
}

}  // namespace omen::engine
