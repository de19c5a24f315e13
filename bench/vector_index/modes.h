#pragma once

#include "bench/vector_index/report.h"

namespace omen::bench {

/// `churn_rounds` rounds that remove a fifth of the rows and add as many others; then a fresh build
/// of the same rows.
Report churn(const Options& options, const Dataset& set);

/// Half of the rows are built, the other half is appended while another thread searches.
Report ingest(const Options& options, const Dataset& set);

/// Searches under conditions that a thousandth to a half of the rows meet, at random or clustered.
Report filter(const Options& options, const Dataset& set);

/// A checkpoint is closed and opened, with its files in the page cache and without.
Report restart(const Options& options, const Dataset& set);

}  // namespace omen::bench
