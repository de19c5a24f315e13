#pragma once

#include <rocksdb/env.h>
#include <spdlog/spdlog.h>

#include <cstdarg>
#include <cstdio>

namespace omen::engine {

/// RocksDB's own words go to the server's log: a file of them in the store would be a change to a
/// directory that may yet be refused.
class ForwardingLogger final : public rocksdb::Logger {
 public:
  ForwardingLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using rocksdb::Logger::Logv;
  void LogHeader(const char* /*format*/, va_list /*arguments*/) override {}
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level == rocksdb::InfoLogLevel::HEADER_LEVEL) {
      return;
    }
    char line[1024];
    std::vsnprintf(line, sizeof line, format, arguments);
    spdlog::log(
        level == rocksdb::InfoLogLevel::WARN_LEVEL ? spdlog::level::info : spdlog::level::warn,
        "storage: {}", line);
  }
};

}  // namespace omen::engine
