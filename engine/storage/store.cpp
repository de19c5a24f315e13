#include "engine/storage/store.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "engine/base/blocking.h"
#include "engine/storage/forwarding_logger.h"
#include "engine/storage/keys.h"

namespace omen::engine {
namespace {

constexpr std::uint64_t kLogBytesMax = std::uint64_t{64} << 20;
constexpr int kRefusalPauseShiftMax = 6;  // 64 ms
constexpr int kStallSliceMs = 100;
constexpr std::int64_t kReserveCheckIntervalMs = 100;
constexpr std::string_view kManifestPrefix = "/MANIFEST-";  // as RocksDB lists it

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view view(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

Status to_status(const rocksdb::Status& status) {
  if (status.ok()) {
    return {};
  }
  if (status.IsNoSpace()) {
    return {StatusCode::DiskFull, "could not write to storage: No space left on device"};
  }
  const std::string text = fmt::format("storage: {}", status.ToString());
  if (status.IsCorruption()) {
    return {StatusCode::Corruption, text};
  }
  if (status.IsMemoryLimit()) {
    return {StatusCode::OutOfMemory, text};
  }
  if (status.IsIOError() || status.severity() >= rocksdb::Status::kSoftError) {
    return {StatusCode::IoError, text};
  }
  return {StatusCode::Internal, text};
}

constexpr std::array<const char*, kFamilyCount> kFamilyNames = {
    "default", "rows", "wide", "index", "commits", "garbage", "changes", "sequences"};

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

rocksdb::ColumnFamilyOptions family_options(Family family, const StoreOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions result;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.block_size = std::size_t{8} << 10;
  result.compression = rocksdb::kLZ4Compression;
  result.write_buffer_size = options.memtable_bytes;
  result.max_write_buffer_number = 4;
  switch (family) {
    case Family::Rows:
      result.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kRowPrefixBytes));
      result.memtable_prefix_bloom_size_ratio = 0.05;
      break;
    case Family::Wide:
      result.enable_blob_files = true;
      result.min_blob_size = kWideBytesMin;
      result.blob_file_size = std::uint64_t{256} << 20;
      result.enable_blob_garbage_collection = true;
      result.blob_cache = cache;
      break;
    case Family::Index:
      break;
    case Family::Meta:
    case Family::Commits:
    case Family::Garbage:
    case Family::Changes:
    case Family::Sequences:
      result.write_buffer_size =
          std::min<std::size_t>(options.memtable_bytes, std::size_t{8} << 20);
      break;
  }
  result.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return result;
}

using FamilyDescriptors = std::vector<rocksdb::ColumnFamilyDescriptor>;

/// How far RocksDB recovers the store; found without writing.
Result<std::uint64_t> sequence_of_recovery(const rocksdb::DBOptions& options,
                                           const std::filesystem::path& directory,
                                           const FamilyDescriptors& descriptors) {
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  OMEN_TRY(to_status(
      rocksdb::DB::OpenForReadOnly(options, directory.string(), descriptors, &handles, &opened)));
  const std::unique_ptr<rocksdb::DB> db(opened);
  const std::uint64_t sequence = db->GetLatestSequenceNumber();
  for (rocksdb::ColumnFamilyHandle* family : handles) {
    OMEN_TRY(to_status(db->DestroyColumnFamilyHandle(family)));
  }
  return sequence;
}

}  // namespace

/// Keeps an atomic image of RocksDB's stall conditions, so that writers may wait before they latch,
/// and notes when the manifest grew.
class Store::Listener final : public rocksdb::EventListener {
 public:
  void OnFlushCompleted(rocksdb::DB* /*db*/, const rocksdb::FlushJobInfo& /*info*/) override {
    manifest_grew_.store(true, std::memory_order_relaxed);
  }
  void OnCompactionCompleted(rocksdb::DB* /*db*/,
                             const rocksdb::CompactionJobInfo& /*info*/) override {
    manifest_grew_.store(true, std::memory_order_relaxed);
  }
  /// True once after each time.
  bool take_manifest_grew() { return manifest_grew_.exchange(false, std::memory_order_relaxed); }
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override {
    for (std::size_t i = 0; i < kFamilyCount; ++i) {
      if (info.cf_name == kFamilyNames[i]) {
        const bool stalled = info.condition.cur != rocksdb::WriteStallCondition::kNormal;
        const std::uint32_t bit = std::uint32_t{1} << i;
        if (stalled) {
          stalled_families_.fetch_or(bit, std::memory_order_relaxed);
        } else {
          stalled_families_.fetch_and(~bit, std::memory_order_relaxed);
        }
      }
    }
  }
  [[nodiscard]] bool stalled() const {
    return stalled_families_.load(std::memory_order_relaxed) != 0;
  }

 private:
  std::atomic<std::uint32_t> stalled_families_{0};
  std::atomic<bool> manifest_grew_{true};
};

PinnedValue::PinnedValue() : slice_(std::make_unique<rocksdb::PinnableSlice>()) {}
PinnedValue::~PinnedValue() = default;
std::string_view PinnedValue::view() const {
  return {slice_->data(), slice_->size()};
}

struct PinnedValues::Rep {
  std::vector<rocksdb::Slice> keys;
  std::vector<rocksdb::PinnableSlice> values;
  std::vector<rocksdb::Status> statuses;
};
PinnedValues::PinnedValues() : rep_(std::make_unique<Rep>()) {}
PinnedValues::~PinnedValues() = default;
bool PinnedValues::has(std::size_t i) const {
  return rep_->statuses[i].ok();
}
std::string_view PinnedValues::view(std::size_t i) const {
  return {rep_->values[i].data(), rep_->values[i].size()};
}

struct StoreIterator::Rep {
  std::string upper;
  rocksdb::Slice upper_slice;
  std::unique_ptr<rocksdb::Iterator> iterator;
};

StoreIterator::StoreIterator() = default;
StoreIterator::~StoreIterator() = default;
StoreIterator::StoreIterator(StoreIterator&&) noexcept = default;
StoreIterator& StoreIterator::operator=(StoreIterator&&) noexcept = default;

bool StoreIterator::valid() const {
  return rep_->iterator->Valid();
}
void StoreIterator::seek(std::string_view key) {
  rep_->iterator->Seek(slice(key));
}
void StoreIterator::seek_for_prev(std::string_view key) {
  rep_->iterator->SeekForPrev(slice(key));
}
void StoreIterator::seek_to_first() {
  rep_->iterator->SeekToFirst();
}
void StoreIterator::next() {
  rep_->iterator->Next();
}
void StoreIterator::prev() {
  rep_->iterator->Prev();
}
std::string_view StoreIterator::key() const {
  return view(rep_->iterator->key());
}
std::string_view StoreIterator::value() const {
  return view(rep_->iterator->value());
}
Status StoreIterator::status() const {
  return to_status(rep_->iterator->status());
}
Status StoreIterator::refresh() {
  return to_status(rep_->iterator->Refresh());
}

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
  auto store = std::unique_ptr<Store>(new Store());
  store->directory_ = options.directory;
  store->listener_ = std::make_shared<Listener>();
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(options.block_cache_bytes);

  rocksdb::DBOptions db_options;
  db_options.create_if_missing = true;
  db_options.create_missing_column_families = true;
  db_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // Recovery reads the log twice and keeps it in memtables: this bounds the time it takes.
  db_options.max_total_wal_size = std::max<std::uint64_t>(kLogBytesMax, options.memtable_bytes);
  db_options.avoid_flush_during_recovery = true;
  db_options.wal_bytes_per_sync = std::uint64_t{1} << 20;
  db_options.bytes_per_sync = std::uint64_t{1} << 20;
  db_options.max_background_jobs = static_cast<int>(std::max(2U, options.background_threads));
  db_options.max_bgerror_resume_count = 0;  // R6
  db_options.info_log = std::make_shared<ForwardingLogger>();
  db_options.listeners.push_back(store->listener_);
  db_options.avoid_unnecessary_blocking_io = true;
  store->reserve_bytes_ = db_options.max_total_wal_size + 4 * options.memtable_bytes;

  FamilyDescriptors descriptors;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    descriptors.emplace_back(kFamilyNames[i],
                             family_options(static_cast<Family>(i), options, cache));
  }
  const std::filesystem::path mark_path = options.directory.parent_path() / "SYNCED";
  OMEN_TRY(check_store(options.directory, mark_path, [&] {
    return sequence_of_recovery(db_options, options.directory, descriptors);
  }));
  OMEN_TRY(sync_logs(options.directory));
  std::error_code ignored;  // RocksDB reports it in its own words
  std::filesystem::create_directories(options.directory, ignored);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(db_options, options.directory.string(), descriptors, &handles, &db);
  if (!status.ok()) {
    return to_status(status);
  }
  store->db_.reset(db);
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    store->handles_[i] = handles[i];
  }
  {
    const MutexLock lock(store->mark_mutex_);
    OMEN_ASSIGN(store->mark_file_, StoreMarkFile::open(mark_path));
  }
  OMEN_TRY(store->sync());
  return store;
}

Store::~Store() {
  if (db_ == nullptr) {
    return;
  }
  for (rocksdb::ColumnFamilyHandle* family : handles_) {
    db_->DestroyColumnFamilyHandle(family);
  }
  const rocksdb::Status status = db_->Close();
  static_cast<void>(status);  // what was acknowledged is synced; the rest may be lost
}

Status Store::check_reserve() const {
  const std::int64_t now = now_ms();
  std::int64_t checked = reserve_checked_ms_.load(std::memory_order_relaxed);
  if (now - checked >= kReserveCheckIntervalMs &&
      reserve_checked_ms_.compare_exchange_strong(checked, now, std::memory_order_relaxed)) {
    struct statvfs info = {};
    if (statvfs(directory_.c_str(), &info) == 0) {
      const std::uint64_t free_bytes = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
      under_reserve_.store(free_bytes < reserve_bytes_, std::memory_order_relaxed);
    }
  }
  if (under_reserve_.load(std::memory_order_relaxed)) {
    return {StatusCode::DiskFull, "could not write to storage: No space left on device"};
  }
  return {};
}

Status Store::write(Batch& batch) {
  if (batch.kind() == WriteKind::Data || batch.kind() == WriteKind::Sequence) {
    OMEN_TRY(check_reserve());
  }
  return to_status(db_->Write(rocksdb::WriteOptions(), batch.batch_.get()));
}

Status Store::sync() {
  const BlockingScope blocking;
  const std::uint64_t sequence = db_->GetLatestSequenceNumber();
  OMEN_TRY(to_status(db_->SyncWAL()));
  note_synced(sequence);
  return {};
}

void Store::note_synced(std::uint64_t sequence) {
  const MutexLock lock(mark_mutex_);
  const bool manifest_grew = listener_->take_manifest_grew();
  if (sequence <= mark_.sequence && !manifest_grew) {
    return;
  }
  mark_.sequence = std::max(mark_.sequence, sequence);
  if (manifest_grew) {
    std::vector<std::string> files;
    std::uint64_t manifest_bytes = 0;
    if (db_->GetLiveFiles(files, &manifest_bytes, false).ok()) {
      for (const std::string& file : files) {
        if (file.starts_with(kManifestPrefix)) {
          mark_.manifest_number = std::strtoull(file.c_str() + kManifestPrefix.size(), nullptr, 10);
          mark_.manifest_bytes = manifest_bytes;
        }
      }
    }
  }
  mark_file_.write(mark_);
}

Result<bool> Store::try_write(Batch& batch) {
  OMEN_TRY(check_reserve());
  rocksdb::WriteOptions options;
  options.no_slowdown = true;
  const rocksdb::Status status = db_->Write(options, batch.batch_.get());
  if (status.IsIncomplete()) {
    return false;
  }
  OMEN_TRY(to_status(status));
  return true;
}

Status Store::wait_for_room(const CancelToken& cancel, int refusals) const {
  const int pause_ms = refusals == 0 ? 0 : 1 << std::min(refusals - 1, kRefusalPauseShiftMax);
  if (!listener_->stalled() && pause_ms == 0) {
    return {};
  }
  const BlockingScope blocking;
  // A slice of the stall is enough: what comes next may be refused again.
  for (int waited_ms = 0;
       waited_ms < pause_ms || (waited_ms < kStallSliceMs && listener_->stalled()); ++waited_ms) {
    OMEN_TRY(cancel.check());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return cancel.check();
}

Result<bool> Store::get(Family family, std::string_view key, PinnedValue& value) const {
  value.slice_->Reset();
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), handle(family), slice(key), value.slice_.get());
  if (status.IsNotFound()) {
    return false;
  }
  OMEN_TRY(to_status(status));
  return true;
}

Result<bool> Store::get(Family family, std::string_view key, std::string& value) const {
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), handle(family), slice(key), &value);
  if (status.IsNotFound()) {
    return false;
  }
  OMEN_TRY(to_status(status));
  return true;
}

Status Store::get_many(Family family, std::span<const std::string> keys,
                       PinnedValues& values) const {
  PinnedValues::Rep& rep = *values.rep_;
  rep.keys.assign(keys.begin(), keys.end());
  rep.values.clear();
  rep.values.resize(keys.size());
  rep.statuses.assign(keys.size(), rocksdb::Status());
  if (keys.empty()) {
    return {};
  }
  db_->MultiGet(rocksdb::ReadOptions(), handle(family), keys.size(), rep.keys.data(),
                rep.values.data(), rep.statuses.data());
  for (const rocksdb::Status& status : rep.statuses) {
    if (!status.IsNotFound()) {
      OMEN_TRY(to_status(status));
    }
  }
  return {};
}

StoreIterator Store::range(Family family, std::string_view upper, bool fill_cache) const {
  StoreIterator result;
  result.rep_ = std::make_unique<StoreIterator::Rep>();
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  options.fill_cache = fill_cache;
  if (!upper.empty()) {
    result.rep_->upper = upper;
    result.rep_->upper_slice = slice(result.rep_->upper);
    options.iterate_upper_bound = &result.rep_->upper_slice;
  }
  result.rep_->iterator.reset(db_->NewIterator(options, handle(family)));
  return result;
}

StoreIterator Store::row_versions() const {
  StoreIterator result;
  result.rep_ = std::make_unique<StoreIterator::Rep>();
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = true;
  result.rep_->iterator.reset(db_->NewIterator(options, handle(Family::Rows)));
  return result;
}

Status Store::flush() {
  const std::vector<rocksdb::ColumnFamilyHandle*> families(handles_.begin(), handles_.end());
  return to_status(db_->Flush(rocksdb::FlushOptions(), families));
}

std::uint64_t Store::size_bytes() const {
  std::uint64_t total = 0;
  for (rocksdb::ColumnFamilyHandle* family : handles_) {
    for (const std::string& property :
         {rocksdb::DB::Properties::kLiveSstFilesSize, rocksdb::DB::Properties::kLiveBlobFileSize,
          rocksdb::DB::Properties::kCurSizeAllMemTables}) {
      std::uint64_t value = 0;
      if (db_->GetIntProperty(family, property, &value)) {
        total += value;
      }
    }
  }
  return total;
}

std::uint64_t Store::size_bytes(Family family, std::string_view first,
                                std::string_view last) const {
  const rocksdb::Range range(slice(first), slice(last));
  const auto approximate = [&](bool memtables, bool files) -> std::uint64_t {
    rocksdb::SizeApproximationOptions options;
    options.include_memtables = memtables;
    options.include_files = files;
    std::uint64_t size = 0;
    return db_->GetApproximateSizes(options, handle(family), &range, 1, &size).ok() ? size : 0;
  };
  const std::uint64_t files = approximate(false, true);
  std::uint64_t tables = 0;
  std::uint64_t blobs = 0;
  if (!db_->GetIntProperty(handle(family), rocksdb::DB::Properties::kLiveSstFilesSize, &tables) ||
      !db_->GetIntProperty(handle(family), rocksdb::DB::Properties::kLiveBlobFileSize, &blobs) ||
      tables == 0) {
    return files + approximate(true, false);
  }
  // Nobody says which range a blob is of: by its share of the tables that refer to them.
  const double share = std::min(1.0, static_cast<double>(files) / static_cast<double>(tables));
  return files + static_cast<std::uint64_t>(share * static_cast<double>(blobs)) +
         approximate(true, false);
}

std::uint64_t Store::sequence() const {
  return db_->GetLatestSequenceNumber();
}

}  // namespace omen::engine
