#include <rocksdb/write_batch.h>

#include "engine/storage/keys.h"
#include "engine/storage/store.h"

namespace omen::engine {
namespace {

constexpr std::uint8_t kLogFormat = 1;
constexpr std::uint64_t kEpoch = 1;

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

Batch::Batch(const Store& store, WriteKind kind, std::uint64_t commit_timestamp)
    : store_(store),
      kind_(kind),
      commit_timestamp_(commit_timestamp),
      batch_(std::make_unique<rocksdb::WriteBatch>()) {
  write_header();
}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;

void Batch::write_header() {
  std::string header;
  header.push_back(static_cast<char>(kLogFormat));
  header.push_back(static_cast<char>(kind_));
  append_be64(header, kEpoch);
  append_be64(header, commit_timestamp_);
  batch_->PutLogData(header);
}

void Batch::put(Family family, std::string_view key, std::string_view value) {
  batch_->Put(store_.handle(family), slice(key), slice(value));
}
void Batch::remove(Family family, std::string_view key) {
  batch_->Delete(store_.handle(family), slice(key));
}
void Batch::remove_range(Family family, std::string_view first, std::string_view last) {
  batch_->DeleteRange(store_.handle(family), slice(first), slice(last));
}
void Batch::clear() {
  batch_->Clear();
  write_header();
}
std::size_t Batch::size_bytes() const {
  return batch_->GetDataSize();
}
bool Batch::empty() const {
  return batch_->Count() == 0;
}

}  // namespace omen::engine
