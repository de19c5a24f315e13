#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "engine/kernels/kernel_choice.h"
#include "server/config/command_line.h"
#include "server/server.h"

namespace {

using omen::engine::Status;

void set_up_log(const std::string& level) {
  auto logger = spdlog::stderr_color_mt("omendb");
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e [%P] %^%l%$ %v");
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

int fail(const Status& status) {
  fmt::print(stderr, "omendb: {}\n", status.message());
  return EXIT_FAILURE;
}

int serve(const omen::server::CommandLine& command_line) {
  omen::server::Config config;
  if (const Status status = load_config(command_line, environ, config); !status.ok()) {
    return fail(status);
  }
  if (const Status status = omen::engine::check_kernel_choice(); !status.ok()) {
    return fail(status);
  }
  set_up_log(config.log_level);
  std::signal(SIGPIPE, SIG_IGN);
  auto server = omen::server::Server::open(config);
  if (!server.ok()) {
    spdlog::error("{}", server.status().message());
    return EXIT_FAILURE;
  }
  if (const Status status = server.value()->run(); !status.ok()) {
    spdlog::error("{}", status.message());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto command_line = omen::server::parse_command_line({argv + 1, argv + argc});
    if (!command_line.ok()) {
      return fail(command_line.status());
    }
    switch (command_line.value().command) {
      case omen::server::Command::Help:
        fmt::print("{}", omen::server::usage());
        return EXIT_SUCCESS;
      case omen::server::Command::Version:
        fmt::print("omendb {}\n", OMEN_VERSION);
        return EXIT_SUCCESS;
      case omen::server::Command::Serve:
        return serve(command_line.value());
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "omendb: %s\n", error.what());
  }
  return EXIT_FAILURE;
}
