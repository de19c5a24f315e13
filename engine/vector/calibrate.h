#pragma once

#include <memory>

#include "engine/base/cancel_token.h"
#include "engine/vector/generation.h"

namespace omen::engine {

/// Measures recall@10 of a linked generation at each of Calibration's steps, with rows of its own
/// as queries (each leaving itself out) against a scan of all codes with exact re-ranking, and
/// stores it in the generation. Rows are easier than strangers: their neighbours link to them. So
/// the share missed is taken as kStrangerFactor times what rows miss.
Status calibrate(const std::shared_ptr<Generation>& generation, CancelToken& cancel);

}  // namespace omen::engine
