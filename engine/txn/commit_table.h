#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/thread_annotations.h"
#include "engine/base/types.h"

namespace omen::engine {

using Timestamp = std::uint64_t;  ///< commit order; kOldTimestamp is before every snapshot

constexpr Timestamp kInProgress = 0;
constexpr Timestamp kAborted = 1;
constexpr Timestamp kOldTimestamp = 2;

/// What became of each xid: a dense paged array above the horizon; below it every xid is committed
/// for every snapshot (vacuum removes what aborted xids wrote before the horizon passes them, R3).
///
/// **Threads:** get() from any thread, without locks; the others too.
/// **Invariants:**
/// 1. A page is never freed but recycled, and says which xids it holds: a reader that finds other
///    xids in it after reading its slot raced with the horizon, so the xid is below it. Slots and
///    the page's name are atomics read and written with acquire and release: who sees a slot of the
///    new use sees the new name when it looks again.
/// 2. At most kPagesMax pages lie between the horizon and the newest xid (R18).
class CommitTable {
 public:
  CommitTable();
  CommitTable(const CommitTable&) = delete;

  /// kInProgress, kAborted or the commit timestamp.
  [[nodiscard]] Timestamp get(Xid xid) const;
  /// Makes the xid known, as in progress. LimitExceeded if the horizon is too far back.
  Status begin(Xid xid);
  void set(Xid xid, Timestamp state);
  [[nodiscard]] Xid horizon() const { return horizon_.load(std::memory_order_acquire); }
  void set_horizon(Xid horizon);

 private:
  static constexpr std::size_t kPageXids = 4096;
  static constexpr std::size_t kPagesMax = 65536;
  static constexpr Xid kNoPage = ~Xid{0};
  struct Page {
    std::atomic<Xid> first{kNoPage};
    std::array<std::atomic<Timestamp>, kPageXids> slots{};
  };
  std::atomic<Page*>& entry(Xid xid) const { return directory_[(xid / kPageXids) % kPagesMax]; }

  std::atomic<Xid> horizon_{0};
  std::unique_ptr<std::atomic<Page*>[]> directory_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Page>> pages_ OMEN_GUARDED_BY(mutex_);
  std::vector<Page*> free_ OMEN_GUARDED_BY(mutex_);
};

}  // namespace omen::engine
