#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "engine/base/vector_forms.h"
#include "engine/kernels/half.h"
#include "engine/vector/element.h"
#include "tests/unit/engine/vector/vector_test_support.h"

/// Indexes over halves, bits and sparse vectors, L1, and the codes one may ask for.
namespace omen::engine::vector_test {
namespace {

constexpr std::size_t kCount = 10'600;  // enough for a graph
constexpr std::size_t kQueries = 30;
constexpr std::size_t kNearest = 10;

using Values = std::vector<std::string>;

std::string half_value(const std::vector<float>& row) {
  std::string value;
  for (const float element : row) {
    const Half half = to_half(element);
    value.append(reinterpret_cast<const char*>(&half), sizeof half);
  }
  return value;
}

std::string bit_value(const std::vector<float>& row) {
  const auto count = static_cast<std::uint32_t>(row.size());
  std::string value(reinterpret_cast<const char*>(&count), sizeof count);
  value.append(bytes_of_bits(count), '\0');
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] > 0.3F) {
      value[sizeof count + i / 8] = static_cast<char>(
          static_cast<unsigned char>(value[sizeof count + i / 8]) | 128U >> i % 8);
    }
  }
  return value;
}

/// Keeps the largest elements, spread over a wider range of indices.
std::string sparse_value(const std::vector<float>& row) {
  const auto dimensions = static_cast<std::int32_t>(row.size() * 1000);
  std::vector<std::int32_t> indices;
  std::vector<float> values;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] > 0.8F) {
      indices.push_back(static_cast<std::int32_t>(i * 1000 + i % 7));
      values.push_back(row[i]);
    }
  }
  std::string value(reinterpret_cast<const char*>(&dimensions), sizeof dimensions);
  value.append(reinterpret_cast<const char*>(indices.data()),
               indices.size() * sizeof(std::int32_t));
  value.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return value;
}

std::string float_value(const std::vector<float>& row) {
  return {reinterpret_cast<const char*>(row.data()), row.size() * sizeof(float)};
}

Values values_of(const Rows& rows, VectorElement element) {
  Values values;
  for (const auto& row : rows) {
    values.push_back(element == VectorElement::Half     ? half_value(row)
                     : element == VectorElement::Bit    ? bit_value(row)
                     : element == VectorElement::Sparse ? sparse_value(row)
                                                        : float_value(row));
  }
  return values;
}

/// Ten to forty elements of a thousand, normally distributed.
Values random_sparse_values(std::size_t count, std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  Values values;
  for (std::size_t row = 0; row < count; ++row) {
    std::map<std::int32_t, float> elements;
    for (const std::size_t size = 10 + generator() % 31; elements.size() < size;) {
      elements[static_cast<std::int32_t>(generator() % 1000)] = normal(generator);
    }
    const std::int32_t dimensions = 1000;
    std::string& value = values.emplace_back(reinterpret_cast<const char*>(&dimensions), 4);
    for (const auto& element : elements) {
      value.append(reinterpret_cast<const char*>(&element.first), sizeof element.first);
    }
    for (const auto& element : elements) {
      value.append(reinterpret_cast<const char*>(&element.second), sizeof element.second);
    }
  }
  return values;
}

double recall_of(const VectorIndex& index, const VectorIndexOptions& options, const Values& values,
                 const Values& queries, std::size_t ef_search = 0) {
  std::size_t found = 0;
  for (const std::string& query : queries) {
    std::vector<double> distances;
    for (const std::string& value : values) {
      distances.push_back(exact_distance(options, VectorValue(value), VectorValue(query)));
    }
    std::vector<double> sorted = distances;
    std::nth_element(sorted.begin(), sorted.begin() + (kNearest - 1), sorted.end());
    const double radius = sorted[kNearest - 1];
    std::vector<VectorHit> hits;
    const auto search = index.search(
        VectorValue(query), {.ef_search = ef_search, .row_count_hint = kNearest}, see_all());
    REQUIRE(search->next(kNearest, hits).ok());
    for (const VectorHit& hit : hits) {
      CHECK(hit.distance == distances[hit.key.row_id - 1]);
      found += hit.distance <= radius ? 1 : 0;
    }
  }
  return static_cast<double>(found) / static_cast<double>(kNearest * queries.size());
}

/// Builds, searches, removes, appends, closes and opens an index.
void check_index(const VectorIndexOptions& options, std::size_t dimensions, double recall_min) {
  INFO("element " << static_cast<int>(options.element) << " metric "
                  << static_cast<int>(options.metric) << " quantization "
                  << static_cast<int>(options.quantization));
  Rows rows = clustered_rows(kCount + kQueries, dimensions, 11);
  const Values queries = values_of(
      Rows(rows.end() - static_cast<std::ptrdiff_t>(kQueries), rows.end()), options.element);
  rows.resize(kCount);
  Values values = values_of(rows, options.element);
  const TemporaryDirectory directory;
  auto index = create(directory / "index", options);
  CancelToken cancel;
  std::size_t next = 0;
  REQUIRE(index
              ->build(
                  [&](VectorEntry& entry) -> Result<bool> {
                    if (next + 500 == values.size()) {
                      return false;
                    }
                    entry = {key_of(next), VectorValue(values[next])};
                    ++next;
                    return true;
                  },
                  1, cancel)
              .ok());
  for (; next < values.size(); ++next) {
    REQUIRE(index->append({key_of(next), VectorValue(values[next])}).ok());
  }
  REQUIRE(index->wait_linked(cancel).ok());
  const double built = recall_of(*index, options, values, queries);
  CHECK(built >= recall_min);
  REQUIRE(index->checkpoint(3).ok());
  index.reset();
  index = open(directory / "index", options);
  CHECK(recall_of(*index, options, values, queries) == built);
  // A value that was removed is not found again.
  const auto search = index->search(VectorValue(values[7]), {}, see_all());
  std::vector<VectorHit> hits;
  index->remove(std::vector<VectorKey>{key_of(7)});
  REQUIRE(search->next(1, hits).ok());
  for (const VectorHit& hit : hits) {
    CHECK_FALSE(hit.key == key_of(7));
  }
}

}  // namespace

TEST_CASE("an index over halves finds what is nearest, under L1 too") {
  for (const Metric metric : {Metric::Cosine, Metric::L1}) {
    check_index({.dimensions = 64, .metric = metric, .element = VectorElement::Half}, 64, 0.95);
  }
}

TEST_CASE("an index over bits finds what is nearest under both metrics") {
  for (const Metric metric : {Metric::Hamming, Metric::Jaccard}) {
    check_index({.dimensions = 200, .metric = metric, .element = VectorElement::Bit}, 200, 0.95);
  }
}

TEST_CASE("an index over sparse vectors finds what is nearest") {
  check_index(
      {.dimensions = 120'000, .metric = Metric::InnerProduct, .element = VectorElement::Sparse},
      120, 0.95);
}

TEST_CASE("sparse vectors are walked under L1 too") {
  check_index({.dimensions = 40'000, .metric = Metric::L1, .element = VectorElement::Sparse}, 40,
              0.95);
}

TEST_CASE("an index over random sparse vectors finds as much as pgvector's at the same width") {
  // The hardest there are: nothing is near anything, and lengths vary. pgvector 0.8 finds 0.687 and
  // 0.827 of twice as many rows at ef_search 40.
  constexpr std::pair<Metric, double> kFloors[] = {{Metric::L2, 0.72},
                                                   {Metric::InnerProduct, 0.86}};
  const Values values = random_sparse_values(kCount, 71);
  const Values queries = random_sparse_values(2 * kQueries, 72);
  for (const auto& [metric, floor] : kFloors) {
    INFO("metric " << static_cast<int>(metric));
    const VectorIndexOptions options{
        .dimensions = 1000, .metric = metric, .element = VectorElement::Sparse};
    const TemporaryDirectory directory;
    const auto index = create(directory / "index", options);
    CancelToken cancel;
    std::size_t next = 0;
    const auto source = [&](VectorEntry& entry) -> Result<bool> {
      if (next == values.size()) {
        return false;
      }
      entry = {key_of(next), VectorValue(values[next])};
      ++next;
      return true;
    };
    REQUIRE(index->build(source, 2, cancel).ok());
    CHECK(index->statistics().unreachable == 0);
    CHECK(recall_of(*index, options, values, queries, 40) >= floor);
  }
}

TEST_CASE("every quantization finds what is nearest") {
  check_index({.dimensions = 70, .metric = Metric::Cosine, .quantization = Quantization::Scalar8},
              70, 0.95);
  check_index(
      {.dimensions = 64, .metric = Metric::InnerProduct, .quantization = Quantization::None}, 64,
      0.95);
  check_index({.dimensions = 300, .metric = Metric::L2, .quantization = Quantization::Product}, 300,
              0.95);
}

TEST_CASE("an index refuses metrics and values that its element has not") {
  const TemporaryDirectory directory;
  const auto code = [&](const VectorIndexOptions& options) {
    return VectorIndex::create(directory / "refused", options).status().code();
  };
  CHECK(code({.dimensions = 8, .metric = Metric::L2, .element = VectorElement::Bit}) ==
        StatusCode::InvalidArgument);
  CHECK(code({.dimensions = 8, .metric = Metric::Hamming}) == StatusCode::InvalidArgument);
  CHECK(code({.dimensions = 64'001, .metric = Metric::Hamming, .element = VectorElement::Bit}) ==
        StatusCode::InvalidArgument);
  const auto index =
      create(directory / "bits",
             {.dimensions = 9, .metric = Metric::Hamming, .element = VectorElement::Bit});
  const std::string wrong = bit_value(std::vector<float>(8, 1));
  CHECK(index->append({key_of(0), VectorValue(wrong)}).code() == StatusCode::InvalidArgument);
  CHECK(index->append({key_of(0), VectorValue(std::string_view("abcdefg"))}).code() ==
        StatusCode::InvalidArgument);
  const auto sparse =
      create(directory / "sparse", {.dimensions = 9, .element = VectorElement::Sparse});
  const std::string other = sparse_value(std::vector<float>(8, 1));
  CHECK(sparse->append({key_of(0), VectorValue(other)}).code() == StatusCode::InvalidArgument);
  const auto halves = create(directory / "half", {.dimensions = 9, .element = VectorElement::Half});
  const std::string longer = half_value(std::vector<float>(10, 1));
  CHECK(halves->append({key_of(0), VectorValue(longer)}).code() == StatusCode::InvalidArgument);
}

}  // namespace omen::engine::vector_test
