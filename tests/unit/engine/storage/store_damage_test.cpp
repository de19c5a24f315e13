#include <fstream>
#include <map>

#include "tests/unit/engine/test_engine.h"

namespace omen::engine {
namespace {

const std::vector<PhysicalType> kItem = {PhysicalType::Int32, PhysicalType::Bytes};
using Files = std::vector<std::filesystem::path>;

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::map<std::string, std::string> content_below(const std::filesystem::path& directory) {
  std::map<std::string, std::string> content;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) {
      content[entry.path().string()] = content_of(entry.path());
    }
  }
  return content;
}

void insert_rows(TestSession& session, int first, int count) {
  for (int i = first; i < first + count; ++i) {
    session.begin();
    session.insert("items", {{integer(i), text(std::string(300, 'x'))}});
    session.commit();
  }
}

/// A directory as a killed server leaves it: eighty commits, the first twenty in
/// table files.
void make_directory(const std::filesystem::path& path) {
  const TestDirectory source;
  const auto engine = open_engine(source.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", kItem);
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  session.commit();
  insert_rows(session, 0, 20);
  check(engine->checkpoint());
  insert_rows(session, 20, 60);
  std::filesystem::copy(source.path(), path, std::filesystem::copy_options::recursive);
}

Files files_with(const std::filesystem::path& directory, const std::string& part) {
  Files files;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "store")) {
    if (entry.path().filename().string().find(part) != std::string::npos &&
        entry.file_size() > 200) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

void flip_byte(const std::filesystem::path& path, std::uintmax_t offset) {
  std::string content = content_of(path);
  content[offset] = static_cast<char>(content[offset] ^ 0x40);
  std::ofstream(path, std::ios::binary) << content;
}

void cut(const std::filesystem::path& path, std::uintmax_t bytes) {
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - bytes);
}

Status open_status(const std::filesystem::path& path) {
  EngineOptions options;
  options.data_directory = path;
  return Engine::open(options).status();
}

/// Opens twice: the second refusal says that the first changed nothing that matters; the bytes say
/// that it changed nothing at all.
void check_refused(const std::filesystem::path& path) {
  const auto before = content_below(path);
  for (int round = 0; round < 2; ++round) {
    const Status status = open_status(path);
    CHECK_FALSE(status.ok());
    CHECK((status.code() == StatusCode::Corruption || status.code() == StatusCode::IoError));
    CHECK_FALSE(status.message().empty());
    CHECK(content_below(path) == before);
  }
}

}  // namespace

TEST_CASE("a damaged store is refused and left as it is") {
  const TestDirectory directory;
  make_directory(directory.path());
  const Files logs = files_with(directory.path(), ".log");
  const Files manifests = files_with(directory.path(), "MANIFEST-");
  const Files tables = files_with(directory.path(), ".sst");
  const Files blobs = files_with(directory.path(), ".blob");
  REQUIRE(!logs.empty());
  REQUIRE(!manifests.empty());
  REQUIRE(!tables.empty());
  REQUIRE(!blobs.empty());

  SECTION("a byte in the middle of the log") {
    flip_byte(logs.back(), std::filesystem::file_size(logs.back()) / 2);
    check_refused(directory.path());
  }
  SECTION("the first byte of the log") {
    flip_byte(logs.back(), 0);
    check_refused(directory.path());
  }
  SECTION("a log cut off") {
    cut(logs.back(), 40);
    check_refused(directory.path());
  }
  SECTION("a log gone") {
    std::filesystem::remove(logs.back());
    check_refused(directory.path());
  }
  SECTION("a byte of the manifest") {
    flip_byte(manifests.back(), std::filesystem::file_size(manifests.back()) / 2);
    check_refused(directory.path());
  }
  SECTION("a manifest cut off, also between two records") {
    for (int bytes = 1; bytes < 120; bytes += 7) {
      cut(manifests.back(), 7);
      check_refused(directory.path());
    }
  }
  SECTION("a manifest gone") {
    std::filesystem::remove(manifests.back());
    check_refused(directory.path());
  }
  SECTION("CURRENT gone") {
    std::filesystem::remove(directory.path() / "store" / "CURRENT");
    check_refused(directory.path());
  }
  SECTION("the store gone") {
    std::filesystem::remove_all(directory.path() / "store");
    check_refused(directory.path());
  }
  SECTION("a table file cut off") {
    cut(tables.back(), 1);
    check_refused(directory.path());
  }
  SECTION("the end of a table file") {
    flip_byte(tables.back(), std::filesystem::file_size(tables.back()) - 4);
    check_refused(directory.path());
  }
  SECTION("a table file gone") {
    std::filesystem::remove(tables.back());
    check_refused(directory.path());
  }
}

TEST_CASE("a log that ends in the middle of an unsynced record is opened") {
  const TestDirectory directory;
  make_directory(directory.path());
  {
    std::ofstream log(files_with(directory.path(), ".log").back(), std::ios::app);
    log << std::string("\x12\x34\x56\x78\x80\x00\x01torn", 11);
  }
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  CHECK(session.scan("items", {0}).size() == 80);
}

TEST_CASE("a store is opened again after a clean stop and after several crashes") {
  const TestDirectory directory;
  make_directory(directory.path());
  for (int round = 0; round < 3; ++round) {
    const auto engine = open_engine(directory.path());
    TestSession session(*engine);
    session.begin();
    CHECK(session.scan("items", {0}).size() == static_cast<std::size_t>(80 + round));
    session.commit();
    insert_rows(session, 1000 + round, 1);
    if (round == 1) {
      check(engine->checkpoint());
    }
  }
}

}  // namespace omen::engine
