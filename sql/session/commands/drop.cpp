#include <fmt/format.h>

#include "sql/error/sql_error.h"
#include "sql/session/commands/commands.h"
#include "sql/session/commands/dependencies.h"

namespace omen::sql {
namespace {

std::string_view kind_name(ast::DropKind kind) {
  switch (kind) {
    case ast::DropKind::Table:
      return "table";
    case ast::DropKind::Index:
      return "index";
    case ast::DropKind::Sequence:
      return "sequence";
    case ast::DropKind::Schema:
      return "schema";
    case ast::DropKind::Extension:
      return "extension";
    case ast::DropKind::View:
      return "view";
    case ast::DropKind::Type:
      return "type";
    case ast::DropKind::Function:
      return "function";
    case ast::DropKind::MaterializedView:
      return "materialized view";
    case ast::DropKind::Role:
      return "role";
  }
  return "";
}

std::string_view article(std::string_view kind) {
  return kind == "index" ? "an" : "a";
}

class Dropper {
 public:
  Dropper(ClientSession& session, const ast::DropStatement& statement)
      : access_(session), statement_(statement), plan_(access_) {}

  void run() {
    std::string only;
    for (const ast::QualifiedName& name : statement_.names) {
      only = add(name);
    }
    plan_.run(statement_.names.size() == 1 ? only : "", statement_.cascade);
  }

 private:
  /// "table t" of what was added, or empty if it was skipped.
  std::string add(const ast::QualifiedName& name) {
    switch (statement_.object) {
      case ast::DropKind::Schema:
        return add_schema(name.back());
      case ast::DropKind::Extension:
        return add_extension(name.back());
      case ast::DropKind::Type:
        return refuse_type(name);
      case ast::DropKind::Role:
        drop_role(name.back());
        return "";
      default:
        return add_relation(name);
    }
  }

  void skip_or_throw(SqlState sqlstate, const std::string& message) {
    if (!statement_.if_exists) {
      throw SqlError(sqlstate, message);
    }
    access_.session().notice(sqlstate::kSuccessfulCompletion, message + ", skipping");
  }

  std::string add_schema(const std::string& name) {
    if (name == "pg_catalog" || name == "information_schema") {
      throw SqlError(sqlstate::kDependentObjectsStillExist,
                     fmt::format("cannot drop schema {} because it is required by the database "
                                 "system",
                                 name));
    }
    const engine::Schema* schema = access_.catalog().find_schema(name);
    if (schema == nullptr) {
      skip_or_throw(sqlstate::kInvalidSchemaName,
                    fmt::format("schema \"{}\" does not exist", name));
      return "";
    }
    plan_.add_schema(*schema);
    return "schema " + name;
  }

  std::string add_extension(const std::string& name) {
    const engine::Extension* extension = access_.catalog().find_extension(name);
    if (extension == nullptr) {
      skip_or_throw(sqlstate::kUndefinedObject,
                    fmt::format("extension \"{}\" does not exist", name));
      return "";
    }
    plan_.add_extension(*extension);
    return "extension " + name;
  }

  void drop_role(const std::string& name) {
    const std::string& user = access_.session().client().user;
    const engine::Role* self = access_.catalog().find_role(user);
    if (self == nullptr || !self->superuser) {
      throw SqlError(sqlstate::kInsufficientPrivilege, "permission denied to drop role");
    }
    const engine::Role* role = access_.catalog().find_role(name);
    if (role == nullptr) {
      skip_or_throw(sqlstate::kUndefinedObject, fmt::format("role \"{}\" does not exist", name));
      return;
    }
    if (name == user) {
      throw SqlError(sqlstate::kObjectInUse, "current user cannot be dropped");
    }
    if (role->oid == engine::kBootstrapRoleOid) {
      throw SqlError(
          sqlstate::kDependentObjectsStillExist,
          fmt::format("cannot drop role {} because it is required by the database system", name));
    }
    access_.drop(role->oid);
  }

  std::string refuse_type(const ast::QualifiedName& name) {
    if (name.back() == "vector" && access_.catalog().find_extension("vector") != nullptr) {
      throw SqlError(sqlstate::kDependentObjectsStillExist,
                     "cannot drop type vector because extension vector requires it")
          .hint("You can drop extension vector instead.");
    }
    skip_or_throw(sqlstate::kUndefinedObject,
                  fmt::format("type \"{}\" does not exist", joined(name)));
    return "";
  }

  std::string add_relation(const ast::QualifiedName& name) {
    const std::string_view kind = kind_name(statement_.object);
    if (name.size() > 1 && access_.catalog().find_schema(name[name.size() - 2]) == nullptr) {
      skip_or_throw(sqlstate::kInvalidSchemaName,
                    fmt::format("schema \"{}\" does not exist", name[name.size() - 2]));
      return "";
    }
    if (statement_.object == ast::DropKind::Function) {
      skip_or_throw(sqlstate::kUndefinedFunction,
                    fmt::format("function {} does not exist", joined(name)));
      return "";
    }
    const engine::CatalogEntry* entry = access_.find_relation(name);
    if (entry == nullptr) {
      // PostgreSQL says "table" with UNDEFINED_TABLE and "relation"-like kinds by their own name.
      const bool is_index = statement_.object == ast::DropKind::Index;
      skip_or_throw(is_index ? sqlstate::kUndefinedObject : sqlstate::kUndefinedTable,
                    fmt::format("{} \"{}\" does not exist", kind, joined(name)));
      return "";
    }
    if (relation_kind(*entry) != kind) {
      const std::string_view actual = relation_kind(*entry);
      throw SqlError(sqlstate::kWrongObjectType,
                     fmt::format("\"{}\" is not {} {}", name.back(), article(kind), kind))
          .hint(
              fmt::format("Use DROP {} to remove {} {}.", upper(actual), article(actual), actual));
    }
    std::string described = fmt::format("{} {}", kind, joined(name));
    if (const auto* table = std::get_if<engine::Table>(entry)) {
      plan_.add_table(*table);
    } else if (const auto* index = std::get_if<engine::Index>(entry)) {
      add_index(*index);
    } else if (const auto* sequence = std::get_if<engine::Sequence>(entry)) {
      add_sequence(*sequence);
    }
    return described;
  }

  void add_index(const engine::Index& index) {
    if (statement_.concurrently) {
      access_.session().block().require_no_block("DROP INDEX CONCURRENTLY");
    }
    if (index.constraint_oid != 0) {
      const auto* table = access_.catalog().get<engine::Table>(index.table_oid);
      const std::string constraint =
          fmt::format("constraint {} on table {}", index.name, table == nullptr ? "" : table->name);
      throw SqlError(
          sqlstate::kDependentObjectsStillExist,
          fmt::format("cannot drop index {} because {} requires it", index.name, constraint))
          .hint(fmt::format("You can drop {} instead.", constraint));
    }
    plan_.add_index(index);
  }

  void add_sequence(const engine::Sequence& sequence) {
    const auto* owner = access_.catalog().get<engine::Table>(sequence.owner_table_oid);
    const bool is_identity = owner != nullptr && owner->columns[sequence.owner_column].identity !=
                                                     engine::Identity::None;
    if (is_identity) {
      const std::string column = fmt::format(
          "column {} of table {}", owner->columns[sequence.owner_column].name, owner->name);
      throw SqlError(
          sqlstate::kDependentObjectsStillExist,
          fmt::format("cannot drop sequence {} because {} requires it", sequence.name, column))
          .hint(fmt::format("You can drop {} instead.", column));
    }
    plan_.add_sequence(sequence);
  }

  static std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
      c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    return result;
  }

  CatalogAccess access_;
  const ast::DropStatement& statement_;
  DropPlan plan_;
};

}  // namespace

std::string drop(ClientSession& session, const ast::DropStatement& statement) {
  Dropper(session, statement).run();
  return std::string(command_name(statement));
}

}  // namespace omen::sql
