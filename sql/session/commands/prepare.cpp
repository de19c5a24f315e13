#include <fmt/format.h>

#include "sql/error/sql_error.h"
#include "sql/planner/planner.h"
#include "sql/session/commands/commands.h"
#include "sql/session/commands/expressions.h"
#include "sql/session/portals.h"
#include "sql/types/type_io.h"

namespace omen::sql {

std::string prepare_named(ClientSession& session, const PreparedStatement& prepared) {
  const auto& statement = ast::as<ast::PrepareStatement>(*prepared.statement());
  if (!is_query(*statement.query)) {
    unsupported(fmt::format("PREPARE of {}", command_name(*statement.query)));
  }
  engine::Arena arena;
  const engine::CatalogPtr catalog = session.catalog();
  EvalContext context = session.make_eval_context();
  std::vector<Oid> types;
  BindContext bind{arena, *catalog, session.search_path(), context, types};
  std::vector<Oid> declared;
  for (const ast::TypeName* name : statement.parameter_types) {
    declared.push_back(resolve_type(bind, *name).oid);
  }
  session.store_prepared(
      statement.name, session.prepare_statement(prepared.text(), prepared.parsed(), statement.query,
                                                std::move(declared)));
  return "PREPARE";
}

std::unique_ptr<Portal> make_execute_portal(ClientSession& session,
                                            const ast::ExecuteStatement& statement,
                                            const std::vector<engine::Value>& parameters) {
  const auto prepared =
      std::static_pointer_cast<const PreparedStatement>(session.find_prepared(statement.name));
  const std::vector<Oid>& types = prepared->parameter_types();
  if (statement.arguments.size() != types.size()) {
    throw SqlError(
        sqlstate::kSyntaxError,
        fmt::format("wrong number of parameters for prepared statement \"{}\"", statement.name))
        .detail(fmt::format("Expected {} parameters but got {}.", types.size(),
                            statement.arguments.size()));
  }
  std::vector<engine::Value> values;
  for (std::size_t i = 0; i < types.size(); ++i) {
    values.push_back(evaluate_constant(session, *statement.arguments[i], {types[i], -1},
                                       fmt::format("parameter ${}", i + 1)));
  }
  static_cast<void>(parameters);
  return make_portal(session, prepared, std::move(values));
}

std::string deallocate(ClientSession& session, const ast::DeallocateStatement& statement) {
  if (statement.name.empty()) {
    session.drop_all_prepared();
    return "DEALLOCATE ALL";
  }
  static_cast<void>(session.find_prepared(statement.name));
  session.drop_prepared(statement.name);
  return "DEALLOCATE";
}

std::string discard(ClientSession& session, const ast::DiscardStatement& statement) {
  if (statement.target == "ALL") {
    session.block().require_no_block("DISCARD ALL");
    session.transaction();
    session.setting_values().reset_all();
    session.drop_all_prepared();
    session.forget_plans();
    session.forget_sequences();
    session.block().session_locks().unlock_all();
    return "DISCARD ALL";
  }
  if (statement.target == "PLANS") {
    session.forget_plans();
    return "DISCARD PLANS";
  }
  if (statement.target == "SEQUENCES") {
    session.forget_sequences();
    return "DISCARD SEQUENCES";
  }
  return "DISCARD TEMP";  // there are no temporary tables
}

}  // namespace omen::sql
