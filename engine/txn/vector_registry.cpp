#include "engine/txn/vector_registry.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "engine/index/index_keys.h"
#include "engine/vector/element.h"

namespace omen::engine {
namespace {

/// All versions of a table's rows that are not aborted, each vector once.
class VersionVectors {
 public:
  VersionVectors(const Store& store, const CommitTable& commits, const TableAccess& access,
                 const VectorAccess& vector, const VectorIndexOptions& options)
      : store_(store),
        commits_(commits),
        access_(access),
        column_(vector.column),
        options_(options),
        rows_(store.range(Family::Rows, be64_key(access.table->storage_id + 1), false)) {
    rows_.seek(be64_key(access.table->storage_id));
  }

  Result<bool> next(VectorEntry& entry) {
    for (; rows_.valid(); rows_.next()) {
      const RowId row_id = row_of(rows_.key());
      const Xid xid = xid_of(rows_.key());
      if (row_id != row_id_) {
        row_id_ = row_id;
        emitted_.clear();
      }
      if (commits_.get(xid) == kAborted || is_tombstone(rows_.value())) {
        continue;
      }
      OMEN_ASSIGN(const RowView view, RowView::parse_common(access_.layout, rows_.value()));
      const Xid value = value_xid(view, column_, xid);
      if (std::find(emitted_.begin(), emitted_.end(), value) != emitted_.end()) {
        continue;
      }
      emitted_.push_back(value);
      entry.key = {row_id, value};
      const Result<Datum> read = read_datum(store_, access_, row_id, view, column_, buffer_);
      if (read.status().code() == StatusCode::Corruption) {
        // Vacuum takes versions and values that nobody sees any more while this iterator still
        // shows them.
        OMEN_ASSIGN(const bool is_there, store_.get(Family::Rows, rows_.key(), buffer_));
        if (!is_there) {
          continue;
        }
      }
      OMEN_ASSIGN(const Datum datum, read);
      entry.vector.reset();
      if (!datum.null) {
        OMEN_TRY(copy_value(datum.bytes, options_, value_));
        entry.vector = VectorValue(value_);
      }
      rows_.next();
      return true;
    }
    OMEN_TRY(rows_.status());
    return false;
  }

 private:
  const Store& store_;
  const CommitTable& commits_;
  const TableAccess& access_;
  const std::size_t column_;
  const VectorIndexOptions options_;
  StoreIterator rows_;
  RowId row_id_ = 0;
  std::vector<Xid> emitted_;  ///< value xids of row_id_
  std::string buffer_;
  std::string value_;
};

constexpr char kAppended = 'a';
/// Vectors to replay at a restart, as a fixed amount and as a share of the index: 1/4.
constexpr std::uint64_t kUnsavedBytesMin = std::uint64_t{16} << 20;
/// Appends entries that the change log names, reading their rows and vectors many at a time.
class Replay {
 public:
  Replay(const Store& store, VectorIndex& index, const TableAccess& access, std::size_t column,
         const VectorIndexOptions& options)
      : store_(store), index_(index), access_(access), column_(column), options_(options) {}

  Status append(const ChangeRecord& record) {
    pending_.push_back(record);
    row_keys_.emplace_back(
        std::string_view(row_key(access_.table->storage_id, record.row_id, record.xid)));
    return pending_.size() < kPendingMax ? Status() : flush();
  }

  Status flush() {
    OMEN_TRY(store_.get_many(Family::Rows, row_keys_, rows_));
    std::vector<std::string> wide_keys;
    std::vector<RowView> views(pending_.size());
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      Xid value_xid = pending_[i].value_xid;
      if (rows_.has(i)) {
        OMEN_ASSIGN(views[i], RowView::parse_common(access_.layout, rows_.view(i)));
        if (!views[i].is_wide(column_) || views[i].is_null(column_)) {
          continue;
        }
        value_xid = views[i].wide(column_).xid;
      }
      wide_keys.emplace_back(std::string_view(
          wide_key(access_.table->storage_id, column_, pending_[i].row_id, value_xid)));
    }
    OMEN_TRY(store_.get_many(Family::Wide, wide_keys, wides_));
    std::size_t wide = 0;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      if (!rows_.has(i)) {
        // Vacuum removed the version since. A later one may carry its wide value on; a value that
        // lies in the row has gone with it.
        if (wides_.has(wide)) {
          OMEN_TRY(copy_value(wides_.view(wide), options_, value_));
          OMEN_TRY(index_.append_if_absent(
              {{pending_[i].row_id, pending_[i].value_xid}, VectorValue(value_)}));
        }
        ++wide;
        continue;
      }
      VectorEntry entry{{pending_[i].row_id, pending_[i].value_xid}, std::nullopt};
      if (!views[i].is_null(column_)) {
        std::string_view bytes;
        if (views[i].is_wide(column_)) {
          if (!wides_.has(wide)) {
            return {StatusCode::Corruption, "a stored value is missing"};
          }
          bytes = wides_.view(wide++);
        } else {
          bytes = views[i].datum(column_).bytes;
        }
        OMEN_TRY(copy_value(bytes, options_, value_));
        entry.vector = VectorValue(value_);
      }
      OMEN_TRY(index_.append_if_absent(entry));
    }
    pending_.clear();
    row_keys_.clear();
    return {};
  }

 private:
  static constexpr std::size_t kPendingMax = 256;

  const Store& store_;
  VectorIndex& index_;
  const TableAccess& access_;
  const std::size_t column_;
  const VectorIndexOptions options_;
  std::vector<ChangeRecord> pending_;
  std::vector<std::string> row_keys_;
  PinnedValues rows_;
  PinnedValues wides_;
  std::string value_;
};

}  // namespace

Status copy_value(std::string_view bytes, const VectorIndexOptions& options, std::string& out) {
  out.assign(bytes);
  return check_value(options, VectorValue(out));
}

Result<VectorIndexOptions> vector_options(const TableAccess& access, const VectorAccess& vector) {
  const std::int32_t modifier = access.table->columns[vector.column].type_modifier;
  if (modifier <= 0) {
    return Status(StatusCode::InvalidArgument, "column does not have dimensions");
  }
  return VectorIndexOptions{
      static_cast<std::uint32_t>(modifier), vector.index->metric,  vector.index->m,
      vector.index->ef_construction,        vector.index->element, vector.index->quantization};
}

Status append_vector(const VectorRegistry& registry, const TableAccess& access,
                     const VectorAccess& vector, RowId row_id, Xid xid, const Datum& datum,
                     Batch& batch, std::vector<VectorAppend>& appends) {
  const std::uint64_t storage_id = vector.index->storage_id;
  VectorAppend& append = appends.emplace_back();
  append.target = registry.find(storage_id);
  append.key = {row_id, xid};
  append.is_null = datum.null;
  if (!datum.null) {
    OMEN_ASSIGN(const VectorIndexOptions options, vector_options(access, vector));
    OMEN_TRY(copy_value(datum.bytes, options, append.value));
  }
  batch.put(Family::Changes, change_key({storage_id, xid, row_id, xid}),
            std::string_view(&kAppended, 1));
  return {};
}

void retire_damaged(AttachedVectorIndex& attached, const VectorIndex& index) {
  const std::lock_guard turn(attached.turnstile);
  const std::unique_lock gate(attached.gate);
  if (attached.index.get() == &index) {
    spdlog::error("a vector index is damaged and will be built anew (storage {})",
                  attached.storage_id);
    attached.ready = false;
    attached.index.reset();
  }
}

AttachedVectorIndexPtr VectorRegistry::find(std::uint64_t storage_id) const {
  const MutexLock lock(mutex_);
  const auto found = attached_.find(storage_id);
  return found == attached_.end() ? nullptr : found->second;
}

void VectorRegistry::attach(const AttachedVectorIndexPtr& attached) {
  const MutexLock lock(mutex_);
  attached_[attached->storage_id] = attached;
}

std::vector<AttachedVectorIndexPtr> VectorRegistry::broken() const {
  std::vector<AttachedVectorIndexPtr> result;
  const MutexLock lock(mutex_);
  for (const auto& [storage_id, attached] : attached_) {
    const std::shared_lock gate(attached->gate);
    if (!attached->ready) {
      result.push_back(attached);
    }
  }
  return result;
}

Result<AttachedVectorIndexPtr> VectorRegistry::create(const TableAccess& access,
                                                      const VectorAccess& vector) {
  OMEN_ASSIGN(const VectorIndexOptions options, vector_options(access, vector));
  auto attached = std::make_shared<AttachedVectorIndex>();
  attached->storage_id = vector.index->storage_id;
  std::error_code ignored;
  std::filesystem::create_directories(directory_, ignored);
  OMEN_ASSIGN(attached->index, VectorIndex::create(directory_of(attached->storage_id), options));
  attached->ready = true;
  attached->unsaved_bytes = kUnsaved;
  attach(attached);
  return attached;
}

Status VectorRegistry::open(const TableAccess& access, const VectorAccess& vector) {
  OMEN_ASSIGN(const VectorIndexOptions options, vector_options(access, vector));
  auto attached = std::make_shared<AttachedVectorIndex>();
  attached->storage_id = vector.index->storage_id;
  Result<std::unique_ptr<VectorIndex>> opened =
      VectorIndex::open(directory_of(attached->storage_id), options);
  if (opened.ok()) {
    attached->index = std::move(opened).value();
    const Status replayed = replay(*attached->index, access, vector, attached->index->cursor());
    attached->ready = replayed.ok();
    if (!replayed.ok()) {
      spdlog::warn("replaying changes of a vector index failed, rebuilding it: {}",
                   replayed.message());
      attached->index.reset();
    }
  } else {
    spdlog::info("vector index {} is rebuilt: {}", vector.index->oid, opened.status().message());
  }
  attach(attached);
  return {};
}

void VectorRegistry::erase(std::uint64_t storage_id) {
  AttachedVectorIndexPtr attached;
  {
    const MutexLock lock(mutex_);
    const auto found = attached_.find(storage_id);
    if (found == attached_.end()) {
      return;
    }
    attached = found->second;
    attached_.erase(found);
  }
  {
    const std::unique_lock gate(attached->gate);
    attached->index.reset();
    attached->ready = false;
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_of(storage_id), ignored);
}

void VectorRegistry::erase_strangers() {
  std::vector<std::filesystem::path> strangers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos ||
        find(std::strtoull(name.c_str(), nullptr, 10)) == nullptr) {
      strangers.push_back(entry->path());
    }
  }
  for (const std::filesystem::path& stranger : strangers) {
    std::filesystem::remove_all(stranger, error);
  }
}

Status VectorRegistry::build(const AttachedVectorIndexPtr& attached, const TableAccess& access,
                             const VectorAccess& vector, IndexBuilds::Build& progress,
                             CancelToken& cancel) {
  {
    const std::unique_lock gate(attached->gate);
    attached->ready = false;  // a checkpoint of a part would pass for the whole after a crash
  }
  progress.watch(attached->index);
  OMEN_TRY(fill(*attached->index, access, vector, &progress, cancel));
  {
    const std::unique_lock gate(attached->gate);
    attached->ready = true;
  }
  progress.begin(IndexPhase::Saving);
  return checkpoint(*attached, cancel);
}

Status VectorRegistry::fill(VectorIndex& index, const TableAccess& access,
                            const VectorAccess& vector, IndexBuilds::Build* progress,
                            CancelToken& cancel) const {
  OMEN_ASSIGN(const VectorIndexOptions options, vector_options(access, vector));
  VersionVectors source(store_, commits_, access, vector, options);
  const auto next = [&](VectorEntry& entry) {
    Result<bool> more = source.next(entry);
    if (progress != nullptr && more.ok() && !more.value()) {
      progress->loaded();
    }
    return more;
  };
  return index.build(next, std::max(1U, std::thread::hardware_concurrency()), cancel);
}

Status VectorRegistry::replay(VectorIndex& index, const TableAccess& access,
                              const VectorAccess& vector, Xid cursor) const {
  OMEN_ASSIGN(const VectorIndexOptions options, vector_options(access, vector));
  const std::uint64_t storage_id = vector.index->storage_id;
  Replay replay(store_, index, access, vector.column, options);
  StoreIterator records = store_.range(Family::Changes, be64_key(storage_id + 1));
  for (records.seek(change_key({storage_id, cursor, 0, 0})); records.valid(); records.next()) {
    const ChangeRecord record = parse_change_key(records.key());
    const VectorKey key{record.row_id, record.value_xid};
    if (records.value() != std::string_view(&kAppended, 1)) {
      OMEN_TRY(replay.flush());
      index.remove({&key, 1});
    } else if (commits_.get(record.xid) != kAborted && !index.contains(key)) {
      OMEN_TRY(replay.append(record));
    }
  }
  OMEN_TRY(records.status());
  return replay.flush();
}

Status VectorRegistry::rebuild(const AttachedVectorIndexPtr& attached, const TableAccess& access,
                               const VectorAccess& vector, CancelToken& cancel) {
  OMEN_ASSIGN(const VectorIndexOptions options, vector_options(access, vector));
  const std::filesystem::path directory = directory_of(attached->storage_id);
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  std::filesystem::create_directories(directory_, ignored);
  // Whoever is unfinished now may write, or abort, behind the scan's back: his records are
  // replayed.
  const Xid cursor = active_.oldest();
  OMEN_ASSIGN(std::shared_ptr<VectorIndex> index, VectorIndex::create(directory, options));
  OMEN_TRY(fill(*index, access, vector, nullptr, cancel));
  const std::unique_lock gate(attached->gate);
  OMEN_TRY(replay(*index, access, vector, cursor));
  attached->index = std::move(index);
  attached->ready = true;
  attached->unsaved_bytes = kUnsaved;
  return {};
}

Result<bool> VectorRegistry::try_write(Batch& batch, std::span<const VectorAppend> appends) {
  std::vector<AttachedVectorIndex*> targets;
  for (const VectorAppend& append : appends) {
    if (append.target != nullptr &&
        std::find(targets.begin(), targets.end(), append.target.get()) == targets.end()) {
      targets.push_back(append.target.get());
    }
  }
  std::vector<std::shared_lock<std::shared_mutex>> gates;
  gates.reserve(targets.size());
  for (AttachedVectorIndex* target : targets) {
    const std::lock_guard turn(target->turnstile);
    gates.emplace_back(target->gate);
  }
  OMEN_ASSIGN(const bool written, store_.try_write(batch));
  if (!written) {
    return false;
  }
  for (const VectorAppend& append : appends) {
    if (append.target == nullptr || append.target->index == nullptr) {
      continue;
    }
    VectorEntry entry{append.key, std::nullopt};
    if (!append.is_null) {
      entry.vector = VectorValue(append.value);
    }
    OMEN_TRY(append.target->index->append(entry));
    append.target->unsaved_bytes.fetch_add(sizeof(VectorKey) + append.value.size(),
                                           std::memory_order_relaxed);
  }
  return true;
}

void VectorRegistry::remove(std::uint64_t storage_id, std::span<const VectorKey> keys) {
  const AttachedVectorIndexPtr attached = find(storage_id);
  if (attached == nullptr) {
    return;
  }
  const std::shared_lock gate(attached->gate);
  if (attached->index != nullptr) {
    attached->index->remove(keys);
  }
}

Status VectorRegistry::checkpoint(AttachedVectorIndex& attached, CancelToken& cancel) {
  std::shared_ptr<VectorIndex> index;
  Xid cursor = 0;
  std::uint64_t unsaved = 0;
  {
    const std::lock_guard turn(attached.turnstile);
    const std::unique_lock gate(attached.gate);
    if (!attached.ready) {
      return {};
    }
    index = attached.index;
    cursor = active_.oldest();
    unsaved = attached.unsaved_bytes.exchange(0);
  }
  OMEN_TRY(store_.sync());
  const Status written = index->checkpoint(cursor, cancel);
  if (!written.ok()) {
    attached.unsaved_bytes.fetch_add(unsaved, std::memory_order_relaxed);
    return written;
  }
  Batch trim(store_, WriteKind::Vacuum);
  trim.remove_range(Family::Changes, change_key({attached.storage_id, 0, 0, 0}),
                    change_key({attached.storage_id, cursor, 0, 0}));
  return store_.write(trim);
}

std::vector<AttachedVectorIndexPtr> VectorRegistry::all() const {
  std::vector<AttachedVectorIndexPtr> result;
  const MutexLock lock(mutex_);
  for (const auto& [storage_id, attached] : attached_) {
    result.push_back(attached);
  }
  return result;
}

Status VectorRegistry::checkpoint_all() {
  Status first;
  for (const AttachedVectorIndexPtr& attached : all()) {
    Status written = checkpoint(*attached);
    first = first.ok() ? std::move(written) : std::move(first);
  }
  return first;
}

Status VectorRegistry::checkpoint_grown() {
  Status first;
  for (const AttachedVectorIndexPtr& attached : all()) {
    std::shared_ptr<VectorIndex> index;
    {
      const std::shared_lock gate(attached->gate);
      index = attached->index;
    }
    if (index == nullptr) {
      continue;
    }
    const VectorIndex::Request request = index->request();
    if (request == VectorIndex::Request::Refill) {
      retire_damaged(*attached, *index);
      continue;
    }
    const std::uint64_t unsaved = attached->unsaved_bytes.load(std::memory_order_relaxed);
    if (request == VectorIndex::Request::Checkpoint ||
        (unsaved >= kUnsavedBytesMin && unsaved >= unsaved_bytes_max(index->statistics()))) {
      Status written = checkpoint(*attached);
      first = first.ok() ? std::move(written) : std::move(first);
    }
  }
  return first;
}

}  // namespace omen::engine
