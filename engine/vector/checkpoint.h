#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "engine/vector/generation.h"

namespace omen::engine {

/// Writes what `generation` holds now to a file of its own, durably, and then puts it in the place
/// of the last checkpoint (rename): a crash at any moment leaves the one or the other whole. Takes
/// writes while it runs; what is appended meanwhile may or may not be in it. See README.md for the
/// format.
Status write_checkpoint(const std::filesystem::path& directory, Generation& generation, Xid cursor);

struct OpenedCheckpoint {
  std::shared_ptr<Generation> generation;
  Xid cursor = 0;
};

/// Maps the checkpoint in `directory`. NotFound if there is none, Corruption if it is torn,
/// damaged, of another version or of other options. Everything is verified but node blocks
/// (verify_blocks()) and vectors (each against its checksum when first used).
Result<OpenedCheckpoint> read_checkpoint(const std::filesystem::path& directory,
                                         const VectorIndexOptions& options);

/// Compares the node blocks in the checkpoint file, opened apart, with their checksums. Corruption
/// if they differ; Ok if another checkpoint has taken its place.
Status verify_blocks(const std::filesystem::path& directory, std::uint64_t generation_number,
                     CancelToken& cancel);

/// Deletes the vector files of generations before `number`.
void delete_older_files(const std::filesystem::path& directory, std::uint64_t number);
/// Deletes the vector files of all generations but `number`, and unfinished checkpoints.
void delete_other_files(const std::filesystem::path& directory, std::uint64_t number);

}  // namespace omen::engine
