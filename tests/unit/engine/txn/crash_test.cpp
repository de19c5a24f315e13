#include <sys/wait.h>

#include "tests/unit/engine/test_engine.h"

namespace omen::engine {
namespace {

const std::vector<PhysicalType> kItem = {PhysicalType::Int32, PhysicalType::Bytes};

/// Runs `work` in a child process that dies without closing anything.
void run_and_die(const std::function<void()>& work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int state = 0;
  REQUIRE(::waitpid(child, &state, 0) == child);
  REQUIRE(WIFEXITED(state));
  REQUIRE(WEXITSTATUS(state) == 0);
}

}  // namespace

TEST_CASE("after a crash, commits are there and unfinished work is not") {
  const TestDirectory directory;
  run_and_die([&] {
    auto engine = open_engine(directory.path()).release();
    TestSession session(*engine);
    session.begin();
    session.create_table("items", kItem);
    session.create_index(session.index_definition("items", "items_pkey", {0}, true));
    session.insert("items", {{integer(1), text("one")}, {integer(2), text("two")}});
    session.commit();
    session.begin();
    session.update("items", integer(1), {1}, {text("uno")});
    session.commit();
    auto unfinished = new TestSession(*engine);
    unfinished->begin();
    unfinished->update("items", integer(2), {1}, {text("lost")});
    unfinished->insert("items", {{integer(3), text("lost")}});
    unfinished->create_table("lost", kItem);
    session.begin();
    session.insert("items", {{integer(4), text("four")}});
    session.commit();
  });
  for (int round = 0; round < 2; ++round) {
    const auto engine = open_engine(directory.path());
    CHECK(engine->catalog()->find_relation(kPublicSchemaOid, "lost") == nullptr);
    TestSession session(*engine);
    session.begin();
    CHECK(
        session.scan_index("items", "items_pkey", {0, 1}, std::nullopt, std::nullopt) ==
        TestRows{{integer(1), text("uno")}, {integer(2), text("two")}, {integer(4), text("four")}});
    session.rollback();
    CancelToken cancel;
    check(engine->vacuum(0, cancel));
    session.begin();
    CHECK(session.scan("items", {0}).size() == 3);
    CHECK(session.update("items", integer(2), {1}, {text("two")}).result == WriteResult::Done);
    session.commit();
  }
}

TEST_CASE("row counts are right after a crash") {
  const TestDirectory directory;
  Oid table_oid = 0;
  {
    const TestDirectory source;
    const auto engine = open_engine(source.path());
    TestSession reader(*engine, {.isolation = IsolationLevel::RepeatableRead});
    TestSession session(*engine);
    session.begin();
    table_oid = session.create_table("items", kItem);
    session.commit();
    reader.begin();
    CHECK(reader.scan("items", {0}).empty());  // so that nothing is vacuumed
    for (int i = 0; i < 10; ++i) {
      session.begin();
      session.insert("items", {{integer(3 * i), {}}, {integer(3 * i + 1), {}}});
      static_cast<void>(check(session.transaction().savepoint()));
      session.insert("items", {{integer(3 * i + 2), {}}});
      check(session.transaction().rollback_to(1));
      session.commit();
    }
    session.begin();
    session.remove("items", integer(0));
    session.update("items", integer(1), {1}, {text("one")});
    session.commit();
    session.begin();
    session.insert("items", {{integer(100), {}}});
    session.rollback();
    CHECK(engine->table_statistics(table_oid).live_rows == 19);
    CHECK(engine->table_statistics(table_oid).dead_rows == 2);
    std::filesystem::copy(source.path(), directory.path(),
                          std::filesystem::copy_options::recursive);
    reader.rollback();
  }
  const auto engine = open_engine(directory.path());
  CHECK(engine->table_statistics(table_oid).live_rows == 19);
  CancelToken cancel;
  check(engine->vacuum(0, cancel));
  CHECK(engine->table_statistics(table_oid).live_rows == 19);
  CHECK(engine->table_statistics(table_oid).dead_rows == 0);
}

TEST_CASE("a store that lost acknowledged commits is refused until told otherwise") {
  const TestDirectory directory;
  run_and_die([&] {
    auto engine = open_engine(directory.path()).release();
    TestSession session(*engine);
    session.begin();
    session.create_table("items", kItem);
    session.commit();
    session.begin();
    session.insert("items", {{integer(1), {}}});
    session.commit();
  });
  for (const auto& entry : std::filesystem::directory_iterator(directory.path() / "store")) {
    if (entry.path().extension() == ".log" && entry.file_size() > 100) {
      std::filesystem::resize_file(entry.path(), entry.file_size() - 40);
    }
  }
  EngineOptions options;
  options.data_directory = directory.path();
  const Status status = Engine::open(options).status();
  CHECK(status.code() == StatusCode::Corruption);
  CHECK(Engine::open(options).status().code() == StatusCode::Corruption);
  std::filesystem::remove(directory.path() / "SYNCED");
  CHECK(Engine::open(options).ok());
}

TEST_CASE("a sequence never repeats a value across a crash") {
  const TestDirectory directory;
  run_and_die([&] {
    auto engine = open_engine(directory.path()).release();
    TestSession session(*engine);
    session.begin();
    Sequence sequence;
    sequence.oid = check(session.transaction().allocate_oid());
    sequence.schema_oid = kPublicSchemaOid;
    sequence.name = "ids";
    check(session.transaction().put(sequence, session.cancel));
    const Sequence stored = std::get<Sequence>(
        *session.transaction().catalog()->find_relation(kPublicSchemaOid, "ids"));
    for (std::int64_t i = 1; i <= 40; ++i) {
      CHECK(check(session.transaction().sequence_next(stored)) == i);
    }
    session.commit();
  });
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  const Sequence stored =
      std::get<Sequence>(*session.transaction().catalog()->find_relation(kPublicSchemaOid, "ids"));
  CHECK(check(session.transaction().sequence_next(stored)) > 40);
}

TEST_CASE("a sequence ends with PostgreSQL's words, or begins anew") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  Sequence sequence;
  sequence.oid = check(session.transaction().allocate_oid());
  sequence.name = "ids";
  sequence.max = 2;
  sequence.storage_id = 99;
  CHECK(check(session.transaction().sequence_next(sequence)) == 1);
  CHECK(check(session.transaction().sequence_next(sequence)) == 2);
  const Status status = session.transaction().sequence_next(sequence).status();
  CHECK(status.code() == StatusCode::LimitExceeded);
  CHECK(status.message() == "nextval: reached maximum value of sequence \"ids\" (2)");
  sequence.cycle = true;
  CHECK(check(session.transaction().sequence_next(sequence)) == 1);
  check(session.transaction().sequence_set(sequence, 2, false));
  CHECK(check(session.transaction().sequence_next(sequence)) == 2);
}

}  // namespace omen::engine
