#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace omen::engine {

/// Memory that is freed at once: for one statement, one plan, or one batch.
///
/// Objects made by make() live until clear() or the arena's end; their destructors run then, last
/// first, unless they are trivial. clear() keeps the first block for reuse. Not thread-safe.
class Arena {
 public:
  Arena() = default;
  ~Arena() { clear(); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  template <typename T, typename... Args>
  T* make(Args&&... args) {
    T* object = ::new (allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
    if constexpr (!std::is_trivially_destructible_v<T>) {
      cleanups_.push_back({object, [](void* p) { static_cast<T*>(p)->~T(); }});
    }
    return object;
  }

  /// Uninitialised bytes. `alignment` is a power of two, at most 64.
  void* allocate(std::size_t size_bytes, std::size_t alignment = alignof(std::max_align_t));

  /// A copy of `bytes` that lives as long as the arena's content.
  std::string_view copy(std::string_view bytes) {
    if (bytes.empty()) {
      return {};
    }
    char* target = static_cast<char*>(allocate(bytes.size(), 1));
    std::memcpy(target, bytes.data(), bytes.size());
    return {target, bytes.size()};
  }

  void clear();
  /// Bytes held in blocks, for Budget accounting.
  [[nodiscard]] std::size_t size_bytes() const { return total_bytes_; }

 private:
  struct Cleanup {
    void* object;
    void (*destroy)(void*);
  };
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t capacity;
  };
  void add_block(std::size_t size_min);

  std::vector<Block> blocks_;
  std::vector<Cleanup> cleanups_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t total_bytes_ = 0;
};

}  // namespace omen::engine
