#include "engine/index/index_keys.h"
#include "engine/txn/local_statement.h"

namespace omen::engine {

StoreIterator& LocalStatement::unique_iterator(const BtreeAccess& btree) {
  StoreIterator& iterator = unique_iterators_[btree.index->oid];
  if (!iterator.is_open()) {
    iterator = core_.store->range(Family::Index, be64_key(btree.index->storage_id + 1));
  }
  return iterator;
}

Result<bool> LocalStatement::version_has_key(const TableAccess& access, const BtreeAccess& btree,
                                             RowId row_id, const Version& version,
                                             std::string_view index_key, Xid entry_xid) {
  if (is_tombstone(version.bytes)) {
    return false;
  }
  if (version.xid == entry_xid) {
    return true;
  }
  OMEN_ASSIGN(const RowView view, RowView::parse(access.layout, version.bytes));
  std::string key;
  OMEN_ASSIGN(const bool has_null,
              append_index_key(key, *core_.store, btree, access, row_id, view));
  static_cast<void>(has_null);
  return key == index_key;
}

// R10: looks at newest versions, not at the snapshot, under the key's latch. A row whose newest
// version is in progress elsewhere stands in the way as long as it would have the key under either
// outcome: then its owner becomes a blocker.
Result<std::optional<UniqueConflict>> LocalStatement::probe_unique(const TableAccess& access,
                                                                   const BtreeAccess& btree,
                                                                   std::string_view index_key,
                                                                   RowId row_id) {
  StoreIterator& entries = unique_iterator(btree);
  std::optional<Blocker> owner;
  for (entries.seek(index_key);
       entries.valid() && entries.key().substr(0, index_key.size()) == index_key; entries.next()) {
    const EntryName entry = parse_entry(entries.key());
    if (entry.row_id == row_id || core_.commits.get(entry.xid) == kAborted) {
      continue;
    }
    owner.reset();
    for (newest_.first(access.table->storage_id, entry.row_id); newest_.valid(); newest_.next()) {
      const Version version = newest_.version();
      const Timestamp state = core_.commits.get(version.xid);
      if (state == kAborted) {
        continue;
      }
      OMEN_ASSIGN(const bool has_key,
                  version_has_key(access, btree, entry.row_id, version, index_key, entry.xid));
      const bool foreign = state == kInProgress && !view_.is_own(version.xid);
      if (foreign && !owner.has_value()) {
        owner = core_.active.find(version.xid);
        if (!owner.has_value() || core_.commits.get(version.xid) != kInProgress) {
          owner = Blocker{transaction_.state(), ~std::uint64_t{0}};  // ended just now: look again
        }
      }
      if (has_key && owner.has_value()) {
        blockers_.push_back(*owner);
        return std::optional<UniqueConflict>();
      }
      if (has_key) {
        if (transaction_.is_judged()) {
          transaction_.note_read(SerialSlots::of_key(index_key));
        }
        return std::optional(
            UniqueConflict{btree.index->oid, entry.row_id, version.xid,
                           state == kInProgress && version.xid >= view_.own_limit(),
                           view_.is_own(version.xid) || view_.sees(version.xid)});
      }
      if (!foreign) {
        break;
      }
    }
    OMEN_TRY(newest_.status());
  }
  OMEN_TRY(entries.status());
  return std::optional<UniqueConflict>();
}

}  // namespace omen::engine
