#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/session/client_session.h"
#include "sql/session/commands/commands.h"
#include "sql/session/encoding.h"
#include "sql/session/portals.h"

// Preparing statements: split, parse, bind, plan, cache, and again after DDL.
namespace omen::sql {

void ClientSession::rethrow_with_position(SqlError error, std::string_view text) const {
  if (error.location() >= 0 && error.diagnostic().position == 0) {
    const auto offset = std::min(static_cast<std::size_t>(error.location()), text.size());
    error.diagnostic().position =
        base_position_ + static_cast<int>(count_characters(text.substr(0, offset))) + 1;
  }
  error.set_location(-1);
  throw error;
}

std::string ClientSession::cache_key(std::string_view text,
                                     std::span<const Oid> parameter_types) const {
  std::string key(text);
  key += '\0';
  for (const Oid type : parameter_types) {
    key += fmt::format("{},", type);
  }
  key += '\0';
  key += environment()->key();
  return key;
}

std::vector<std::string> ClientSession::split(std::string_view text) {
  begin_statement();
  check_utf8(text);
  split_offsets_.clear();
  split_parse_.reset();
  base_position_ = 0;
  if (cache_.find(cache_key(text, {})) != nullptr) {
    return {std::string(text)};
  }
  ParsedText parsed;
  try {
    parsed = parse(text);
  } catch (const SqlError& error) {
    rethrow_with_position(error, text);
  }
  if (parsed.statements.empty()) {
    return {};
  }
  if (parsed.statements.size() == 1) {
    split_parse_ = SplitParse{std::string(text), std::move(parsed)};
    return {std::string(text)};
  }
  std::vector<std::string> texts;
  for (const ast::Statement* statement : parsed.statements) {
    const auto begin = static_cast<std::size_t>(statement->location);
    const std::size_t length = statement->length == 0 ? std::string_view::npos
                                                      : static_cast<std::size_t>(statement->length);
    texts.emplace_back(text.substr(begin, length));
    split_offsets_.emplace_back(texts.back(),
                                static_cast<int>(count_characters(text.substr(0, begin))));
  }
  return texts;
}

PreparedPtr ClientSession::prepare(std::string_view text, std::span<const Oid> parameter_types) {
  begin_statement();
  base_position_ = 0;
  if (!split_offsets_.empty() && split_offsets_.front().first == text) {
    base_position_ = split_offsets_.front().second;
    split_offsets_.pop_front();
  }
  const std::string key = cache_key(text, parameter_types);
  if (block_.status() != TransactionStatus::Failed) {
    PreparedStatementPtr cached = cache_.find(key);
    if (cached != nullptr && cached->plan()->catalog == catalog()) {
      return lock_and_renew(cached);
    }
  }
  ParsedText parsed;
  if (split_parse_ && split_parse_->text == text) {
    parsed = std::move(split_parse_->parsed);
    split_parse_.reset();
  } else {
    check_utf8(text);
    try {
      parsed = parse(text);
    } catch (const SqlError& error) {
      rethrow_with_position(error, text);
    }
  }
  if (parsed.statements.size() > 1) {
    throw SqlError(sqlstate::kSyntaxError,
                   "cannot insert multiple commands into a prepared statement");
  }
  const ast::Statement* statement = parsed.statements.empty() ? nullptr : parsed.statements[0];
  PreparedStatementPtr prepared =
      prepare_statement(std::string(text), std::move(parsed), statement,
                        {parameter_types.begin(), parameter_types.end()});
  if (prepared->plan() != nullptr && is_text_cacheable(text)) {
    cache_.insert(key, prepared);
  }
  return lock_and_renew(prepared);
}

PreparedStatementPtr ClientSession::prepare_statement(std::string text, ParsedText parsed,
                                                      const ast::Statement* statement,
                                                      std::vector<Oid> parameter_types) {
  PreparedStatement::Content content;
  content.text = std::move(text);
  content.parsed = std::move(parsed);
  content.statement = statement;
  content.environment = environment();
  content.parameter_types = std::move(parameter_types);
  if (statement == nullptr) {
    content.statement_class = StatementClass::Empty;
    return std::make_shared<PreparedStatement>(std::move(content));
  }
  if (block_.status() == TransactionStatus::Failed) {
    PreparedStatement candidate(content);
    check_not_failed(candidate);
    return std::make_shared<PreparedStatement>(std::move(content));
  }
  try {
    if (is_query(*statement)) {
      content.plan = plan(*statement, content.parameter_types);
      content.columns = result_columns(*content.plan);
      content.statement_class =
          content.plan->returns_rows ? StatementClass::Rows : StatementClass::Command;
    } else {
      describe_command(*this, *statement, content);
    }
  } catch (const SqlError& error) {
    rethrow_with_position(error, content.text);
  }
  return std::make_shared<PreparedStatement>(std::move(content));
}

PlanPtr ClientSession::plan(const ast::Statement& query, std::vector<Oid>& parameter_types) {
  auto arena = std::make_shared<engine::Arena>();
  engine::CatalogPtr current = catalog();
  EvalContext context = make_eval_context();
  BindContext bind{*arena, *current, environment()->search_path, context, parameter_types};
  const BoundQuery* bound = bind_query(bind, query);
  return plan_query(std::move(arena), std::move(current), *bound, database_.engine(),
                    environment()->planner);
}

void ClientSession::lock_tables(const Plan& plan) {
  engine::Transaction& running = transaction();
  environment()->apply_timeouts(running);
  for (const auto& [table_oid, mode] : plan.locks) {
    throw_if_error(running.lock_table(table_oid, mode, cancel_));
  }
}

PreparedStatementPtr ClientSession::lock_and_renew(const PreparedStatementPtr& prepared) {
  PreparedStatementPtr current = prepared;
  if (current->plan() == nullptr) {
    return current;
  }
  for (;;) {
    // R13: lock first, compare then; a change that slipped in before the locks shows as a new
    // catalog.
    lock_tables(*current->plan());
    const bool is_same_environment = current->environment() == environment() ||
                                     current->environment()->binds_like(*environment());
    if (is_same_environment && current->plan()->catalog == catalog()) {
      return current;
    }
    std::string key = cache_key(prepared->text(), prepared->parameter_types());
    key += prepared->is_nested() ? "|nested" : "";  // the text is of the PREPARE around it
    current = cache_.find(key);
    if (current == nullptr || current->plan()->catalog != catalog()) {
      current = prepare_statement(prepared->text(), prepared->parsed(), prepared->statement(),
                                  prepared->parameter_types());
      if (is_text_cacheable(prepared->text())) {
        cache_.insert(key, current);
      }
    }
  }
}

PreparedStatementPtr ClientSession::revalidate(const PreparedStatementPtr& prepared) {
  PreparedStatementPtr current = lock_and_renew(prepared);
  if (current != prepared && !same_columns(prepared->columns(), current->columns())) {
    throw SqlError(sqlstate::kFeatureNotSupported, "cached plan must not change result type");
  }
  return current;
}

PlanPtr ClientSession::plan_and_lock(const ast::Statement& query,
                                     std::vector<Oid>& parameter_types) {
  for (;;) {
    PlanPtr planned = plan(query, parameter_types);
    lock_tables(*planned);
    if (planned->catalog == catalog()) {
      return planned;
    }
  }
}

}  // namespace omen::sql
