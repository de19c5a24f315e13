#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "bench/common/conditions.h"
#include "bench/common/dataset.h"
#include "engine/vector/vector_index.h"

namespace omen::bench {

/// Throws std::runtime_error if `status` is not ok.
void check(const engine::Status& status);

/// OmenDB's index over rows of a data set that come and go. What the modes measure that peers have
/// no counterpart for.
///
/// **Threads:** search() and append() at once; everything else alone.
class LiveIndex {
 public:
  /// An empty index in `directory`, which is deleted with this.
  LiveIndex(const Dataset& set, std::filesystem::path directory);
  ~LiveIndex();
  LiveIndex(const LiveIndex&) = delete;
  LiveIndex& operator=(const LiveIndex&) = delete;

  void build(std::span<const std::int32_t> rows, unsigned threads);
  /// A row that was removed may come again.
  void append(std::int32_t row);
  void remove(std::span<const std::int32_t> rows);
  void wait_linked();
  /// Nearest rows of a query; `ef` 0: untouched.
  void search(std::size_t query, std::size_t ef, std::vector<std::int32_t>& rows) const;
  /// As search(), untouched, among the rows that `matches` is true for, asked row by row.
  void search_matching(std::size_t query, const std::vector<bool>& matches,
                       std::vector<std::int32_t>& rows) const;
  /// The same, the index being given the rows at once.
  void search_among(std::size_t query, std::span<const engine::RowId> among,
                    std::vector<std::int32_t>& rows) const;
  /// Closes the index after a checkpoint, and opens it again.
  void checkpoint();
  void close();
  void open();

  [[nodiscard]] engine::VectorIndexStatistics statistics() const { return index_->statistics(); }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  void take(engine::VectorSearch& search, std::vector<std::int32_t>& rows) const;
  [[nodiscard]] engine::VectorKey key_of(std::int32_t row) const {
    return {static_cast<engine::RowId>(row) + 1, xids_[static_cast<std::size_t>(row)]};
  }

  const Dataset& set_;
  std::filesystem::path directory_;
  engine::VectorIndexOptions options_;
  std::vector<engine::Xid> xids_;  ///< of each row's newest version
  engine::Xid next_xid_ = 1;
  std::unique_ptr<engine::VectorIndex> index_;
};

/// Recall@10, rate and 95th percentile of all queries of `judged` at `ef`, on this thread.
struct SearchFigures {
  std::size_t ef = 0;
  double recall = 0;
  double rate = 0;  ///< queries a second of CPU time
  double p95_us = 0;
};
SearchFigures search_all(const LiveIndex& index, const Dataset& judged, std::size_t ef);

}  // namespace omen::bench
