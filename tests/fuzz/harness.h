#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Each harness is one function; libFuzzer calls it with invented bytes, replay.cpp with its
/// corpus.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

inline std::string_view as_view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}
