#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/vector/checkpoint_format.h"
#include "engine/vector/generation.h"

namespace omen::engine {

/// What the arrays of a generation look like in the files: slots as they were when they were
/// copied, vectors to be compared with their checksums, links only between nodes that were linked
/// then. Slots must be copied before nodes and upper lists.
///
/// **Threads:** one; searches, writers and linkers may run. A slot that was filled when it was
/// copied keeps code and vector for the rest of the checkpoint (it is not reused before a later one
/// is durable); what else changes meanwhile is marked and comes with the next.
class CheckpointImage {
 public:
  enum State : std::uint8_t { kEmpty, kFilled, kLinked };
  using States = std::vector<State>;

  /// Codes made from here on are for the next checkpoint. `states`: as the last one left them.
  CheckpointImage(Generation& generation, States states)
      : generation_(generation), space_(generation.space()), states_(std::move(states)) {}
  /// Of all slots, as they were copied.
  States take_states() { return std::move(states_); }

  /// The codes' parameters, or null.
  [[nodiscard]] const CodeSpace* space() const { return space_; }

  [[nodiscard]] Generation& generation() const { return generation_; }
  [[nodiscard]] UnitMarks& marks(CheckpointArray array) const;
  [[nodiscard]] ArrayShape shape(CheckpointArray array) const {
    return array_shape(array, generation_.nodes().layout());
  }
  /// Entries of an array now; of nodes none before there are codes.
  [[nodiscard]] std::uint32_t count(CheckpointArray array) const;

  /// Takes the states of all slots as they are, before marks are taken: for a generation of which
  /// only what is marked will be copied.
  void load_states();
  /// Unit number `unit` of an array of `count` entries, to `bytes`.
  void copy(CheckpointArray array, std::uint32_t unit, std::uint32_t count,
            std::vector<unsigned char>& bytes);
  /// The entry, or if that was not linked, the best of the nodes that were.
  [[nodiscard]] GraphEntry entry() const;

 private:
  void copy_entries(SlotTable& table, std::uint32_t begin, std::uint32_t end, unsigned char* bytes,
                    bool nulls);
  void copy_upper(std::uint32_t begin, std::uint32_t end, unsigned char* bytes);
  void copy_node(std::uint32_t slot, unsigned char* bytes);
  static State state_of(std::uint32_t flags);
  [[nodiscard]] bool linked(std::uint32_t slot) const {
    return slot < states_.size() && states_[slot] == kLinked;
  }

  Generation& generation_;
  const CodeSpace* const space_;
  States states_;
};

}  // namespace omen::engine
