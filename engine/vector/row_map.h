#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/types.h"
#include "engine/vector/reserved_array.h"

namespace omen::engine {

/// From a row id to the row's entries, newest first: a radix tree of pages, eight bits of the row
/// id a level, as high as the largest row id needs, and one word an entry that names the next older
/// entry of its row. A look-up is two or three dependent loads. Dense row ids cost 4 bytes each,
/// one that is far from all others a leaf of 1 KB and a page of 2 KB a level: pages exist where
/// needed.
///
/// An entry is a slot number, or the number of a NULL entry with kNullEntry set.
///
/// **Threads:** insert() and erase() by one thread at a time. newest() and previous() by any beside
/// them, without locks: a pointer or word is published with a release store once what it leads to
/// is there. Pages that erase() gives back, and entries it took out, may still be under the eyes of
/// readers that began before; who owns the map keeps them until those have ended (ReaderEpochs).
class RowMap {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr std::uint32_t kNullEntry = std::uint32_t{1} << 31;

  /// A part of the tree, for erase() to give back.
  class Page {
   public:
    Page() = default;
    virtual ~Page() = default;
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;
    std::uint32_t used = 0;  ///< cells in use; the writer's
  };
  using Pages = std::vector<std::unique_ptr<Page>>;

  static Result<RowMap> create(std::size_t entries_max);
  RowMap() = default;
  ~RowMap();
  RowMap(RowMap&& other) noexcept { *this = std::move(other); }
  RowMap& operator=(RowMap&& other) noexcept;

  /// The row's entry with the highest xid, or kNone.
  [[nodiscard]] std::uint32_t newest(RowId row_id) const;
  /// The next older entry of the same row, or kNone.
  [[nodiscard]] std::uint32_t previous(std::uint32_t entry) const {
    return previous_of(entry).load(std::memory_order_acquire) - 1;
  }

  /// Adds an entry; `xid_of` says the xid of it and of any entry of the same row.
  template <typename XidOf>
  void insert(std::uint32_t entry, RowId row_id, const XidOf& xid_of) {
    std::atomic<std::uint32_t>* head = &cell(row_id);
    std::uint32_t older = head->load(std::memory_order_relaxed);
    if (older == 0) {
      count_cell(row_id);
    }
    if (older == 0 || xid_of(older - 1) <= xid_of(entry)) {
      set_previous(entry, older);
      head->store(entry + 1, std::memory_order_release);
      return;
    }
    while (true) {
      std::atomic_ref<std::uint32_t> link = previous_of(older - 1);
      older = link.load(std::memory_order_relaxed);
      if (older == 0 || xid_of(older - 1) <= xid_of(entry)) {
        set_previous(entry, older);
        link.store(entry + 1, std::memory_order_release);
        return;
      }
    }
  }

  /// Takes an entry out, if it is in; its previous() stays as it is. Pages that became empty are
  /// added to `unused`.
  void erase(std::uint32_t entry, RowId row_id, Pages& unused);

  /// Memory in use by the tree, and by the chains: what rows with several entries touched.
  [[nodiscard]] std::uint64_t page_bytes() const {
    return page_bytes_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t chain_bytes() const {
    return std::min(chained_.load(std::memory_order_relaxed) * kTouchedBytes,
                    chain_end_.load(std::memory_order_relaxed) * sizeof(std::uint32_t));
  }

 private:
  static constexpr unsigned kBits = 8;
  static constexpr std::size_t kFanout = std::size_t{1} << kBits;
  static constexpr unsigned kHeightMax = 64 / kBits;

  struct Leaf;
  struct Inner;
  /// The way from the root to a leaf, for the writer.
  struct Path {
    Inner* inner[kHeightMax] = {};
    Leaf* leaf = nullptr;
  };

  [[nodiscard]] std::atomic_ref<std::uint32_t> previous_of(std::uint32_t entry) const;
  void set_previous(std::uint32_t entry, std::uint32_t older);
  [[nodiscard]] bool find(RowId row_id, Path& path) const;
  std::atomic<std::uint32_t>& cell(RowId row_id);
  void count_cell(RowId row_id);

  /// Address of the root page, and in its low bits how many levels of inner pages there are.
  std::atomic<std::uintptr_t> root_{0};
  ReservedArray previous_slots_;  ///< 0: none, else entry + 1
  ReservedArray previous_nulls_;
  static constexpr std::uint64_t kTouchedBytes = 4096;  ///< by the first word on a page
  std::atomic<std::uint64_t> page_bytes_{0};
  std::atomic<std::uint64_t> chained_{0};    ///< words of the chains written
  std::atomic<std::uint64_t> chain_end_{0};  ///< behind the last of them
};

}  // namespace omen::engine
