#include "bench/vector/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <thread>

#include "bench/vector/binary_copy.h"

namespace omen::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kNeighbourCount = 10;

std::int32_t read_id(const PGresult* result, int row) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(PQgetvalue(result, row, 0));
  return static_cast<std::int32_t>((std::uint32_t{bytes[0]} << 24U) |
                                   (std::uint32_t{bytes[1]} << 16U) |
                                   (std::uint32_t{bytes[2]} << 8U) | std::uint32_t{bytes[3]});
}

double percentile_ms(const std::vector<double>& sorted_seconds, double fraction) {
  if (sorted_seconds.empty()) {
    return 0;
  }
  const auto index =
      static_cast<std::size_t>(fraction * static_cast<double>(sorted_seconds.size() - 1) + 0.5);
  return sorted_seconds[index] * 1000;
}

}  // namespace

class Search::Client {
 public:
  Client(const Target& target, const std::vector<std::string>& settings,
         const std::vector<std::string>& parameters, std::size_t first)
      : connection_(target.url()), parameters_(parameters), next_(first) {
    for (const std::string& setting : settings) {
      connection_.must("SET " + setting);
    }
    const tests::ResultPtr prepared(
        PQprepare(connection_.get(), "search", target.search_sql().c_str(), 0, nullptr));
    if (tests::is_error(prepared.get())) {
      throw std::runtime_error(PQresultErrorMessage(prepared.get()));
    }
  }

  std::vector<std::int32_t> ask(std::size_t query) {
    const char* values[] = {parameters_[query].data()};
    const int lengths[] = {static_cast<int>(parameters_[query].size())};
    const int formats[] = {1};
    const tests::ResultPtr result(
        PQexecPrepared(connection_.get(), "search", 1, values, lengths, formats, 1));
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
      throw std::runtime_error(PQerrorMessage(connection_.get()));
    }
    std::vector<std::int32_t> ids;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      ids.push_back(read_id(result.get(), row));
    }
    return ids;
  }

  void run_until(Clock::time_point end) {
    while (Clock::now() < end) {
      const Clock::time_point start = Clock::now();
      ask(next_++ % parameters_.size());
      latencies_.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    }
  }

  [[nodiscard]] const std::vector<double>& latencies() const { return latencies_; }

 private:
  tests::PgConnection connection_;
  std::vector<std::string> parameters_;
  std::size_t next_;
  std::vector<double> latencies_;
};

Search::Search(const Target& target, const Dataset& set, Options options)
    : set_(set), options_(std::move(options)) {
  query_count_ = set.query.row_count();
  if (options_.query_count_max != 0) {
    query_count_ = std::min(query_count_, options_.query_count_max);
  }
  std::vector<std::string> parameters;
  for (std::size_t i = 0; i < query_count_; ++i) {
    parameters.push_back(binary_vector(set.query.row(i)));
  }
  for (std::size_t i = 0; i < options_.client_count; ++i) {
    const std::size_t first = i * query_count_ / options_.client_count;
    clients_.push_back(std::make_unique<Client>(target, options_.settings, parameters, first));
  }
}

Search::~Search() = default;

void Search::check_answers() {
  std::size_t hits = 0;
  for (std::size_t query = 0; query < query_count_; ++query) {
    hits += hit_count(set_, query, clients_[query % clients_.size()]->ask(query), kNeighbourCount);
  }
  recall_ = static_cast<double>(hits) / static_cast<double>(query_count_ * kNeighbourCount);
}

void Search::run_round() {
  const auto count = [&] {
    std::size_t sum = 0;
    for (const auto& client : clients_) {
      sum += client->latencies().size();
    }
    return sum;
  };
  const std::size_t before = count();
  const Clock::time_point start = Clock::now();
  const Clock::time_point end = start + std::chrono::duration_cast<Clock::duration>(
                                            std::chrono::duration<double>(options_.seconds));
  std::vector<std::exception_ptr> failures(clients_.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    threads.emplace_back([&, i] {
      try {
        clients_[i]->run_until(end);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure) {
      std::rethrow_exception(failure);
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  rates_.push_back(static_cast<double>(count() - before) / seconds);
}

SearchReport Search::report() const {
  std::vector<double> latencies;
  for (const auto& client : clients_) {
    latencies.insert(latencies.end(), client->latencies().begin(), client->latencies().end());
  }
  std::sort(latencies.begin(), latencies.end());
  std::vector<double> rates = rates_;
  std::sort(rates.begin(), rates.end());
  return {.how = options_.how,
          .recall = recall_,
          .queries_per_second = rates.empty() ? 0 : rates[rates.size() / 2],
          .p50_ms = percentile_ms(latencies, 0.50),
          .p95_ms = percentile_ms(latencies, 0.95),
          .p99_ms = percentile_ms(latencies, 0.99),
          .query_count = latencies.size()};
}

}  // namespace omen::bench
