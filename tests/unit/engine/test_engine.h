#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/api/engine.h"

/// What engine tests share: a data directory that goes with the test, and short words for the API.
namespace omen::engine {

class TestDirectory {
 public:
  TestDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "omen_engine_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TestDirectory() { std::filesystem::remove_all(path_); }
  TestDirectory(const TestDirectory&) = delete;
  [[nodiscard]] std::filesystem::path path() const { return path_ / "data"; }

 private:
  std::filesystem::path path_;
};

/// Fails the test by an exception rather than an assertion: Catch2's assertions may only be used by
/// the thread that runs the test, and what follows here is used by others as well.
inline void ensure(bool holds, const std::string& what) {
  if (!holds) {
    throw std::runtime_error(what);
  }
}
template <typename T>
T check(Result<T> result) {
  ensure(result.ok(), result.status().message());
  return std::move(result).value();
}
inline void check(const Status& status) {
  ensure(status.ok(), status.message());
}

/// Threads of one test. What one throws fails the test when they are joined.
class TestThreads {
 public:
  TestThreads() = default;
  ~TestThreads() { join_all(); }
  TestThreads(const TestThreads&) = delete;

  void start(std::function<void()> body) {
    threads_.emplace_back([this, body = std::move(body)] {
      try {
        body();
      } catch (...) {
        const std::lock_guard lock(mutex_);
        failure_ = std::current_exception();
      }
    });
  }
  /// Rethrows what one of them threw last.
  void join() {
    join_all();
    if (failure_ != nullptr) {
      std::rethrow_exception(std::exchange(failure_, nullptr));
    }
  }

 private:
  void join_all() {
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }

  std::mutex mutex_;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

inline std::unique_ptr<Engine> open_engine(const std::filesystem::path& path) {
  EngineOptions options;
  options.data_directory = path;
  options.block_cache_bytes = std::size_t{16} << 20;
  options.memtable_bytes = std::size_t{4} << 20;
  return check(Engine::open(options));
}

using TestRow = std::vector<Value>;
using TestRows = std::vector<TestRow>;

inline PhysicalType physical_of(const Table& table, int column) {
  if (column >= 0) {
    return table.columns[static_cast<std::size_t>(column)].physical;
  }
  return column == kDistanceColumn ? PhysicalType::Float64 : PhysicalType::Int64;
}

inline void fill(ColumnBatch& batch, const std::vector<PhysicalType>& types, const TestRows& rows) {
  batch.reset(types);
  batch.resize(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < types.size(); ++column) {
      batch.column(column).set_value(row, rows[row][column]);
    }
  }
}

inline TestRows rows_of(RowCursor& cursor) {
  TestRows rows;
  ColumnBatch batch;
  while (check(cursor.next(batch))) {
    for (std::size_t row = 0; row < batch.row_count(); ++row) {
      TestRow& values = rows.emplace_back();
      for (std::size_t column = 0; column < batch.column_count(); ++column) {
        values.push_back(batch.column(column).value(row));
      }
    }
  }
  return rows;
}

/// One client: a transaction at a time, a statement per call.
class TestSession {
 public:
  explicit TestSession(Engine& engine, TransactionOptions options = {})
      : engine_(engine), options_(options) {}

  Transaction& begin() {
    transaction_ = engine_.begin(options_);
    return *transaction_;
  }
  Transaction& transaction() { return *transaction_; }
  void commit() {
    check(transaction_->commit());
    transaction_.reset();
  }
  void rollback() {
    transaction_->rollback();
    transaction_.reset();
  }
  std::unique_ptr<Statement> statement() { return check(transaction_->begin_statement(cancel)); }

  Table table(const std::string& name) {
    const CatalogPtr catalog = transaction_->catalog();
    const CatalogEntry* entry = catalog->find_relation(kPublicSchemaOid, name);
    ensure(entry != nullptr, "no relation " + name);
    return std::get<Table>(*entry);
  }
  Index index(const std::string& name) {
    const CatalogPtr catalog = transaction_->catalog();
    const CatalogEntry* entry = catalog->find_relation(kPublicSchemaOid, name);
    ensure(entry != nullptr, "no relation " + name);
    return std::get<Index>(*entry);
  }
  Oid create_table(const std::string& name, const std::vector<PhysicalType>& types) {
    Table table;
    table.oid = check(transaction_->allocate_oid());
    table.schema_oid = kPublicSchemaOid;
    table.name = name;
    for (const PhysicalType type : types) {
      Column column;
      column.name = "c" + std::to_string(table.columns.size());
      column.physical = type;
      table.columns.push_back(column);
    }
    check(transaction_->put(table, cancel));
    return table.oid;
  }
  Index index_definition(const std::string& table_name, const std::string& name,
                         std::vector<std::uint16_t> columns, bool unique) {
    Index index;
    index.oid = check(transaction_->allocate_oid());
    index.schema_oid = kPublicSchemaOid;
    index.table_oid = table(table_name).oid;
    index.name = name;
    for (const std::uint16_t column : columns) {
      index.columns.push_back({column, false, false, 0});
    }
    index.key_column_count = static_cast<std::uint16_t>(columns.size());
    index.unique = unique;
    return index;
  }
  std::optional<UniqueConflict> create_index(const Index& index) {
    std::optional<UniqueConflict> conflict;
    check(transaction_->create_index(index, cancel, conflict));
    return conflict;
  }

  Result<InsertOutcome> try_insert(const std::string& name, const TestRows& rows) {
    const Table target = table(name);
    std::vector<PhysicalType> types;
    for (const Column& column : target.columns) {
      types.push_back(column.physical);
    }
    ColumnBatch batch;
    fill(batch, types, rows);
    return statement()->insert(target, batch, 0);
  }
  InsertOutcome insert(const std::string& name, const TestRows& rows) {
    return check(try_insert(name, rows));
  }
  TestRows scan(const std::string& name, std::vector<int> columns) {
    const Table source = table(name);
    const auto statement = this->statement();
    return rows_of(*check(statement->scan(TableScan{&source, std::move(columns)})));
  }
  TestRows scan_index(const std::string& name, const std::string& index_name,
                      std::vector<int> columns, std::optional<IndexBound> lower,
                      std::optional<IndexBound> upper, bool backward = false) {
    const Table source = table(name);
    const Index by = index(index_name);
    const auto statement = this->statement();
    IndexScan request{&source,          &by,     std::move(columns), std::move(lower),
                      std::move(upper), backward};
    return rows_of(*check(statement->scan(std::move(request))));
  }
  /// Row id and version of the row whose column 0 is `key`, as a statement sees it.
  struct Found {
    RowId row_id = 0;
    Xid xid = 0;
  };
  Found find(const std::string& name, const Value& key) {
    for (const TestRow& row : scan(name, {0, kRowIdColumn, kXidColumn})) {
      if (row[0] == key) {
        return {static_cast<RowId>(std::get<std::int64_t>(row[1])),
                static_cast<Xid>(std::get<std::int64_t>(row[2]))};
      }
    }
    return {};
  }
  Result<WriteOutcome> try_update(const std::string& name, Found row, std::vector<int> columns,
                                  const TestRow& values) {
    const Table target = table(name);
    std::vector<PhysicalType> types;
    for (const int column : columns) {
      types.push_back(physical_of(target, column));
    }
    ColumnBatch batch;
    fill(batch, types, {values});
    return statement()->update(target, row.row_id, row.xid, columns, batch, 0);
  }
  /// Finds by column 0 and updates.
  WriteOutcome update(const std::string& name, const Value& key, std::vector<int> columns,
                      const TestRow& values) {
    return check(try_update(name, find(name, key), std::move(columns), values));
  }
  WriteOutcome remove(const std::string& name, const Value& key) {
    const Found row = find(name, key);
    const Table target = table(name);
    return check(statement()->remove(target, row.row_id, row.xid));
  }

  CancelToken cancel;

 private:
  Engine& engine_;
  TransactionOptions options_;
  std::unique_ptr<Transaction> transaction_;
};

inline IndexBound bound(std::vector<Value> values, bool inclusive = true) {
  return {std::move(values), inclusive};
}
inline Value integer(int value) {
  return std::int32_t{value};
}
inline Value text(std::string value) {
  return Value(std::move(value));
}

}  // namespace omen::engine
