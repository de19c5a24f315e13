#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace omen::engine {

/// A value of an indexed column as it is stored (engine/base/vector_forms.h), borrowed, aligned to
/// 4 bytes. Floats are their own stored form.
class VectorValue {
 public:
  VectorValue() = default;
  VectorValue(const void* data, std::size_t size_bytes)
      : data_(static_cast<const unsigned char*>(data)), size_bytes_(size_bytes) {}
  VectorValue(std::span<const float> floats)  // NOLINT(google-explicit-constructor): see above
      : VectorValue(floats.data(), floats.size_bytes()) {}
  VectorValue(const std::vector<float>& floats)  // NOLINT(google-explicit-constructor)
      : VectorValue(std::span<const float>(floats)) {}
  explicit VectorValue(std::string_view bytes) : VectorValue(bytes.data(), bytes.size()) {}

  [[nodiscard]] const unsigned char* data() const { return data_; }
  [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] std::string_view bytes() const {
    return {reinterpret_cast<const char*>(data_), size_bytes_};
  }
  /// The elements of a stored form that is nothing but an array of `T`.
  template <typename T>
  [[nodiscard]] std::span<const T> as() const {
    return {reinterpret_cast<const T*>(data_), size_bytes_ / sizeof(T)};
  }
  /// No value, as against an empty one.
  friend bool operator==(const VectorValue& value, std::nullptr_t) {
    return value.data_ == nullptr;
  }

 private:
  const unsigned char* data_ = nullptr;
  std::size_t size_bytes_ = 0;
};

}  // namespace omen::engine
