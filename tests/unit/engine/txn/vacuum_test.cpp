#include "engine/txn/local_engine.h"
#include "engine/txn/local_transaction.h"
#include "tests/unit/engine/test_engine.h"

namespace omen::engine {
namespace {

const std::vector<PhysicalType> kItem = {PhysicalType::Int32, PhysicalType::Bytes};

std::size_t count_keys(Engine& engine, Family family, std::uint64_t storage_id) {
  Store& store = *static_cast<LocalEngine&>(engine).core().store;
  StoreIterator keys = store.range(family, be64_key(storage_id + 1));
  std::size_t count = 0;
  for (keys.seek(be64_key(storage_id)); keys.valid(); keys.next()) {
    ++count;
  }
  return count;
}

std::size_t garbage_count(Engine& engine) {
  StoreIterator keys = static_cast<LocalEngine&>(engine).core().store->range(Family::Garbage);
  std::size_t count = 0;
  for (keys.seek_to_first(); keys.valid(); keys.next()) {
    ++count;
  }
  return count;
}

void vacuum(Engine& engine) {
  CancelToken cancel;
  check(engine.vacuum(0, cancel));
}

}  // namespace

TEST_CASE("vacuum leaves one version, entry and wide value of an often updated row") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", kItem);
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  session.insert("items", {{integer(0), text(std::string(1000, 'w'))}});
  session.commit();
  for (int i = 0; i < 10; ++i) {
    session.begin();
    session.update("items", integer(i), {0}, {integer(i + 1)});
    session.commit();
  }
  session.begin();
  const std::uint64_t table_storage = session.table("items").storage_id;
  const std::uint64_t index_storage = session.index("items_pkey").storage_id;
  session.rollback();
  vacuum(*engine);
  CHECK(count_keys(*engine, Family::Rows, table_storage) == 1);
  CHECK(count_keys(*engine, Family::Wide, table_storage) == 1);
  CHECK(count_keys(*engine, Family::Index, index_storage) == 1);
  session.begin();
  CHECK(session.scan_index("items", "items_pkey", {0, 1}, std::nullopt, std::nullopt) ==
        TestRows{{integer(10), text(std::string(1000, 'w'))}});
  session.remove("items", integer(10));
  session.commit();
  vacuum(*engine);
  CHECK(count_keys(*engine, Family::Rows, table_storage) == 0);
  CHECK(count_keys(*engine, Family::Wide, table_storage) == 0);
  CHECK(count_keys(*engine, Family::Index, index_storage) == 0);
}

TEST_CASE("vacuum keeps what an old snapshot sees") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", kItem);
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  session.insert("items", {{integer(1), text(std::string(1000, 'a'))}});
  session.commit();
  TestSession old(*engine, {.isolation = IsolationLevel::RepeatableRead});
  old.begin();
  CHECK(old.scan("items", {0}).size() == 1);
  for (const int next : {2, 1, 3}) {
    session.begin();
    const Value key = session.scan("items", {0})[0][0];
    session.update("items", key, {0, 1}, {integer(next), text(std::string(1000, 'b'))});
    session.commit();
    vacuum(*engine);
  }
  CHECK(old.scan_index("items", "items_pkey", {0, 1}, std::nullopt, std::nullopt) ==
        TestRows{{integer(1), text(std::string(1000, 'a'))}});
  old.rollback();
  vacuum(*engine);
  session.begin();
  CHECK(session.scan_index("items", "items_pkey", {0}, std::nullopt, std::nullopt) ==
        TestRows{{integer(3)}});
}

TEST_CASE("a key that went away and came back is still found after vacuum") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", kItem);
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  session.insert("items", {{integer(1), {}}});
  session.commit();
  for (const auto& [from, to] : {std::pair(1, 2), std::pair(2, 1)}) {
    session.begin();
    session.update("items", integer(from), {0}, {integer(to)});
    session.commit();
  }
  session.begin();
  CHECK(session.scan_index("items", "items_pkey", {0}, std::nullopt, std::nullopt) ==
        TestRows{{integer(1)}});
  session.rollback();
  vacuum(*engine);
  session.begin();
  CHECK(session.scan_index("items", "items_pkey", {0}, bound({integer(1)}), bound({integer(1)})) ==
        TestRows{{integer(1)}});
}

TEST_CASE("vacuum removes what aborted transactions and savepoints wrote, then forgets them") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", kItem);
  session.insert("items", {{integer(1), text("kept")}});
  session.commit();
  session.begin();
  const std::uint64_t storage = session.table("items").storage_id;
  session.insert("items", TestRows(500, {integer(2), text(std::string(500, 'x'))}));
  session.update("items", integer(1), {1}, {text("lost")});
  session.rollback();
  session.begin();
  const std::size_t depth = check(session.transaction().savepoint());
  session.remove("items", integer(1));
  session.create_table("gone", kItem);
  session.insert("gone", {{integer(1), {}}});
  check(session.transaction().rollback_to(depth));
  session.insert("items", {{integer(3), {}}});
  session.commit();
  vacuum(*engine);
  vacuum(*engine);
  CHECK(count_keys(*engine, Family::Rows, storage) == 2);
  CHECK(count_keys(*engine, Family::Wide, storage) == 0);
  CHECK(garbage_count(*engine) == 0);
  auto& core = static_cast<LocalEngine&>(*engine).core();
  CHECK(core.commits.horizon() == core.xids.next());
  session.begin();
  CHECK(session.scan("items", {0, 1}) == TestRows{{integer(1), text("kept")}, {integer(3), {}}});
}

TEST_CASE("storage of a dropped table is erased") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  const Oid oid = session.create_table("items", kItem);
  session.insert("items", {{integer(1), text(std::string(500, 'x'))}});
  const std::uint64_t storage = session.table("items").storage_id;
  session.commit();
  session.begin();
  check(session.transaction().drop(oid, session.cancel));
  session.commit();
  vacuum(*engine);
  CHECK(count_keys(*engine, Family::Rows, storage) == 0);
  CHECK(count_keys(*engine, Family::Wide, storage) == 0);
}

TEST_CASE("vacuum reads versions of a table altered later, or altered and rolled back") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  const auto add_column = [&](PhysicalType type) {
    Table table = session.table("items");
    Column column;
    column.name = "c" + std::to_string(table.columns.size());
    column.physical = type;
    table.columns.push_back(column);
    check(session.transaction().put(table, session.cancel));
  };
  session.begin();
  session.create_table("items", kItem);
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  session.insert("items", {{integer(1), text("a")}});
  session.commit();

  session.begin();
  add_column(PhysicalType::Bytes);
  session.insert("items", {{integer(2), text("b"), text(std::string(1000, 'w'))}});
  session.update("items", integer(1), {0, 2}, {integer(3), text(std::string(1000, 'v'))});
  vacuum(*engine);  // the versions in progress have a column that the published table lacks
  session.rollback();

  session.begin();
  add_column(PhysicalType::Int64);
  session.insert("items", {{integer(4), text("d"), Value(std::int64_t{44})}});
  session.update("items", integer(1), {1}, {text("aa")});
  session.commit();
  vacuum(*engine);

  session.begin();
  CHECK(session.scan("items", {0, 1, 2}) ==
        TestRows{{integer(1), text("aa"), {}}, {integer(4), text("d"), Value(std::int64_t{44})}});
  CHECK(count_keys(*engine, Family::Rows, session.table("items").storage_id) == 2);
  CHECK(count_keys(*engine, Family::Wide, session.table("items").storage_id) == 0);
  CHECK(count_keys(*engine, Family::Index, session.index("items_pkey").storage_id) == 2);
}

}  // namespace omen::engine
