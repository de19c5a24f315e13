#include "server/config/config.h"

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "server/config/command_line.h"
#include "server/config/text.h"

namespace omen::server {

TEST_CASE("flags count more than the environment, the environment more than the file") {
  const auto path = std::filesystem::temp_directory_path() / "omendb_config_test.conf";
  std::ofstream(path) << "# a comment\nport = 1111\nmax_connections = 11 # another\n"
                         "data_directory = '/tmp/it''s here'\n";
  auto command_line = parse_command_line(
      {"serve", "--config", path.c_str(), "--port=3333", "--set", "log_level=debug"});
  REQUIRE(command_line.ok());
  Config config;
  const std::array<const char*, 4> environment = {"OMENDB_PORT=2222", "OMENDB_MAX_CONNECTIONS=22",
                                                  "HOME=/", nullptr};
  const auto status = load_config(command_line.value(), environment.data(), config);
  std::filesystem::remove(path);
  INFO(status.message());
  REQUIRE(status.ok());
  CHECK(config.port == 3333);
  CHECK(config.max_connections == 22);
  CHECK(config.data_directory == "/tmp/it's here");
  CHECK(config.log_level == "debug");
}

TEST_CASE("unknown names are errors wherever they stand") {
  Config config;
  CHECK(set_config(config, "prot", "1").message() == "unrecognized server setting \"prot\"");
  const std::array<std::string_view, 1> environment = {"OMENDB_PROT=1"};
  CHECK_FALSE(load_config_environment(config, environment).ok());
  CHECK_FALSE(parse_command_line({"serve", "--prot", "1"}).ok());
  CHECK_FALSE(parse_command_line({"server"}).ok());
  CHECK_FALSE(load_config_file(config, "/nonexistent/omendb.conf").ok());
}

TEST_CASE("values are checked at their limits") {
  Config config;
  CHECK(set_config(config, "port", "65535").ok());
  CHECK_FALSE(set_config(config, "port", "65536").ok());
  CHECK_FALSE(set_config(config, "port", "0").ok());
  CHECK_FALSE(set_config(config, "port", "12x").ok());
  CHECK_FALSE(set_config(config, "log_level", "loud").ok());
  CHECK_FALSE(set_config(config, "auth_loopback", "md5").ok());
  CHECK_FALSE(set_config(config, "listen_addresses", " , ").ok());
  CHECK(set_config(config, "block_cache_size", "64MB").ok());
  CHECK(config.block_cache_bytes == std::size_t{64} << 20);
  CHECK_FALSE(set_config(config, "block_cache_size", "64XB").ok());
}

TEST_CASE("environment variables have short names for data and listen") {
  Config config;
  const std::array<std::string_view, 3> environment = {"OMENDB_DATA=/var/x", "OMENDB_LISTEN=*",
                                                       "OMENDBX=1"};
  REQUIRE(load_config_environment(config, environment).ok());
  CHECK(config.data_directory == "/var/x");
  CHECK(config.listen_addresses == std::vector<std::string>{"*"});
}

TEST_CASE("start-up options are split into settings") {
  auto options = parse_options("-c hnsw.ef_search=100 -cjit=off --work-mem=4MB -c a=b\\ c");
  REQUIRE(options.ok());
  using Pair = std::pair<std::string, std::string>;
  CHECK(options.value() ==
        std::vector<Pair>{
            {"hnsw.ef_search", "100"}, {"jit", "off"}, {"work_mem", "4MB"}, {"a", "b c"}});
  CHECK(parse_options("").value().empty());
  CHECK_FALSE(parse_options("-c").ok());
  CHECK_FALSE(parse_options("-c novalue").ok());
  CHECK_FALSE(parse_options("-x y=z").ok());
}

TEST_CASE("durations are read as SHOW prints them") {
  CHECK(parse_duration_ms("0") == 0);
  CHECK(parse_duration_ms("250ms") == 250);
  CHECK(parse_duration_ms("5s") == 5000);
  CHECK(parse_duration_ms("2min") == 120'000);
  CHECK(parse_duration_ms("1h") == 3'600'000);
  CHECK(parse_duration_ms("nonsense") == 0);
}

}  // namespace omen::server
