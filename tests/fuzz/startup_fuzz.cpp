// The first packet of a connection, and the start-up parameter `options`.
#include <algorithm>
#include <cstdlib>

#include "tests/fuzz/harness.h"
#include "protocol/messages/startup.h"
#include "protocol/wire/frame_assembler.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(omen::protocol::decode_startup(as_view(data, size)));
  omen::protocol::FrameAssembler assembler;
  const auto room = assembler.prepare();
  const std::size_t count = std::min(room.size(), size);
  std::copy_n(data, count, room.data());
  assembler.commit(count);
  auto frame = assembler.next_startup();
  if (frame.ok() && frame.value() &&
      frame.value()->body.size() > omen::protocol::kStartupPacketBytesMax) {
    std::abort();
  }
  return 0;
}
