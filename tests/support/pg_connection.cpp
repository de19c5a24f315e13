#include "tests/support/pg_connection.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace omen::tests {
namespace {

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string{} : std::string{text};
}

void collect_notice(void* target, const PGresult* notice) {
  static_cast<std::vector<Diagnostic>*>(target)->push_back(diagnostic_of(notice));
}

}  // namespace

Diagnostic diagnostic_of(const PGresult* result) {
  return {.severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED),
          .sqlstate = field(result, PG_DIAG_SQLSTATE),
          .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
          .detail = field(result, PG_DIAG_MESSAGE_DETAIL),
          .hint = field(result, PG_DIAG_MESSAGE_HINT),
          .position = field(result, PG_DIAG_STATEMENT_POSITION),
          .constraint = field(result, PG_DIAG_CONSTRAINT_NAME)};
}

bool is_error(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

PgConnection::PgConnection(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
  if (!is_alive()) {
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  }
  PQsetNoticeReceiver(connection_.get(), collect_notice, notices_.get());
}

ResultPtr PgConnection::run(const std::string& sql, Protocol protocol) {
  notices_->clear();
  PGconn* connection = connection_.get();
  const int sent =
      protocol == Protocol::Simple
          ? PQsendQuery(connection, sql.c_str())
          : PQsendQueryParams(connection, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0);
  ResultPtr last;
  while (sent == 1) {
    ResultPtr result = next_result();
    if (result == nullptr) {
      break;
    }
    last = std::move(result);
    const ExecStatusType status = PQresultStatus(last.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
      break;
    }
  }
  if (last == nullptr || (is_error(last.get()) && !is_alive())) {
    throw std::runtime_error("connection lost: " + std::string{PQerrorMessage(connection)});
  }
  return last;
}

ResultPtr PgConnection::next_result() {
  using Clock = std::chrono::steady_clock;
  PGconn* connection = connection_.get();
  const Clock::time_point end = Clock::now() + std::chrono::seconds(answer_seconds_max_);
  while (answer_seconds_max_ != 0 && PQisBusy(connection) == 1) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd ready{.fd = PQsocket(connection), .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) == 0) {
      throw std::runtime_error("no answer within " + std::to_string(answer_seconds_max_) + " s");
    }
    if (PQconsumeInput(connection) == 0) {
      break;
    }
  }
  return ResultPtr(PQgetResult(connection));
}

ResultPtr PgConnection::must(const std::string& sql, Protocol protocol) {
  ResultPtr result = run(sql, protocol);
  if (is_error(result.get())) {
    throw std::runtime_error(sql + ": " + PQresultErrorMessage(result.get()));
  }
  return result;
}

std::string PgConnection::value(const std::string& sql) {
  const ResultPtr result = must(sql);
  return PQntuples(result.get()) == 0 ? std::string{} : PQgetvalue(result.get(), 0, 0);
}

std::string with_database(const std::string& url, std::string_view database) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) {
    throw std::runtime_error("a postgresql:// URL is needed, not: " + url);
  }
  const std::size_t query = url.find('?', scheme);
  const std::size_t path = url.find('/', scheme + 3);
  const std::size_t authority_end = std::min({path, query, url.size()});
  const std::string rest = query == std::string::npos ? "" : url.substr(query);
  return url.substr(0, authority_end) + "/" + std::string{database} + rest;
}

}  // namespace omen::tests
