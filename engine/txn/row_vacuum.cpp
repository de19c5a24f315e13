#include "engine/txn/row_vacuum.h"

#include <algorithm>
#include <set>

#include "engine/index/index_keys.h"
#include "engine/txn/version_reader.h"

namespace omen::engine {
namespace {

constexpr char kRemoved = 'r';

}  // namespace

Status RowVacuum::run(RowId row_id, Batch& batch) {
  RowLocks::Stripe& stripe = core_.row_locks.stripe({storage_id_, row_id});
  removed_vectors_.clear();
  {
    const MutexLock latch(stripe.latch);
    OMEN_TRY(read(row_id));
    if (mark()) {
      if (access_ != nullptr) {
        OMEN_TRY(remove_derived(row_id, batch));
      }
      std::int64_t removed = 0;
      for (const Stored& version : versions_) {
        if (version.dead) {
          batch.remove(Family::Rows, row_key(storage_id_, row_id, version.xid));
          // An aborted version and a tombstone were never counted.
          removed +=
              core_.commits.get(version.xid) == kAborted || is_tombstone(version.bytes) ? 0 : 1;
        }
      }
      static_cast<void>(core_.row_counts.add(storage_id_, {0, -removed}));
    }
    if (!batch.empty()) {
      OMEN_TRY(core_.store->write(batch));
    }
  }
  batch.clear();
  for (const auto& [storage_id, key] : removed_vectors_) {
    core_.vectors.remove(storage_id, {&key, 1});
  }
  return {};
}

Status RowVacuum::read(RowId row_id) {
  versions_.clear();
  VersionReader reader(*core_.store);
  for (reader.first(storage_id_, row_id); reader.valid(); reader.next()) {
    versions_.push_back({reader.version().xid, std::string(reader.version().bytes)});
  }
  return reader.status();
}

bool RowVacuum::mark() {
  bool any = false;
  bool shadowed = false;  // a newer version is what every snapshot sees
  for (Stored& version : versions_) {
    const Timestamp state = core_.commits.get(version.xid);
    if (state == kAborted || shadowed) {
      version.dead = true;
    } else if (state != kInProgress && state <= oldest_) {
      shadowed = true;
      version.dead = is_tombstone(version.bytes);  // older ones go in the same batch
    }
    any = any || version.dead;
  }
  return any;
}

Status RowVacuum::remove_derived(RowId row_id, Batch& batch) {
  OMEN_TRY(remove_entries(row_id, batch));
  OMEN_TRY(remove_vectors(row_id, batch));
  return remove_wides(row_id, batch);
}

Status RowVacuum::remove_wides(RowId row_id, Batch& batch) {
  std::set<std::pair<std::size_t, Xid>> dead;
  std::set<std::pair<std::size_t, Xid>> live;
  for (const Stored& version : versions_) {
    if (core_.commits.get(version.xid) == kAborted) {
      // Only its own: what it refers to otherwise belongs to a version below. So its layout, which
      // may be that of an ALTER TABLE rolled back with it, need not be known.
      for (const std::size_t column : wide_columns(version.bytes)) {
        dead.emplace(column, version.xid);
      }
      continue;
    }
    OMEN_ASSIGN(const RowView view, RowView::parse_common(access_->layout, version.bytes));
    if (view.is_tombstone() || !view.has_wides()) {
      continue;
    }
    for (std::size_t column = 0; column < access_->layout.column_count(); ++column) {
      if (view.is_wide(column)) {
        (version.dead ? dead : live).emplace(column, view.wide(column).xid);
      }
    }
  }
  for (const auto& [column, xid] : dead) {
    if (!live.contains({column, xid})) {
      batch.remove(Family::Wide, wide_key(storage_id_, column, row_id, xid));
    }
  }
  return {};
}

Status RowVacuum::remove_entries(RowId row_id, Batch& batch) {
  for (const BtreeAccess& btree : access_->btrees) {
    std::set<std::string> dead;
    std::set<std::string> live;
    for (const Stored& version : versions_) {
      OMEN_ASSIGN(const RowView view, RowView::parse_common(access_->layout, version.bytes));
      if (view.is_tombstone()) {
        continue;
      }
      std::string key;
      OMEN_ASSIGN(const bool has_null,
                  append_index_key(key, *core_.store, btree, *access_, row_id, view));
      static_cast<void>(has_null);
      (version.dead ? dead : live).insert(std::move(key));
    }
    for (std::string key : dead) {
      if (live.contains(key)) {
        continue;
      }
      append_be64(key, row_id);
      StoreIterator entries = core_.store->range(Family::Index, prefix_end(key));
      for (entries.seek(key); entries.valid(); entries.next()) {
        batch.remove(Family::Index, entries.key());
      }
      OMEN_TRY(entries.status());
    }
  }
  return {};
}

Status RowVacuum::remove_vectors(RowId row_id, Batch& batch) {
  for (const VectorAccess& vector : access_->vectors) {
    std::set<Xid> dead;
    std::set<Xid> live;
    for (const Stored& version : versions_) {
      OMEN_ASSIGN(const RowView view, RowView::parse_common(access_->layout, version.bytes));
      if (!view.is_tombstone()) {
        (version.dead ? dead : live).insert(value_xid(view, vector.column, version.xid));
      }
    }
    const std::uint64_t storage_id = vector.index->storage_id;
    for (const Xid value : dead) {
      if (!live.contains(value)) {
        // Ordered behind every cursor of a checkpoint that may still hold the entry (R5).
        batch.put(Family::Changes, change_key({storage_id, core_.xids.next(), row_id, value}),
                  std::string_view(&kRemoved, 1));
        removed_vectors_.push_back({storage_id, {row_id, value}});
      }
    }
  }
  return {};
}

}  // namespace omen::engine
