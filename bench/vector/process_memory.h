#pragma once

#include <cstdint>

namespace omen::bench {

/// Memory of the local process that listens on a TCP port, with its children: the sum of their
/// proportional set sizes, so that memory shared between them counts once. 0 if it cannot be known
/// (the server is elsewhere, or belongs to another user). Linux.
std::int64_t server_memory_bytes(int port);

}  // namespace omen::bench
