#include "sql/session/settings/settings.h"

#include <catch2/catch.hpp>

#include "sql/error/sql_error.h"

using omen::sql::Settings;
using omen::sql::SqlError;

namespace {

std::string failure(Settings& settings, const char* name, const char* value) {
  try {
    settings.set(name, value, {});
  } catch (const SqlError& error) {
    return std::string(error.diagnostic().sqlstate) + " " + error.diagnostic().message;
  }
  return "";
}

}  // namespace

TEST_CASE("SHOW prints the largest unit that divides a value") {
  Settings settings;
  settings.set("work_mem", "65536", {});
  CHECK(settings.show("work_mem") == "64MB");
  settings.set("work_mem", "65kB", {});
  CHECK(settings.show("work_mem") == "65kB");
  settings.set("statement_timeout", "1.5s", {});
  CHECK(settings.show("STATEMENT_TIMEOUT") == "1500ms");
  settings.set("statement_timeout", "0", {});
  CHECK(settings.show("statement_timeout") == "0");
}

TEST_CASE("values out of range and of the wrong kind get PostgreSQL's texts") {
  Settings settings;
  CHECK(failure(settings, "hnsw.ef_search", "5000") ==
        "22023 5000 is outside the valid range for parameter \"hnsw.ef_search\" (1 .. 1000)");
  CHECK(failure(settings, "work_mem", "1kB") ==
        "22023 1 kB is outside the valid range for parameter \"work_mem\" (64 .. 2147483647)");
  CHECK(failure(settings, "hnsw.ef_search", "abc") ==
        "22023 invalid value for parameter \"hnsw.ef_search\": \"abc\"");
  CHECK(failure(settings, "enable_sort", "maybe") ==
        "22023 parameter \"enable_sort\" requires a Boolean value");
  CHECK(failure(settings, "nope", "1") == "42704 unrecognized configuration parameter \"nope\"");
  CHECK(failure(settings, "hnsw.nope", "1") ==
        "42602 invalid configuration parameter name \"hnsw.nope\"");
  CHECK(failure(settings, "server_version", "16") ==
        "55P02 parameter \"server_version\" cannot be changed");
}

TEST_CASE("a setting changed in a transaction follows it") {
  Settings settings;
  settings.set("work_mem", "8MB", {});
  settings.commit();

  settings.set("work_mem", "16MB", {});
  settings.set("work_mem", "32MB", {.is_local = true});
  CHECK(settings.show("work_mem") == "32MB");
  SECTION("commit keeps SET and drops SET LOCAL") {
    settings.commit();
    CHECK(settings.show("work_mem") == "16MB");
  }
  SECTION("rollback restores what held before") {
    settings.rollback();
    CHECK(settings.show("work_mem") == "8MB");
  }
  SECTION("a savepoint restores what held at it") {
    const std::size_t mark = settings.mark();
    settings.set("work_mem", "64MB", {});
    settings.rollback_to(mark);
    CHECK(settings.show("work_mem") == "32MB");
    settings.commit();
    CHECK(settings.show("work_mem") == "16MB");
  }
}

TEST_CASE("RESET goes back to the start-up value") {
  Settings settings;
  settings.set_initial("extra_float_digits", "3");
  settings.set("extra_float_digits", "0", {});
  settings.reset_all();
  CHECK(settings.show("extra_float_digits") == "3");
}

TEST_CASE("reported settings are told once and again when they change") {
  Settings settings;
  CHECK(settings.take_reported().size() == 13);
  CHECK(settings.take_reported().empty());
  settings.set("application_name", "test", {});
  settings.set("work_mem", "8MB", {});
  const auto changed = settings.take_reported();
  REQUIRE(changed.size() == 1);
  CHECK(changed[0] == std::pair<std::string, std::string>("application_name", "test"));
}

TEST_CASE("DateStyle changes in part") {
  Settings settings;
  settings.set("DateStyle", "dmy", {});
  CHECK(settings.show("datestyle") == "ISO, DMY");
  settings.set("DateStyle", "SQL", {});
  CHECK(settings.show("datestyle") == "SQL, DMY");
}

TEST_CASE("encodings other than UTF-8 are refused, however it is spelled it is accepted") {
  Settings settings;
  settings.set("client_encoding", "'utf-8'", {});
  CHECK(settings.show("client_encoding") == "UTF8");
  CHECK(failure(settings, "client_encoding", "latin1").starts_with("0A000"));
  CHECK(failure(settings, "client_encoding", "nope").starts_with("22023"));
}

TEST_CASE("dotted names that nobody defined are custom settings") {
  Settings settings;
  CHECK_FALSE(settings.show("app.user").has_value());
  settings.set("app.user", "7", {});
  CHECK(settings.show("app.user") == "7");
}
