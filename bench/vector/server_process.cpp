#include "bench/vector/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace omen::bench {
namespace {

int free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool found = probe >= 0 && ::bind(probe, generic, length) == 0 &&
                     ::getsockname(probe, generic, &length) == 0;
  ::close(probe);
  if (!found) {
    throw std::runtime_error("no free port");
  }
  return ntohs(address.sin_port);
}

}  // namespace

ServerProcess::ServerProcess(std::filesystem::path program)
    : program_(std::move(program)), port_(free_port()) {
  std::string name = (std::filesystem::temp_directory_path() / "omendb-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("cannot make a data folder");
  }
  folder_ = name;
  url_ = fmt::format("postgresql://postgres@127.0.0.1:{}/postgres", port_);
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

ServerProcess::Clock::time_point ServerProcess::start() {
  const std::string data = (folder_ / "db").string();
  const std::string port = std::to_string(port_);
  const std::string log = (folder_ / "log").string();
  const Clock::time_point now = Clock::now();
  pid_ = ::fork();
  if (pid_ == 0) {
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    ::execl(program_.c_str(), program_.c_str(), "serve", "--data", data.c_str(), "--port",
            port.c_str(), nullptr);
    std::_Exit(127);
  }
  if (pid_ < 0) {
    throw std::runtime_error("cannot start " + program_.string());
  }
  return now;
}

void ServerProcess::wait() {
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

double ServerProcess::stop_seconds() {
  const Clock::time_point start = Clock::now();
  ::kill(pid_, SIGTERM);
  wait();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void ServerProcess::kill() {
  ::kill(pid_, SIGKILL);
  wait();
}

bool ServerProcess::is_alive() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) {
    pid_ = -1;
  }
  return pid_ > 0;
}

void ServerProcess::drop_file_cache() const {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    if (!entry.is_regular_file()) {
      continue;
    }
    const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
      ::fdatasync(file);  // what is not written yet stays cached
      ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
      ::close(file);
    }
  }
}

}  // namespace omen::bench
