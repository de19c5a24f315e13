#include "sql/session/commands/internal_query.h"

#include "sql/binder/deparse.h"
#include "sql/session/execution.h"

namespace omen::sql {
namespace {

PlanPtr plan_internal(ClientSession& session, const std::string& sql) {
  const ParsedText parsed = parse(sql);
  std::vector<Oid> parameter_types;
  return session.plan_and_lock(*parsed.statements.at(0), parameter_types);
}

}  // namespace

std::uint64_t run_internal(ClientSession& session, const std::string& sql) {
  Execution execution(session, plan_internal(session, sql), {});
  execution.run();
  return execution.rows_affected();
}

bool has_row(ClientSession& session, const std::string& sql) {
  Execution execution(session, plan_internal(session, sql), {});
  engine::ColumnBatch batch;
  while (execution.next(batch)) {
    if (batch.row_count() > 0) {
      return true;
    }
  }
  return false;
}

std::string qualified_name(CatalogAccess& access, const engine::Table& table) {
  const auto* schema = access.catalog().get<engine::Schema>(table.schema_oid);
  return quote_identifier(schema->name) + "." + quote_identifier(table.name);
}

}  // namespace omen::sql
