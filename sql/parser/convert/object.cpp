#include "sql/error/sql_error.h"
#include "sql/parser/convert/converter.h"

namespace omen::sql {
namespace {

/// A possibly qualified name: a list of strings, one string, a type or a routine.
ast::QualifiedName object_name(const GrammarNode& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_STRING:
      return {string_of(node)};
    case PG_QUERY__NODE__NODE_LIST:
      return strings_of({node.list->items, node.list->n_items});
    case PG_QUERY__NODE__NODE_TYPE_NAME:
      return strings_of({node.type_name->names, node.type_name->n_names});
    case PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS:
      return strings_of({node.object_with_args->objname, node.object_with_args->n_objname});
    default:
      unsupported("this way to name an object");
  }
}

const char* object_type_name(PgQuery__ObjectType type) {
  switch (type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
      return "table";
    case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN:
      return "column";
    case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
      return "index";
    case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
      return "sequence";
    case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA:
      return "schema";
    case PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION:
      return "extension";
    case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
      return "view";
    case PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW:
      return "materialized view";
    case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
      return "type";
    case PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION:
      return "function";
    case PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE:
      return "database";
    case PG_QUERY__OBJECT_TYPE__OBJECT_ROLE:
      return "role";
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
      return "constraint";
    default:
      unsupported("COMMENT on this kind of object");
  }
}

}  // namespace

ast::Statement* Converter::drop(const PgQuery__DropStmt& node) {
  auto* out = arena_.make<ast::DropStatement>();
  out->object = object_kind(node.remove_type);
  for (const GrammarNode* object : GrammarList{node.objects, node.n_objects}) {
    out->names.push_back(object_name(*object));
  }
  out->if_exists = node.missing_ok != 0;
  out->cascade = node.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
  out->concurrently = node.concurrent != 0;
  return out;
}

ast::Statement* Converter::truncate(const PgQuery__TruncateStmt& node) {
  auto* out = arena_.make<ast::TruncateStatement>();
  out->tables = tables({node.relations, node.n_relations});
  out->restart_identity = node.restart_seqs != 0;
  out->cascade = node.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
  return out;
}

ast::Statement* Converter::create_schema(const PgQuery__CreateSchemaStmt& node) {
  if (node.authrole != nullptr) {
    unsupported("AUTHORIZATION in CREATE SCHEMA", node.authrole->location);
  }
  if (node.n_schema_elts > 0) {
    unsupported("CREATE SCHEMA with elements");
  }
  auto* out = arena_.make<ast::CreateSchemaStatement>();
  out->name = text_of(node.schemaname);
  out->if_not_exists = node.if_not_exists != 0;
  return out;
}

namespace {

void rename_sequence_options(std::vector<ast::Option>& options) {
  for (ast::Option& option : options) {
    if (option.name == "as") {
      option.name = "as_type";
    }
  }
}

}  // namespace

ast::Statement* Converter::create_sequence(const PgQuery__CreateSeqStmt& node) {
  if (has_text(node.sequence->relpersistence) && node.sequence->relpersistence[0] != 'p') {
    unsupported("a temporary or unlogged sequence", node.sequence->location);
  }
  auto* out = arena_.make<ast::CreateSequenceStatement>();
  out->sequence = table(node.sequence);
  out->if_not_exists = node.if_not_exists != 0;
  out->options = options({node.options, node.n_options});
  rename_sequence_options(out->options);
  return out;
}

ast::Statement* Converter::alter_sequence(const PgQuery__AlterSeqStmt& node) {
  auto* out = arena_.make<ast::AlterSequenceStatement>();
  out->sequence = table(node.sequence);
  out->if_exists = node.missing_ok != 0;
  out->options = options({node.options, node.n_options});
  rename_sequence_options(out->options);
  return out;
}

ast::Statement* Converter::create_extension(const PgQuery__CreateExtensionStmt& node) {
  auto* out = arena_.make<ast::CreateExtensionStatement>();
  out->name = text_of(node.extname);
  out->if_not_exists = node.if_not_exists != 0;
  for (const ast::Option& given : options({node.options, node.n_options})) {
    if (given.name == "schema") {
      out->schema = given.value;
    } else if (given.name == "new_version") {
      out->version = given.value;
    } else if (given.name == "cascade") {
      out->cascade = true;
    } else {
      unsupported("option \"" + given.name + "\" of CREATE EXTENSION", given.location);
    }
  }
  return out;
}

ast::Statement* Converter::alter_extension(const PgQuery__AlterExtensionStmt& node) {
  auto* out = arena_.make<ast::CreateExtensionStatement>();
  out->name = text_of(node.extname);
  out->update = true;
  for (const ast::Option& given : options({node.options, node.n_options})) {
    if (given.name == "new_version") {
      out->version = given.value;
    } else {
      unsupported("option \"" + given.name + "\" of ALTER EXTENSION", given.location);
    }
  }
  return out;
}

ast::Statement* Converter::create_role(const PgQuery__CreateRoleStmt& node) {
  auto* out = arena_.make<ast::CreateRoleStatement>();
  out->name = text_of(node.role);
  out->login_by_default = node.stmt_type == PG_QUERY__ROLE_STMT_TYPE__ROLESTMT_USER;
  out->options = options({node.options, node.n_options});
  return out;
}

ast::Statement* Converter::drop_role(const PgQuery__DropRoleStmt& node) {
  auto* out = arena_.make<ast::DropStatement>();
  out->object = ast::DropKind::Role;
  out->if_exists = node.missing_ok != 0;
  for (std::size_t i = 0; i < node.n_roles; ++i) {
    const PgQuery__RoleSpec& role = *node.roles[i]->role_spec;
    if (role.roletype != PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     "cannot use special role specifier in DROP ROLE");
    }
    out->names.push_back({text_of(role.rolename)});
  }
  return out;
}

ast::Statement* Converter::alter_role(const PgQuery__AlterRoleStmt& node) {
  auto* out = arena_.make<ast::CreateRoleStatement>();
  out->name = role_name(node.role);
  out->alter = true;
  out->options = options({node.options, node.n_options});
  for (const ast::Option& given : out->options) {
    if (given.name == "rolemembers") {
      unsupported("ALTER GROUP", given.location);
    }
  }
  return out;
}

ast::Statement* Converter::comment(const PgQuery__CommentStmt& node) {
  auto* out = arena_.make<ast::CommentStatement>();
  out->object_type = object_type_name(node.objtype);
  out->name = object_name(*node.object);
  if (has_text(node.comment)) {
    out->comment = text_of(node.comment);
  }
  return out;
}

}  // namespace omen::sql
