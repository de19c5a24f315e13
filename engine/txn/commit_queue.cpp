#include "engine/txn/commit_queue.h"

#include "engine/base/assert.h"
#include "engine/base/blocking.h"
#include "engine/storage/keys.h"
#include "engine/txn/commit_record.h"

namespace omen::engine {

bool CommitQueue::commit(CommitRequest& request) {
  Waiter self{.request = &request};
  std::vector<Waiter*> group;
  {
    MutexLock lock(mutex_);
    waiting_.push_back(&self);
    if (busy_) {
      const BlockingScope blocking;
      while (!self.leads && !self.done) {
        self.changed.wait(lock);
      }
    }
    if (self.done) {
      return !self.refused;
    }
    busy_ = true;
    group.swap(waiting_);
  }
  if (const std::vector<Waiter*> admitted = judge(group); !admitted.empty()) {
    commit_group(admitted);
  }
  // Woken under the mutex: a waiter's frame lives until he gets it.
  const MutexLock lock(mutex_);
  for (Waiter* waiter : group) {
    waiter->done = true;
    if (waiter != &self) {
      waiter->changed.notify_one();
    }
  }
  busy_ = !waiting_.empty();
  if (busy_) {
    waiting_.front()->leads = true;
    waiting_.front()->changed.notify_one();
  }
  return !self.refused;
}

std::vector<CommitQueue::Waiter*> CommitQueue::judge(const std::vector<Waiter*>& group) {
  std::vector<Waiter*> admitted;
  for (Waiter* waiter : group) {
    const CommitRequest& request = *waiter->request;
    const Timestamp commit = snapshots_.published() + 1 + admitted.size();
    waiter->refused =
        request.candidate.has_value() && !serial_order_.admit(*request.candidate, commit);
    if (!waiter->refused && !request.xids.empty()) {
      admitted.push_back(waiter);
    }
  }
  return admitted;
}

void CommitQueue::commit_group(const std::vector<Waiter*>& group) {
  const Timestamp first = snapshots_.published() + 1;
  const Timestamp last = first + group.size() - 1;
  Batch batch(store_, WriteKind::Commit, last);
  bool sync = false;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const CommitRequest& request = *group[i]->request;
    CommitRecord record;
    record.timestamp = first + i;
    record.changed_oids = request.changed_oids;
    record.other_xids.assign(request.xids.begin() + 1, request.xids.end());
    batch.put(Family::Commits, be64_key(request.xids.front()), encode_commit_record(record));
    for (const std::string& key : request.obsolete_garbage) {
      batch.remove(Family::Garbage, key);
    }
    sync = sync || request.sync;
  }
  put_row_counts(group, batch);
  OMEN_ASSERT(store_.write(batch).ok(), "R6: a commit record could not be written");
  if (sync) {
    OMEN_ASSERT(store_.sync().ok(), "R6: a commit record could not be synced");
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    const CommitRequest& request = *group[i]->request;
    for (const Xid xid : request.xids) {
      table_.set(xid, first + i);
    }
    if (request.publish) {
      request.publish();
    }
  }
  snapshots_.publish(last);
}

// Groups follow one another, so the counts in the log are in the order of the commits.
void CommitQueue::put_row_counts(const std::vector<Waiter*>& group, Batch& batch) {
  std::map<std::uint64_t, std::int64_t> stored;
  for (const Waiter* waiter : group) {
    for (const auto& [storage_id, change] : waiter->request->row_counts) {
      const RowCountChange counts = row_counts_.add(storage_id, change);
      if (change.live != 0) {
        stored[storage_id] = counts.live;
      }
    }
  }
  for (const auto& [storage_id, live] : stored) {
    batch.put(Family::Meta, row_count_key(storage_id), be64_key(static_cast<std::uint64_t>(live)));
  }
}

}  // namespace omen::engine
