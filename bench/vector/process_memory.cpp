#include "bench/vector/process_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace omen::bench {
namespace {

namespace fs = std::filesystem;

/// Socket inodes that listen on the port, as /proc/PID/fd shows them.
std::set<std::string> listening_sockets(int port) {
  std::set<std::string> out;
  const std::string wanted = fmt::format(":{:04X}", port);
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in(table);
    std::string line;
    while (std::getline(in, line)) {
      std::istringstream words(line);
      std::vector<std::string> columns;
      for (std::string word; words >> word;) {
        columns.push_back(word);
      }
      constexpr const char* kListen = "0A";
      if (columns.size() > 9 && columns[1].ends_with(wanted) && columns[3] == kListen) {
        out.insert("socket:[" + columns[9] + "]");
      }
    }
  }
  return out;
}

std::vector<int> process_ids() {
  std::vector<int> out;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      out.push_back(std::stoi(name));
    }
  }
  return out;
}

bool owns_one_of(int process, const std::set<std::string>& sockets) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fmt::format("/proc/{}/fd", process), error)) {
    const fs::path link = fs::read_symlink(entry.path(), error);
    if (!error && sockets.contains(link.string())) {
      return true;
    }
  }
  return false;
}

/// A "Name:   123 ..." line of a /proc file; 0 if absent.
std::int64_t proc_field(const std::string& path, const std::string& name) {
  std::ifstream in(path);
  std::string word;
  while (in >> word) {
    if (word == name) {
      std::int64_t value = 0;
      in >> value;
      return value;
    }
  }
  return 0;
}

}  // namespace

std::int64_t server_memory_bytes(int port) {
  const std::set<std::string> sockets = listening_sockets(port);
  std::map<int, int> parents;
  std::set<int> members;
  for (const int process : process_ids()) {
    parents[process] =
        static_cast<int>(proc_field(fmt::format("/proc/{}/status", process), "PPid:"));
    // A child inherits the listening socket: the sum below counts each process once either way.
    if (!sockets.empty() && owns_one_of(process, sockets)) {
      members.insert(process);
    }
  }
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& [process, parent] : parents) {
      grown = (members.contains(parent) && members.insert(process).second) || grown;
    }
  }
  std::int64_t sum = 0;
  for (const int process : members) {
    sum += proc_field(fmt::format("/proc/{}/smaps_rollup", process), "Pss:") * 1024;
  }
  return sum;
}

}  // namespace omen::bench
