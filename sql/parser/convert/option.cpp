#include <fmt/format.h>

#include "sql/error/sql_error.h"
#include "sql/parser/convert/converter.h"
#include "sql/parser/parser.h"

namespace omen::sql {
namespace {

std::string type_text(const PgQuery__TypeName& type) {
  const GrammarList names{type.names, type.n_names};
  return names.empty() ? std::string() : string_of(*names.back());
}

/// The text of an option's value, as PostgreSQL's defGetString reads it.
std::string value_text(const GrammarNode& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_STRING:
      return text_of(node.string->sval);
    case PG_QUERY__NODE__NODE_INTEGER:
      return fmt::to_string(node.integer->ival);
    case PG_QUERY__NODE__NODE_FLOAT:
      return text_of(node.float_->fval);
    case PG_QUERY__NODE__NODE_BOOLEAN:
      return node.boolean->boolval != 0 ? "true" : "false";
    case PG_QUERY__NODE__NODE_TYPE_NAME:
      return type_text(*node.type_name);
    case PG_QUERY__NODE__NODE_A_STAR:
      return "*";
    case PG_QUERY__NODE__NODE_ROLE_SPEC:
      return role_name(node.role_spec);
    case PG_QUERY__NODE__NODE_A_CONST: {
      const PgQuery__AConst& constant = *node.a_const;
      switch (constant.val_case) {
        case PG_QUERY__A__CONST__VAL_SVAL:
          return text_of(constant.sval->sval);
        case PG_QUERY__A__CONST__VAL_IVAL:
          return fmt::to_string(constant.ival->ival);
        case PG_QUERY__A__CONST__VAL_FVAL:
          return text_of(constant.fval->fval);
        case PG_QUERY__A__CONST__VAL_BOOLVAL:
          return constant.boolval->boolval != 0 ? "true" : "false";
        default:
          break;
      }
      break;
    }
    default:
      break;
  }
  unsupported("this kind of option value");
}

}  // namespace

void stack_depth_exceeded() {
  throw SqlError(sqlstate::kStatementTooComplex, "stack depth limit exceeded")
      .hint(fmt::format("Statements may nest at most {} levels.", kParseDepthMax));
}

Converter::DepthGuard::DepthGuard(Converter& converter) : converter_(converter) {
  if (converter_.depth_ >= kParseDepthMax) {
    stack_depth_exceeded();
  }
  ++converter_.depth_;
}

std::string string_of(const GrammarNode& node) {
  if (node.node_case != PG_QUERY__NODE__NODE_STRING) {
    internal_error("the grammar gave no string where a name belongs");
  }
  return text_of(node.string->sval);
}

std::vector<std::string> strings_of(GrammarList list) {
  std::vector<std::string> names;
  names.reserve(list.size());
  for (const GrammarNode* node : list) {
    names.push_back(string_of(*node));
  }
  return names;
}

std::string role_name(const PgQuery__RoleSpec* role) {
  if (role == nullptr) {
    return {};
  }
  switch (role->roletype) {
    case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_ROLE:
      return "current_role";
    case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_USER:
      return "current_user";
    case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_SESSION_USER:
      return "session_user";
    case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC:
      return "public";
    default:
      return text_of(role->rolename);
  }
}

ast::Option Converter::option(const PgQuery__DefElem& node) {
  ast::Option out;
  out.name = text_of(node.defname);
  if (has_text(node.defnamespace)) {
    out.name = text_of(node.defnamespace) + "." + out.name;
  }
  out.location = node.location;
  if (!is_set(node.arg)) {
    return out;
  }
  if (node.arg->node_case == PG_QUERY__NODE__NODE_A_STAR) {
    out.star = true;
  } else if (node.arg->node_case == PG_QUERY__NODE__NODE_LIST) {
    for (const GrammarNode* item : GrammarList{node.arg->list->items, node.arg->list->n_items}) {
      out.list.push_back(value_text(*item));
    }
  } else {
    out.value = value_text(*node.arg);
  }
  return out;
}

std::vector<ast::Option> Converter::options(GrammarList list) {
  std::vector<ast::Option> out;
  out.reserve(list.size());
  for (const GrammarNode* node : list) {
    out.push_back(option(*node->def_elem));
  }
  return out;
}

ast::DropKind Converter::object_kind(PgQuery__ObjectType type) {
  switch (type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
      return ast::DropKind::Table;
    case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
      return ast::DropKind::Index;
    case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
      return ast::DropKind::Sequence;
    case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA:
      return ast::DropKind::Schema;
    case PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION:
      return ast::DropKind::Extension;
    case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
      return ast::DropKind::View;
    case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
      return ast::DropKind::Type;
    case PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION:
      return ast::DropKind::Function;
    case PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW:
      return ast::DropKind::MaterializedView;
    default:
      unsupported("this kind of object");
  }
}

}  // namespace omen::sql
