#include <fmt/format.h>

#include "sql/error/sql_error.h"
#include "sql/session/commands/catalog_access.h"
#include "sql/session/commands/commands.h"

namespace omen::sql {
namespace {

constexpr std::string_view kVectorVersion = "0.8.6";

}  // namespace

std::string create_schema(ClientSession& session, const ast::CreateSchemaStatement& statement) {
  CatalogAccess access(session);
  if (access.catalog().find_schema(statement.name) != nullptr) {
    const std::string message = fmt::format("schema \"{}\" already exists", statement.name);
    if (!statement.if_not_exists) {
      throw SqlError(sqlstate::kDuplicateSchema, message);
    }
    session.notice(sqlstate::kDuplicateSchema, message + ", skipping");
    return "CREATE SCHEMA";
  }
  if (statement.name.starts_with("pg_")) {
    throw SqlError(sqlstate::kReservedName,
                   fmt::format("unacceptable schema name \"{}\"", statement.name))
        .detail("The prefix \"pg_\" is reserved for system schemas.");
  }
  engine::Schema schema;
  schema.oid = access.new_oid();
  schema.name = statement.name;
  access.put(std::move(schema));
  return "CREATE SCHEMA";
}

std::string create_extension(ClientSession& session,
                             const ast::CreateExtensionStatement& statement) {
  CatalogAccess access(session);
  const engine::Extension* existing = access.catalog().find_extension(statement.name);
  if (statement.update) {
    if (existing == nullptr) {
      throw SqlError(sqlstate::kUndefinedObject,
                     fmt::format("extension \"{}\" does not exist", statement.name));
    }
    const std::string version = statement.version.value_or(existing->version);
    if (version != existing->version) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("extension \"{}\" has no update path from version \"{}\" to "
                                 "version \"{}\"",
                                 statement.name, existing->version, version));
    }
    session.notice(sqlstate::kSuccessfulCompletion,
                   fmt::format("version \"{}\" of extension \"{}\" is already installed", version,
                               statement.name));
    return "ALTER EXTENSION";
  }
  // plpgsql is there from the start, as in every PostgreSQL database.
  if (existing != nullptr || statement.name == "plpgsql") {
    const std::string message = fmt::format("extension \"{}\" already exists", statement.name);
    if (!statement.if_not_exists) {
      throw SqlError(sqlstate::kDuplicateObject, message);
    }
    session.notice(sqlstate::kDuplicateObject, message + ", skipping");
    return "CREATE EXTENSION";
  }
  if (statement.name != "vector") {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("extension \"{}\" is not available", statement.name))
        .detail(fmt::format("Could not open extension control file "
                            "\"/usr/share/postgresql/15/extension/{}.control\": No such file or "
                            "directory.",
                            statement.name))
        .hint("The extension must first be installed on the system where PostgreSQL is running.");
  }
  if (statement.version && *statement.version != kVectorVersion) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("extension \"vector\" has no installation script nor update path "
                               "for version \"{}\"",
                               *statement.version));
  }
  engine::Extension extension;
  extension.schema_oid = statement.schema ? access.schema(*statement.schema).oid
                                          : access.creation_schema({statement.name}).oid;
  extension.oid = access.new_oid();
  extension.name = statement.name;
  extension.version = kVectorVersion;
  access.put(std::move(extension));
  return "CREATE EXTENSION";
}

}  // namespace omen::sql
