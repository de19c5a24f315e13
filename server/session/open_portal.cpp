#include "server/session/open_portal.h"

#include <algorithm>

namespace omen::server {

void OpenPortal::start(std::uint64_t row_count_max, engine::ColumnBatch& batch) {
  row_count_max_ = row_count_max;
  rows_sent_ = 0;
  suspended_ = false;
  if (own_batch_ != nullptr) {
    return;  // may hold rows
  }
  next_row_ = 0;
  if (row_count_max > 0) {
    own_batch_ = std::make_unique<engine::ColumnBatch>();
    batch_ = own_batch_.get();
  } else {
    batch.clear();
    batch_ = &batch;
  }
}

bool OpenPortal::pump(const sql::EvalContext& context, std::size_t size_max, std::string& out) {
  while (true) {
    if (row_count_max_ > 0 && rows_sent_ >= row_count_max_) {
      suspended_ = true;
      return true;
    }
    if (next_row_ >= batch_->row_count()) {
      if (exhausted_) {
        return true;
      }
      next_row_ = 0;
      if (!portal_->next(*batch_)) {
        batch_->clear();
        exhausted_ = true;
        return true;
      }
      continue;
    }
    std::size_t last = batch_->row_count();
    if (row_count_max_ > 0) {
      last = std::min<std::uint64_t>(last, next_row_ + (row_count_max_ - rows_sent_));
    }
    const std::size_t reached = write_rows(*batch_, next_row_, last, prepared_->columns(),
                                           result_formats_, context, size_max, out);
    rows_sent_ += reached - next_row_;
    next_row_ = reached;
    if (out.size() >= size_max) {
      return false;
    }
  }
}

}  // namespace omen::server
