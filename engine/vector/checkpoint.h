#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "engine/vector/checkpoint_file.h"
#include "engine/vector/checkpoint_image.h"
#include "engine/vector/generation.h"

namespace omen::engine {

/// Which files the last durable checkpoint consists of.
struct CheckpointState {
  std::uint64_t generation = 0;
  std::uint64_t base = 0;  ///< 0: none
  std::uint64_t base_bytes = 0;
  std::uint64_t delta_bytes = 0;
};

/// Writes checkpoints: mostly what has changed since the last one, at the end of a delta file; once
/// that has grown to a quarter of the base, all of it to a new base. Either way nothing that the
/// last checkpoint needs is touched, and the new one counts from the renaming of a small header: a
/// crash at any moment leaves the one or the other whole. Formats: docs/vector-index.md.
///
/// **Threads:** one at a time; the index may be written and searched meanwhile: what is appended
/// after the call began may or may not be in it.
class CheckpointWriter {
 public:
  /// `state`: of the checkpoint that was opened.
  CheckpointWriter(std::filesystem::path directory, const CheckpointState& state)
      : directory_(std::move(directory)), state_(state), last_base_(state.base) {}

  /// `base_allowed`: all that was mapped from the last base is known to be whole.
  Status write(Generation& generation, Xid cursor, bool base_allowed, CancelToken& cancel);
  /// Of the last durable checkpoint.
  [[nodiscard]] const CheckpointState& state() const { return state_; }

 private:
  Status write_base(CheckpointImage& image, CheckpointHeader& header, CancelToken& cancel);
  /// Marks that a delta took away, by array.
  using Taken = std::array<std::vector<std::uint32_t>, kArrayCount>;
  Status write_delta(CheckpointImage& image, CheckpointHeader& header, Taken& taken,
                     CancelToken& cancel) const;
  /// What of an attempt that failed must come with the next one.
  static void give_back(const CheckpointImage& image, const Taken& taken);
  Status commit(const CheckpointImage& image, CheckpointHeader& header, CancelToken& cancel);
  [[nodiscard]] bool wants_base(const CheckpointImage& image) const;

  const std::filesystem::path directory_;
  CheckpointState state_;
  /// Of an attempt, also of one that failed: it may have become durable nevertheless.
  std::uint64_t last_base_;
  CheckpointImage::States states_;  ///< of the slots of generation states_of_
  std::uint64_t states_of_ = 0;
  /// A base failed, so that marks do not tell what has changed. Only what is known to be whole is
  /// ever written to a base, so the next one may be.
  bool marks_lost_ = false;
};

struct OpenedCheckpoint {
  std::shared_ptr<Generation> generation;
  Xid cursor = 0;
  CheckpointState state;
  /// Units that came from the delta file, by array: what the base holds in their place is void.
  std::vector<bool> replaced[kArrayCount];
};

/// Maps the checkpoint in `directory`. NotFound if there is none, Corruption if it is torn,
/// damaged, of another version or of other options. Everything is verified but node blocks and
/// upper lists (verify_graph()) and vectors (each against its checksum when first used).
Result<OpenedCheckpoint> read_checkpoint(const std::filesystem::path& directory,
                                         const VectorIndexOptions& options);

/// Compares upper lists and node blocks in the base file with their checksums, where `opened` still
/// uses them. Corruption if they differ; Ok if the file is gone.
Status verify_graph(const std::filesystem::path& directory, const OpenedCheckpoint& opened,
                    CancelToken& cancel);

std::filesystem::path base_name(std::uint64_t number);
std::filesystem::path delta_name(std::uint64_t number);
/// Deletes all files of checkpoints but those of `state`, and vector files of generations before
/// its own or, with `all_others`, of all other generations.
void delete_other_files(const std::filesystem::path& directory, const CheckpointState& state,
                        bool all_others);

}  // namespace omen::engine
