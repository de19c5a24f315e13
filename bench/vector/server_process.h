#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace omen::bench {

/// `omendb serve` as a child process on a data folder and a port of its own. The destructor kills
/// it and deletes the folder. Throws std::runtime_error.
class ServerProcess {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ServerProcess(std::filesystem::path program);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;

  /// Returns at once; the time is that just before exec.
  Clock::time_point start();
  /// Asks for an orderly end and waits for it; returns how long that took.
  double stop_seconds();
  /// kill -9.
  void kill();
  /// Lets the kernel forget what it caches of the data folder, as far as it does so on request.
  void drop_file_cache() const;
  [[nodiscard]] bool is_alive();
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  void wait();

  std::filesystem::path program_;
  std::filesystem::path folder_;
  int port_ = 0;
  std::string url_;
  pid_t pid_ = -1;
};

}  // namespace omen::bench
