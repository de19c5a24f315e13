#include "bench/vector_index/live_index.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "bench/common/machine.h"
#include "bench/vector_index/curve.h"

namespace omen::bench {
namespace {

engine::Status see_all(std::span<const engine::VectorKey> /*keys*/,
                       std::span<std::uint8_t> visible) {
  std::fill(visible.begin(), visible.end(), std::uint8_t{1});
  return {};
}

}  // namespace

void check(const engine::Status& status) {
  if (!status.ok()) {
    throw std::runtime_error("omen: " + status.message());
  }
}

LiveIndex::LiveIndex(const Dataset& set, std::filesystem::path directory)
    : set_(set), directory_(std::move(directory)), xids_(set.base.row_count(), 0) {
  options_.dimensions = static_cast<std::uint32_t>(set.base.dim());
  options_.metric = set.metric;
  std::filesystem::remove_all(directory_);
  auto created = engine::VectorIndex::create(directory_, options_);
  check(created.status());
  index_ = std::move(created.value());
}

LiveIndex::~LiveIndex() {
  index_.reset();
  std::filesystem::remove_all(directory_);
}

void LiveIndex::build(std::span<const std::int32_t> rows, unsigned threads) {
  engine::CancelToken cancel;
  std::size_t place = 0;
  check(index_->build(
      [&](engine::VectorEntry& entry) -> engine::Result<bool> {
        if (place == rows.size()) {
          return false;
        }
        const std::int32_t row = rows[place++];
        xids_[static_cast<std::size_t>(row)] = next_xid_++;
        entry = {key_of(row), set_.base.row(static_cast<std::size_t>(row))};
        return true;
      },
      threads, cancel));
}

void LiveIndex::append(std::int32_t row) {
  xids_[static_cast<std::size_t>(row)] = next_xid_++;
  check(index_->append({key_of(row), set_.base.row(static_cast<std::size_t>(row))}));
}

void LiveIndex::remove(std::span<const std::int32_t> rows) {
  std::vector<engine::VectorKey> keys;
  for (const std::int32_t row : rows) {
    keys.push_back(key_of(row));
  }
  index_->remove(keys);
}

void LiveIndex::wait_linked() {
  engine::CancelToken cancel;
  check(index_->wait_linked(cancel));
}

void LiveIndex::search(std::size_t query, std::size_t ef, std::vector<std::int32_t>& rows) const {
  const auto search = index_->search(set_.query.row(query),
                                     {.ef_search = ef, .row_count_hint = kNeighbourCount}, see_all);
  take(*search, rows);
}

void LiveIndex::search_among(std::size_t query, std::span<const engine::RowId> among,
                             std::vector<std::int32_t>& rows) const {
  const auto search =
      index_->search(set_.query.row(query), {.row_count_hint = kNeighbourCount}, see_all);
  search->restrict_to(among);
  take(*search, rows);
}

void LiveIndex::search_matching(std::size_t query, const std::vector<bool>& matches,
                                std::vector<std::int32_t>& rows) const {
  const auto search =
      index_->search(set_.query.row(query), {.row_count_hint = kNeighbourCount},
                     [&](std::span<const engine::VectorKey> keys, std::span<std::uint8_t> visible) {
                       for (std::size_t i = 0; i < keys.size(); ++i) {
                         visible[i] = matches[keys[i].row_id - 1] ? 1 : 0;
                       }
                       return engine::Status();
                     });
  take(*search, rows);
}

void LiveIndex::take(engine::VectorSearch& search, std::vector<std::int32_t>& rows) const {
  thread_local std::vector<engine::VectorHit> hits;
  hits.clear();
  check(search.next(kNeighbourCount, hits).status());
  rows.clear();
  for (const engine::VectorHit& hit : hits) {
    rows.push_back(static_cast<std::int32_t>(hit.key.row_id) - 1);
  }
}

void LiveIndex::checkpoint() {
  check(index_->checkpoint(next_xid_));
}

void LiveIndex::close() {
  index_.reset();
}

void LiveIndex::open() {
  auto opened = engine::VectorIndex::open(directory_, options_);
  check(opened.status());
  index_ = std::move(opened.value());
}

SearchFigures search_all(const LiveIndex& index, const Dataset& judged, std::size_t ef) {
  const std::size_t query_count = judged.query.row_count();
  std::vector<std::int32_t> rows;
  std::vector<double> seconds;
  std::size_t hits = 0;
  for (std::size_t query = 0; query < query_count; ++query) {
    const double start = thread_cpu_seconds();
    index.search(query, ef, rows);
    seconds.push_back(thread_cpu_seconds() - start);
    hits += hit_count(judged, query, rows, kNeighbourCount);
  }
  const double sum = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  std::sort(seconds.begin(), seconds.end());
  const auto count = static_cast<double>(query_count);
  return {.ef = ef,
          .recall = static_cast<double>(hits) / (count * static_cast<double>(kNeighbourCount)),
          .rate = count / sum,
          .p95_us = seconds[query_count * 95 / 100] * 1e6};
}

}  // namespace omen::bench
