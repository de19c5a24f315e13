#include "tests/support/pg_connection.h"

#include <algorithm>
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
  ResultPtr result;
  if (protocol == Protocol::Simple) {
    result.reset(PQexec(connection_.get(), sql.c_str()));
  } else {
    result.reset(
        PQexecParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
  }
  if (result == nullptr || (is_error(result.get()) && !is_alive())) {
    throw std::runtime_error("connection lost: " + std::string{PQerrorMessage(connection_.get())});
  }
  return result;
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
