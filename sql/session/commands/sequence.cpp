#include <fmt/format.h>

#include <utility>

#include "sql/error/sql_error.h"
#include "sql/session/commands/catalog_access.h"
#include "sql/session/commands/commands.h"
#include "sql/session/commands/sequence_options.h"

namespace omen::sql {
namespace {

/// The type named in AS, if any.
std::optional<Oid> named_type(CatalogAccess& access, const std::vector<ast::Option>& options) {
  for (const ast::Option& option : options) {
    if (option.name == "as_type" && option.value) {
      ast::TypeName name;
      name.names = {*option.value};
      name.location = option.location;
      return resolve_type(access.bind_context(), name).oid;
    }
  }
  return std::nullopt;
}

void set_owner(CatalogAccess& access, engine::Sequence& sequence, const ast::QualifiedName& owner) {
  if (owner.size() == 1) {
    if (owner[0] != "none") {
      throw SqlError(sqlstate::kSyntaxError, "invalid OWNED BY option")
          .hint("Specify OWNED BY table.column or OWNED BY NONE.");
    }
    sequence.owner_table_oid = 0;
    sequence.owner_column = 0;
    return;
  }
  const ast::QualifiedName table_name(owner.begin(), owner.end() - 1);
  const engine::Table& table = access.lock_table(table_name, -1, engine::TableLock::AccessShare);
  if (table.schema_oid != sequence.schema_oid) {
    throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                   "sequence must be in same schema as table it is linked to");
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].dropped && table.columns[i].name == owner.back()) {
      sequence.owner_table_oid = table.oid;
      sequence.owner_column = static_cast<std::uint16_t>(i);
      return;
    }
  }
  throw SqlError(
      sqlstate::kUndefinedColumn,
      fmt::format("column \"{}\" of relation \"{}\" does not exist", owner.back(), table.name));
}

}  // namespace

std::string create_sequence(ClientSession& session, const ast::CreateSequenceStatement& statement) {
  CatalogAccess access(session);
  const ast::QualifiedName& name = statement.sequence->name;
  const engine::Schema& schema = access.creation_schema(name);
  if (access.catalog().find_relation(schema.oid, name.back()) != nullptr) {
    const std::string message = fmt::format("relation \"{}\" already exists", name.back());
    if (!statement.if_not_exists) {
      throw SqlError(sqlstate::kDuplicateTable, message);
    }
    session.notice(sqlstate::kDuplicateTable, message + ", skipping");
    return "CREATE SEQUENCE";
  }
  engine::Sequence sequence;
  sequence.oid = access.new_oid();
  sequence.schema_oid = schema.oid;
  sequence.name = name.back();
  const SequenceRequest request = apply_sequence_options(
      sequence, statement.options, {.is_new = true, .type = named_type(access, statement.options)});
  if (request.owned_by) {
    set_owner(access, sequence, *request.owned_by);
  }
  access.put(std::move(sequence));
  return "CREATE SEQUENCE";
}

std::string alter_sequence(ClientSession& session, const ast::AlterSequenceStatement& statement) {
  CatalogAccess access(session);
  const ast::QualifiedName& name = statement.sequence->name;
  const engine::CatalogEntry* entry = access.find_relation(name);
  if (entry == nullptr) {
    if (!statement.if_exists) {
      throw SqlError(sqlstate::kUndefinedTable,
                     fmt::format("relation \"{}\" does not exist", joined(name)))
          .at(statement.sequence->location);
    }
    session.notice(sqlstate::kSuccessfulCompletion,
                   fmt::format("relation \"{}\" does not exist, skipping", joined(name)));
    return "ALTER SEQUENCE";
  }
  const auto* existing = std::get_if<engine::Sequence>(entry);
  if (existing == nullptr) {
    throw SqlError(sqlstate::kWrongObjectType,
                   fmt::format("\"{}\" is not a sequence", name.back()));
  }
  engine::Sequence sequence = *existing;
  const SequenceRequest request =
      apply_sequence_options(sequence, statement.options,
                             {.is_new = false, .type = named_type(access, statement.options)});
  if (request.owned_by) {
    set_owner(access, sequence, *request.owned_by);
  }
  access.put(sequence);
  if (const std::optional<std::int64_t> restart = request.restart_value(sequence)) {
    throw_if_error(access.transaction().sequence_set(sequence, *restart, false));
  }
  return "ALTER SEQUENCE";
}

}  // namespace omen::sql
