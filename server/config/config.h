#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace omen::server {

/// Who may connect from this machine without a password.
enum class AuthLoopback : std::uint8_t {
  Trust,  ///< everybody
  Scram,  ///< roles without a password; the others prove theirs
};

/// How this server process was told to run. Fixed after start-up.
struct Config {
  std::filesystem::path data_directory = "./data";
  std::filesystem::path config_file;  ///< read at the start; empty: none
  std::uint16_t port = 5433;
  std::vector<std::string> listen_addresses = {"127.0.0.1", "::1"};
  std::uint32_t max_connections = 100;
  std::string log_level = "info";
  AuthLoopback auth_loopback = AuthLoopback::Trust;
  std::uint32_t authentication_timeout_s = 60;
  std::uint32_t shutdown_timeout_s = 5;  ///< how long a stop lets statements finish
  std::uint32_t worker_threads = 0;      ///< 0: one for each CPU
  std::uint32_t background_threads = 2;
  std::size_t block_cache_bytes = std::size_t{256} << 20;
  std::size_t memtable_bytes = std::size_t{64} << 20;
};

/// A setting of the server process, for --help and the documentation.
struct ConfigEntry {
  std::string_view name;
  std::string_view description;
};
std::span<const ConfigEntry> config_entries();

/// Sets one by name. InvalidArgument for an unknown name or a value that is none.
engine::Status set_config(Config& config, std::string_view name, std::string_view value);

/// Reads `name = value` lines; `#` starts a comment, values may stand in single quotes.
engine::Status load_config_file(Config& config, const std::filesystem::path& path);

/// Applies `OMENDB_PORT=...` and the like; OMENDB_DATA is data_directory, OMENDB_LISTEN is
/// listen_addresses. `environment` are NAME=value strings; names without the prefix are passed
/// over.
engine::Status load_config_environment(Config& config,
                                       std::span<const std::string_view> environment);

}  // namespace omen::server
