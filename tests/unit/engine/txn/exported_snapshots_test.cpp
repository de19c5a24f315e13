#include "tests/unit/engine/test_engine.h"

namespace omen::engine {
namespace {

std::unique_ptr<Engine> engine_with_one(const TestDirectory& directory) {
  auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", {PhysicalType::Int32});
  session.insert("items", {{integer(1)}});
  session.commit();
  return engine;
}

const TransactionOptions kRepeatable{.isolation = IsolationLevel::RepeatableRead};

}  // namespace

TEST_CASE("a lent snapshot shows its taker what its owner sees, vacuum or not, beyond the owner") {
  const TestDirectory directory;
  const auto engine = engine_with_one(directory);
  TestSession owner(*engine);
  TestSession writer(*engine);
  TestSession taker(*engine, kRepeatable);
  owner.begin();
  std::string name;
  {
    const auto statement = owner.statement();
    name = check(owner.transaction().export_snapshot());
  }
  writer.begin();
  writer.remove("items", integer(1));
  writer.insert("items", {{integer(2)}});
  writer.commit();
  taker.begin();
  check(taker.transaction().import_snapshot(name));
  owner.commit();
  check(engine->vacuum(0, writer.cancel));
  CHECK(taker.scan("items", {0}) == TestRows{{integer(1)}});
  taker.commit();
  taker.begin();
  CHECK(taker.transaction().import_snapshot(name).code() == StatusCode::NotFound);
  CHECK(taker.scan("items", {0}) == TestRows{{integer(2)}});
}

TEST_CASE("snapshots are lent outside savepoints and taken before the first statement") {
  const TestDirectory directory;
  const auto engine = engine_with_one(directory);
  TestSession owner(*engine, kRepeatable);
  owner.begin();
  std::string name;
  {
    const auto statement = owner.statement();
    name = check(owner.transaction().export_snapshot());
  }
  check(owner.transaction().savepoint());
  CHECK(owner.transaction().export_snapshot().status().code() == StatusCode::InvalidArgument);
  TestSession late(*engine, kRepeatable);
  late.begin();
  CHECK(late.scan("items", {0}).size() == 1);
  CHECK(late.transaction().import_snapshot(name).code() == StatusCode::InvalidArgument);
  TestSession committed(*engine);
  committed.begin();
  CHECK(committed.transaction().import_snapshot(name).code() == StatusCode::InvalidArgument);
}

}  // namespace omen::engine
