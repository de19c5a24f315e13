#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What the test and benchmark programs share; product code never includes it.
namespace omen::tests {

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

/// The fields of an ErrorResponse or NoticeResponse that tests look at; absent ones are empty.
struct Diagnostic {
  std::string severity, sqlstate, message, detail, hint, position, constraint;
};

/// How a statement travels: as one Query message, or as Parse, Bind, Describe, Execute, Sync.
enum class Protocol { Simple, Extended };

/// One libpq connection. Not thread-safe. Throws std::runtime_error where no answer came at all;
/// errors the server answered with are in the result.
class PgConnection {
 public:
  /// Connects to a libpq connection string or URL.
  explicit PgConnection(const std::string& url);
  PgConnection(PgConnection&&) noexcept = default;
  PgConnection& operator=(PgConnection&&) noexcept = default;

  /// Runs one text and returns its last result. Notices that came are in notices() until the next
  /// call.
  ResultPtr run(const std::string& sql, Protocol protocol = Protocol::Simple);
  /// Gives up with an exception when a statement is not answered within so many seconds; 0: never.
  void set_answer_timeout(int seconds) { answer_seconds_max_ = seconds; }
  /// run(), but an error becomes a std::runtime_error that names the statement.
  ResultPtr must(const std::string& sql, Protocol protocol = Protocol::Simple);
  /// First value of the first row of must(); empty if there is none.
  std::string value(const std::string& sql);

  [[nodiscard]] bool is_alive() const { return PQstatus(connection_.get()) == CONNECTION_OK; }
  [[nodiscard]] PGconn* get() const { return connection_.get(); }
  [[nodiscard]] const std::vector<Diagnostic>& notices() const { return *notices_; }

 private:
  ResultPtr next_result();

  struct ConnectionDeleter {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, ConnectionDeleter> connection_;
  std::unique_ptr<std::vector<Diagnostic>> notices_ = std::make_unique<std::vector<Diagnostic>>();
  int answer_seconds_max_ = 0;
};

/// The error of a failed result, or the fields of a notice.
Diagnostic diagnostic_of(const PGresult* result);
[[nodiscard]] bool is_error(const PGresult* result);
/// `url` with another database name; `url` is a postgresql:// URL.
std::string with_database(const std::string& url, std::string_view database);

}  // namespace omen::tests
