#include "engine/txn/commit_table.h"

#include "engine/base/assert.h"

namespace omen::engine {

CommitTable::CommitTable() : directory_(std::make_unique<std::atomic<Page*>[]>(kPagesMax)) {}

Timestamp CommitTable::get(Xid xid) const {
  if (xid < horizon_.load(std::memory_order_acquire)) {
    return kOldTimestamp;
  }
  const Page* page = entry(xid).load(std::memory_order_acquire);
  const Xid first = xid - xid % kPageXids;
  if (page == nullptr) {
    return kOldTimestamp;
  }
  const Timestamp state = page->slots[xid % kPageXids].load(std::memory_order_acquire);
  return page->first.load(std::memory_order_acquire) == first ? state : kOldTimestamp;
}

Status CommitTable::begin(Xid xid) {
  const Xid first = xid - xid % kPageXids;
  const Page* known = entry(xid).load(std::memory_order_acquire);
  if (known != nullptr && known->first.load(std::memory_order_acquire) == first) {
    return {};
  }
  const MutexLock lock(mutex_);
  known = entry(xid).load(std::memory_order_acquire);
  if (known != nullptr) {
    if (known->first.load(std::memory_order_acquire) == first) {
      return {};
    }
    return {StatusCode::LimitExceeded, "too many transactions since the oldest snapshot"};
  }
  if (free_.empty()) {
    pages_.push_back(std::make_unique<Page>());
    free_.push_back(pages_.back().get());
  }
  Page* page = free_.back();
  free_.pop_back();
  page->first.store(first, std::memory_order_release);
  for (std::atomic<Timestamp>& slot : page->slots) {
    slot.store(kInProgress, std::memory_order_release);
  }
  entry(xid).store(page, std::memory_order_release);
  return {};
}

void CommitTable::set(Xid xid, Timestamp state) {
  Page* page = entry(xid).load(std::memory_order_acquire);
  OMEN_ASSERT(
      page != nullptr && page->first.load(std::memory_order_acquire) == xid - xid % kPageXids,
      "the outcome of an unknown xid");
  page->slots[xid % kPageXids].store(state, std::memory_order_release);
}

void CommitTable::set_horizon(Xid horizon) {
  const Xid before = horizon_.exchange(horizon, std::memory_order_acq_rel);
  const MutexLock lock(mutex_);
  for (Xid first = before - before % kPageXids; first + kPageXids <= horizon; first += kPageXids) {
    Page* page = entry(first).load(std::memory_order_acquire);
    if (page != nullptr && page->first.load(std::memory_order_acquire) == first) {
      entry(first).store(nullptr, std::memory_order_release);
      page->first.store(kNoPage, std::memory_order_release);
      free_.push_back(page);
    }
  }
}

}  // namespace omen::engine
