#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <thread>

#include "engine/base/failpoint.h"
#include "engine/vector/checkpoint.h"
#include "engine/vector/generation.h"
#include "engine/vector/graph_builder.h"
#include "tests/unit/engine/vector/vector_test_support.h"

namespace omen::engine::vector_test {
namespace {

constexpr VectorIndexOptions kOptions{.dimensions = 24, .metric = Metric::Cosine};

void flip_byte(const std::filesystem::path& path, std::uint64_t offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const char byte = static_cast<char>(file.get());
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ 0x55));
}

/// Some rows, one NULL (key rows + 1), one zero vector (key 1) and a dead one (key 3).
void fill(VectorIndex& index, const Rows& rows) {
  CancelToken cancel;
  REQUIRE(index.build(source_of(rows), 2, cancel).ok());
  REQUIRE(index.append({key_of(rows.size()), std::nullopt}).ok());
  const VectorKey dead = key_of(2);
  index.remove({&dead, 1});
}

Rows rows_with_zero(std::size_t count) {
  Rows rows = clustered_rows(count, 24, 20);
  rows[0].assign(24, 0);
  return rows;
}

std::vector<std::pair<RowId, double>> answers(const VectorIndex& index, const Rows& queries) {
  std::vector<std::pair<RowId, double>> all;
  for (const auto& query : queries) {
    for (const VectorHit& hit : top(index, query, 10, 60)) {
      all.emplace_back(hit.key.row_id, hit.distance);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("an index opened from its checkpoint answers as before, whatever its size") {
  for (const std::size_t count : {50U, 3000U, 11500U}) {
    INFO(count << " rows");
    const TemporaryDirectory directory;
    const Rows rows = rows_with_zero(count);
    const Rows queries = clustered_rows(20, 24, 21);
    std::vector<std::pair<RowId, double>> before;
    {
      const auto index = create(directory / "index", kOptions);
      fill(*index, rows);
      REQUIRE(index->checkpoint(42).ok());
      before = answers(*index, queries);
    }
    const auto index = open(directory / "index", kOptions);
    CHECK(index->cursor() == 42);
    CHECK(answers(*index, queries) == before);
    CHECK(index->statistics().slots - index->statistics().tombstones == count);
    CHECK(index->statistics().tombstones + index->statistics().free_slots == 1);
    const auto hits = drain(*index->search(queries[0], {}, see_all()), 700);
    REQUIRE(hits.size() == count);
    CHECK(hits.back().is_null);
    CHECK(hits[count - 2].key == key_of(0));
  }
}

TEST_CASE("what was appended after the checkpoint is taken up by replay, once") {
  const TemporaryDirectory directory;
  const Rows rows = rows_with_zero(11000);
  {
    const auto index = create(directory / "index", kOptions);
    fill(*index, rows);
    REQUIRE(index->checkpoint(5).ok());
    REQUIRE(index->append({key_of(20000), std::span<const float>(rows[5])}).ok());
  }
  const auto index = open(directory / "index", kOptions);
  for (int replay = 0; replay < 2; ++replay) {
    REQUIRE(index->append_if_absent({key_of(7), std::span<const float>(rows[7])}).ok());
    REQUIRE(index->append_if_absent({key_of(20000), std::span<const float>(rows[5])}).ok());
  }
  CancelToken cancel;
  REQUIRE(index->wait_linked(cancel).ok());
  CHECK(index->statistics().slots == 11002);
  const auto hits = top(*index, rows[5], 2);
  CHECK(hits[1].distance == hits[0].distance);
  REQUIRE(index->checkpoint(6).ok());
  REQUIRE(index->checkpoint(7).ok());
  CHECK(open(directory / "index", kOptions)->cursor() == 7);
}

TEST_CASE("no checkpoint is NotFound; torn, damaged and foreign ones are Corruption") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory / "index";
  {
    const auto index = create(path, kOptions);
    CHECK(VectorIndex::open(path, kOptions).status().code() == StatusCode::NotFound);
    const Rows rows = rows_with_zero(3000);
    fill(*index, rows);
    REQUIRE(index->checkpoint(1).ok());
    REQUIRE(index->append({key_of(5000), std::span<const float>(rows[5])}).ok());
    REQUIRE(index->checkpoint(2).ok());
  }
  CHECK(VectorIndex::open(directory / "nowhere", kOptions).status().code() == StatusCode::NotFound);
  const auto is_corrupt = [&](const VectorIndexOptions& options) {
    return VectorIndex::open(path, options).status().code() == StatusCode::Corruption;
  };
  CHECK(is_corrupt({.dimensions = 25, .metric = Metric::Cosine}));
  CHECK(is_corrupt({.dimensions = 24, .metric = Metric::L2}));
  CHECK(is_corrupt({.dimensions = 24, .metric = Metric::Cosine, .m = 32}));
  const std::vector<std::pair<const char*, std::uint64_t>> places = {{"checkpoint", 3},
                                                                     {"checkpoint", 9},
                                                                     {"checkpoint", 64},
                                                                     {"checkpoint", 170},
                                                                     {"base.1", 9},
                                                                     {"base.1", 40},
                                                                     {"base.1", 4096 + 20 * 700},
                                                                     {"base.1", 4096 + 20 * 2900},
                                                                     {"delta.1", 1},
                                                                     {"delta.1", 300}};
  for (const auto& [file, offset] : places) {
    INFO(file << " byte " << offset);
    flip_byte(path / file, offset);
    CHECK(is_corrupt(kOptions));
    flip_byte(path / file, offset);
  }
  CHECK(VectorIndex::open(path, kOptions).ok());
  for (const char* file : {"checkpoint", "base.1", "delta.1"}) {
    const std::uint64_t size = std::filesystem::file_size(path / file);
    for (const std::uint64_t length :
         {size - 1, size / 2, std::min(size / 2, std::uint64_t{100}), std::uint64_t{0}}) {
      INFO(file << " of " << length << " bytes");
      std::filesystem::copy_file(path / file, path / "whole");
      std::filesystem::resize_file(path / file, length);
      CHECK(is_corrupt(kOptions));
      std::filesystem::rename(path / "whole", path / file);
    }
  }
  CHECK(VectorIndex::open(path, kOptions).ok());
  std::filesystem::resize_file(path / "vectors.1", 1000);
  CHECK(is_corrupt(kOptions));
}

TEST_CASE("checkpoints write what has changed, and all of it when that is a quarter") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory / "index";
  const Rows rows = clustered_rows(14000, 24, 23);
  const auto sizes = [&](const std::string& name) -> std::uint64_t {
    return std::filesystem::exists(path / name) ? std::filesystem::file_size(path / name) : 0;
  };
  CancelToken cancel;
  const auto append = [&](VectorIndex& index, std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      REQUIRE(index.append({key_of(row), std::span<const float>(rows[row])}).ok());
    }
    REQUIRE(index.wait_linked(cancel).ok());
  };
  {
    const auto index = create(path, kOptions);
    const Rows first(rows.begin(), rows.begin() + 12000);
    REQUIRE(index->build(source_of(first), 2, cancel).ok());
    REQUIRE(index->checkpoint(1).ok());
    CHECK(sizes("base.1") > 12000 * std::uint64_t{200});
    CHECK(sizes("delta.1") == 0);
    append(*index, 12000, 12020);
    REQUIRE(index->checkpoint(2).ok());
    CHECK(sizes("delta.1") > 0);
    CHECK(sizes("delta.1") < sizes("base.1") / 10);
    const std::uint64_t before = sizes("delta.1");
    REQUIRE(index->checkpoint(3).ok());
    CHECK(sizes("delta.1") - before < 1000);
  }
  std::vector<std::pair<RowId, double>> expected;
  const Rows queries = clustered_rows(20, 24, 24);
  {
    const auto index = open(path, kOptions);
    CHECK(index->cursor() == 3);
    CHECK(index->statistics().nodes == 12020);
    append(*index, 12020, 12040);
    REQUIRE(index->checkpoint(4).ok());
    CHECK(sizes("base.1") > 0);
    append(*index, 12040, 14000);
    REQUIRE(index->checkpoint(5).ok());
    REQUIRE(index->checkpoint(6).ok());
    CHECK(sizes("base.1") == 0);
    CHECK(sizes("base.2") > 14000 * std::uint64_t{200});
    expected = answers(*index, queries);
  }
  const auto index = open(path, kOptions);
  CHECK(index->cursor() == 6);
  CHECK(index->statistics().nodes == 14000);
  CHECK(answers(*index, queries) == expected);
  CHECK(recall(*index, rows, queries, 10, Metric::Cosine, 100) >= 0.95);
}

TEST_CASE("a damaged vector is an error of the search that meets it, never an answer") {
  const TemporaryDirectory directory;
  const Rows rows = rows_with_zero(100);
  {
    const auto index = create(directory / "index", kOptions);
    fill(*index, rows);
    REQUIRE(index->checkpoint(1).ok());
  }
  flip_byte(directory / "index" / "vectors.1", 24 * 4 * 50 + 1);
  const auto index = open(directory / "index", kOptions);
  std::vector<VectorHit> hits;
  CHECK(index->search(rows[1], {}, see_all())->next(10, hits).status().code() ==
        StatusCode::Corruption);
}

TEST_CASE("damaged node blocks are found and made anew from the vectors") {
  const TemporaryDirectory directory;
  const Rows rows = rows_with_zero(11000);
  {
    const auto index = create(directory / "index", kOptions);
    fill(*index, rows);
    REQUIRE(index->checkpoint(1).ok());
  }
  const std::filesystem::path file = directory / "index" / "base.1";
  const std::uint64_t size = std::filesystem::file_size(file);
  for (std::uint64_t i = 0; i < 2000; ++i) {
    flip_byte(file, size - 100000 - 500 * i);
  }
  const auto index = open(directory / "index", kOptions);
  for (std::size_t i = 1; i < 50; ++i) {
    for (const VectorHit& hit : top(*index, rows[i], 10)) {
      CHECK(hit.distance == exact_distance(Metric::Cosine, rows[i], rows[hit.key.row_id - 1]));
    }
  }
  CancelToken cancel;
  REQUIRE(index->wait_linked(cancel).ok());
  const auto live = [](std::size_t row) { return row != 2 && row != 0; };
  CHECK(recall(*index, rows, clustered_rows(20, 24, 22), 10, Metric::Cosine, 100, live) >= 0.95);
  REQUIRE(index->checkpoint(2).ok());
  CHECK_FALSE(std::filesystem::exists(directory / "index" / "vectors.1"));
}

TEST_CASE("a checkpoint after one that failed is no base of what has not been verified") {
  const TemporaryDirectory directory;
  const Rows rows = rows_with_zero(2600);
  {
    const auto index = create(directory / "index", kOptions);
    fill(*index, rows);
    REQUIRE(index->checkpoint(5).ok());
  }
  REQUIRE(std::filesystem::exists(directory / "index" / "base.1"));
  // The first attempt at verifying fails at its end; the next comes ten seconds later.
  REQUIRE(Failpoints::arm("vector.open.graph_verified:1:error"));
  auto index = open(directory / "index", kOptions);
  while (Failpoints::passages().count("vector.open.graph_verified") == 0) {
    std::this_thread::yield();
  }
  REQUIRE(index->append({key_of(5000), std::span<const float>(rows[5])}).ok());
  REQUIRE(Failpoints::arm("vector.checkpoint.delta_written:1:error"));
  CHECK(index->checkpoint(6).code() == StatusCode::IoError);
  REQUIRE(Failpoints::arm(""));
  REQUIRE(index->checkpoint(7).ok());
  CHECK(std::filesystem::exists(directory / "index" / "base.1"));
  index.reset();
  index = open(directory / "index", kOptions);
  CHECK(index->cursor() == 7);
  CHECK(index->contains(key_of(5000)));
}

TEST_CASE("a damaged vector that the background thread meets makes it ask for a new index") {
  const TemporaryDirectory directory;
  const Rows rows = rows_with_zero(2100);
  {
    const auto index = create(directory / "index", kOptions);
    for (std::size_t row = 0; row < 1990; ++row) {
      REQUIRE(index->append({key_of(row), std::span<const float>(rows[row])}).ok());
    }
    REQUIRE(index->checkpoint(5).ok());
  }
  flip_byte(directory / "index" / "vectors.1", 1000 * 24 * sizeof(float));
  const auto index = open(directory / "index", kOptions);
  CHECK(index->request() == VectorIndex::Request::None);
  for (std::size_t row = 1990; row < rows.size(); ++row) {
    REQUIRE(index->append({key_of(row), std::span<const float>(rows[row])}).ok());
  }
  CancelToken cancel;
  CHECK(index->wait_linked(cancel).code() == StatusCode::Corruption);
  CHECK(index->request() == VectorIndex::Request::Refill);
}

TEST_CASE("links made while a checkpoint copied their node come with the next") {
  const TemporaryDirectory directory;
  const Rows rows = rows_with_zero(3000);
  std::filesystem::create_directories(directory / "index");
  auto created = Generation::create(directory / "index", 1, kOptions);
  REQUIRE(created.ok());
  Generation& generation = *created.value();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    REQUIRE(generation.append({key_of(row), std::span<const float>(rows[row])}, false).ok());
  }
  CancelToken cancel;
  REQUIRE(generation.train(1, cancel).value());
  REQUIRE(generation.finish_training().ok());
  generation.begin_graph();
  GraphBuilder builder(generation, *generation.space());
  const std::vector<std::uint32_t> slots = generation.pending().front(rows.size());
  std::vector<std::uint8_t> linked(slots.size());
  REQUIRE(builder.link(slots, linked, 1, cancel).ok());
  CheckpointWriter writer(directory / "index", {});
  // They have links, and are not linked yet.
  REQUIRE(writer.write(generation, 1, true, cancel).ok());
  generation.finish_linking(slots, linked, false);
  REQUIRE(writer.write(generation, 2, false, cancel).ok());
  const auto opened = read_checkpoint(directory / "index", kOptions);
  REQUIRE(opened.ok());
  const Generation& read = *opened.value().generation;
  std::size_t different = 0;
  for (const std::uint32_t slot : slots) {
    different += read.nodes().link_count(slot) != generation.nodes().link_count(slot) ? 1 : 0;
  }
  CHECK(different == 0);
}

TEST_CASE("what could not be linked stays in the tail, behind the others") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(3000, 24, 23);
  auto created = Generation::create(directory / "", 1, kOptions);
  REQUIRE(created.ok());
  Generation& generation = *created.value();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    REQUIRE(generation.append({key_of(row), std::span<const float>(rows[row])}, false).ok());
  }
  CancelToken cancel;
  REQUIRE(generation.train(1, cancel).value());
  REQUIRE(generation.finish_training().ok());
  generation.begin_graph();
  const std::vector<std::uint32_t> slots = generation.pending().front(100);
  const VectorKey dead = key_of(7);
  generation.remove({&dead, 1});
  generation.finish_linking(slots, std::vector<std::uint8_t>(slots.size()), false);
  CHECK(generation.pending().size() == rows.size() - 1);
  CHECK(generation.free_slots() == 1);
  const std::vector<std::uint32_t> left = generation.pending().front(rows.size());
  CHECK(left.front() == 100);
  CHECK(left.back() == 99);
}

TEST_CASE("files of bases that failed and of older generations are deleted") {
  const TemporaryDirectory directory;
  const auto names = [&](std::string_view prefix) {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(directory / "index")) {
      count += file.path().filename().string().starts_with(prefix) ? 1 : 0;
    }
    return count;
  };
  const auto index = create(directory / "index", kOptions);
  const Rows rows = rows_with_zero(50);
  fill(*index, rows);
  for (const char* place : {"base_array", "base_arrays", "base_synced"}) {
    REQUIRE(Failpoints::arm("vector.checkpoint." + std::string(place) + ":1:error"));
    CHECK(index->checkpoint(1).code() == StatusCode::IoError);
    REQUIRE(Failpoints::arm(""));
    CHECK(names("base.") == 0);
  }
  for (const char* name : {"vectors.1", "vectors.1.values", "vectors.2", "vectors.2.values",
                           "vectors.3", "vectors.3.values"}) {
    std::ofstream(directory / "index" / name) << "x";
  }
  delete_other_files(directory / "index", {.generation = 2}, false);
  CHECK(names("vectors.1") == 0);
  CHECK(names("vectors.2") == 2);
  CHECK(names("vectors.3") == 2);
}

TEST_CASE("a damaged graph never becomes part of a new base") {
  const TemporaryDirectory directory;
  const Rows rows = rows_with_zero(31000);
  {
    const auto index = create(directory / "index", kOptions);
    for (std::size_t row = 0; row < 10500; ++row) {
      REQUIRE(index->append({key_of(row), std::span<const float>(rows[row])}).ok());
    }
    CancelToken cancel;
    REQUIRE(index->wait_linked(cancel).ok());
    REQUIRE(index->checkpoint(1).ok());
  }
  const std::filesystem::path file = directory / "index" / "base.1";
  flip_byte(file, std::filesystem::file_size(file) - 100000);
  // Making it anew fails at first, and is tried again ten seconds later.
  REQUIRE(Failpoints::arm("vector.rebuild.copied:1:error"));
  const auto index = open(directory / "index", kOptions);
  while (Failpoints::passages().count("vector.rebuild.copied") == 0) {
    std::this_thread::yield();
  }
  REQUIRE(Failpoints::arm(""));
  for (std::size_t row = 10500; row < rows.size(); ++row) {
    REQUIRE(index->append({key_of(row), std::span<const float>(rows[row])}).ok());
  }
  REQUIRE(index->checkpoint(2).ok());
  CHECK(std::filesystem::exists(directory / "index" / "base.1"));
  CHECK(std::filesystem::file_size(directory / "index" / "delta.1") > std::size_t{4} << 20);
}

TEST_CASE("a damaged fine code is noticed by who meets it, answers stay right, codes come anew") {
  const TemporaryDirectory directory;
  const VectorIndexOptions options{.dimensions = 512, .metric = Metric::L2};
  const Rows rows = clustered_rows(2500, 512, 31);
  const Rows queries = clustered_rows(20, 512, 31);
  {
    const auto index = create(directory / "index", options);
    fill(*index, rows);
    CancelToken cancel;
    REQUIRE(index->wait_linked(cancel).ok());
    REQUIRE(index->statistics().bytes.code_file > 0);
    REQUIRE(index->checkpoint(1).ok());
  }
  for (std::uint64_t slot = 0; slot < rows.size(); ++slot) {
    flip_byte(directory / "index" / "codes.1", slot * 320 + 100);
  }
  const auto index = open(directory / "index", options);
  CHECK(recall(*index, rows, queries, 10, Metric::L2, 100) >= 0.99);
  // Nobody writes or waits: the search that met the damage has it mended.
  for (int i = 0; i < 1000 && !std::filesystem::exists(directory / "index" / "codes.2"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(std::filesystem::exists(directory / "index" / "codes.2"));
  CancelToken cancel;
  REQUIRE(index->wait_linked(cancel).ok());
  REQUIRE(index->checkpoint(2).ok());
  CHECK_FALSE(std::filesystem::exists(directory / "index" / "codes.1"));
  CHECK(recall(*index, rows, queries, 10, Metric::L2, 100) >= 0.99);
}

TEST_CASE("without its fine codes a checkpoint is none") {
  const TemporaryDirectory directory;
  const VectorIndexOptions options{.dimensions = 512, .metric = Metric::L2};
  {
    const auto index = create(directory / "index", options);
    fill(*index, clustered_rows(2500, 512, 32));
    CancelToken cancel;
    REQUIRE(index->wait_linked(cancel).ok());
    REQUIRE(index->checkpoint(1).ok());
  }
  std::filesystem::resize_file(directory / "index" / "codes.1", 320 * 2000);
  CHECK(VectorIndex::open(directory / "index", options).status().code() == StatusCode::Corruption);
  std::filesystem::remove(directory / "index" / "codes.1");
  CHECK(VectorIndex::open(directory / "index", options).status().code() == StatusCode::Corruption);
}

}  // namespace omen::engine::vector_test
