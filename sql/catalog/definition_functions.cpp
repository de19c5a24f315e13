// pg_get_*def, pg_get_expr, descriptions, visibility: functions that put the catalog into words.
#include <fmt/format.h>

#include <algorithm>

#include "sql/binder/deparse.h"
#include "sql/catalog/definitions.h"
#include "sql/catalog/descriptions.h"
#include "sql/catalog/entries.h"
#include "sql/catalog/opclass.h"
#include "sql/catalog/system_relation.h"
#include "sql/error/sql_error.h"
#include "sql/functions/registry.h"
#include "sql/session/session.h"
#include "sql/types/object_names.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

using MaybeText = std::optional<std::string>;

Oid oid_of(OidValue value) {
  return static_cast<Oid>(value.value);
}
Oid oid_of(Regclass value) {
  return static_cast<Oid>(value.value);
}

MaybeText get_indexdef(Surroundings& s, OidValue index) {
  return index_definition(s.context, oid_of(index), false);
}
MaybeText get_indexdef_column(Surroundings& s, OidValue index, Int4 column, bool pretty) {
  return column == 0 ? index_definition(s.context, oid_of(index), pretty)
                     : index_column_definition(s.context, oid_of(index), column);
}
MaybeText get_constraintdef(Surroundings& s, OidValue constraint) {
  return constraint_definition(s.context, oid_of(constraint), false);
}
MaybeText get_constraintdef_pretty(Surroundings& s, OidValue constraint, bool pretty) {
  return constraint_definition(s.context, oid_of(constraint), pretty);
}
std::string get_expr(Surroundings& s, PgNodeTree expression, OidValue /*relation*/) {
  return expression_text(s.context, expression.value);
}
std::string get_expr_pretty(Surroundings& s, PgNodeTree expression, OidValue relation,
                            bool pretty) {
  if (!pretty || s.context.catalog == nullptr) {
    return expression_text(s.context, expression.value);
  }
  return pretty_expression_text(s.context, std::string(expression.value),
                                s.context.catalog->get<engine::Table>(oid_of(relation)));
}

// Objects of kinds that cannot be created here: no definition exists for any oid.
MaybeText no_definition(OidValue /*object*/) {
  return std::nullopt;
}
MaybeText no_definition_pretty(OidValue /*object*/, bool /*pretty*/) {
  return std::nullopt;
}

/// The SELECT of a system view, which are all the views there are.
MaybeText get_viewdef(OidValue view) {
  const SystemRelation* relation = find_system_relation(oid_of(view));
  return relation == nullptr || relation->view_sql.empty()
             ? std::nullopt
             : MaybeText(" " + std::string(relation->view_sql) + ";");
}
MaybeText get_viewdef_pretty(OidValue view, bool /*pretty*/) {
  return get_viewdef(view);
}

std::string type_list(std::span<const Oid> types) {
  std::string list;
  for (const Oid type : types) {
    list += (list.empty() ? "" : ", ") + format_type({type, -1});
  }
  return list;
}
MaybeText function_arguments(OidValue function) {
  if (const FunctionDef* found = find_function(oid_of(function))) {
    return type_list(found->argument_types);
  }
  for (const AggregateDef& aggregate : all_aggregates()) {
    if (aggregate.oid == oid_of(function)) {
      return aggregate.argument_types.empty() ? "*" : type_list(aggregate.argument_types);
    }
  }
  return std::nullopt;
}
MaybeText function_result(OidValue function) {
  if (const FunctionDef* found = find_function(oid_of(function))) {
    return (found->set_body != nullptr ? "SETOF " : "") + format_type({found->result_type, -1});
  }
  for (const AggregateDef& aggregate : all_aggregates()) {
    if (aggregate.oid == oid_of(function)) {
      return format_type({aggregate.result_type, -1});
    }
  }
  return std::nullopt;
}

Owned<type_oid::kName> get_userbyid(Surroundings& s, OidValue role) {
  if (oid_of(role) == kDatabaseOwnerRoleOid) {
    return {kDatabaseOwnerRoleName};
  }
  const engine::Role* found =
      s.context.catalog == nullptr ? nullptr : s.context.catalog->get<engine::Role>(oid_of(role));
  return {found != nullptr ? found->name : fmt::format("unknown (OID={})", role.value)};
}

MaybeText unless_empty(std::string_view comment) {
  return comment.empty() ? std::nullopt : MaybeText(comment);
}

MaybeText object_description(const EvalContext& context, Oid object, std::string_view catalog) {
  if (catalog == "pg_proc") {
    const FunctionDef* function = find_function(object);
    return function == nullptr ? std::nullopt : unless_empty(function->description);
  }
  if (context.catalog == nullptr) {
    return std::nullopt;
  }
  for (const BuiltInComment& comment : built_in_comments()) {
    if (comment.oid == object && find_system_relation(comment.class_oid)->name == catalog &&
        (!comment.extension_vector || context.catalog->find_extension("vector") != nullptr)) {
      return std::string(comment.text);
    }
  }
  const engine::CatalogEntry* entry = context.catalog->find(object);
  if (entry == nullptr) {
    return std::nullopt;
  }
  if (const auto* table = std::get_if<engine::Table>(entry); table && catalog == "pg_class") {
    return unless_empty(table->comment);
  }
  if (const auto* index = std::get_if<engine::Index>(entry); index && catalog == "pg_class") {
    return unless_empty(index->comment);
  }
  if (const auto* extension = std::get_if<engine::Extension>(entry);
      extension && catalog == "pg_extension") {
    return unless_empty(extension_comment(extension->name));
  }
  return std::nullopt;
}
MaybeText obj_description(Surroundings& s, OidValue object, Name catalog) {
  return object_description(s.context, oid_of(object), catalog.value);
}
MaybeText obj_description_any(Surroundings& s, OidValue object) {
  for (const char* catalog :
       {"pg_class", "pg_extension", "pg_proc", "pg_type", "pg_namespace", "pg_am"}) {
    if (auto text = object_description(s.context, oid_of(object), catalog)) {
      return text;
    }
  }
  return std::nullopt;
}
// Shared objects (databases, roles, tablespaces) cannot be commented on.
MaybeText shobj_description(OidValue /*object*/, Name /*catalog*/) {
  return std::nullopt;
}
MaybeText col_description(Surroundings& s, OidValue relation, Int4 column) {
  const engine::Table* table = s.context.catalog == nullptr
                                   ? nullptr
                                   : s.context.catalog->get<engine::Table>(oid_of(relation));
  if (table == nullptr || column < 1 || static_cast<std::size_t>(column) > table->columns.size()) {
    return std::nullopt;
  }
  return unless_empty(table->columns[static_cast<std::size_t>(column) - 1].comment);
}

std::optional<bool> table_is_visible(Surroundings& s, OidValue relation) {
  return relation_is_visible(s.context, oid_of(relation));
}
Oid vector_schema(const EvalContext& context) {
  const engine::Extension* extension =
      context.catalog == nullptr ? nullptr : context.catalog->find_extension("vector");
  return extension == nullptr ? 0 : extension->schema_oid;
}
std::optional<bool> type_is_visible(Surroundings& s, OidValue type) {
  if (is_extension_type(oid_of(type))) {
    return schema_is_on_path(s.context, vector_schema(s.context));
  }
  if (find_type(oid_of(type)) != nullptr) {
    return true;
  }
  std::optional<bool> visible;
  for_each_entry<engine::Table>(s.context, [&](const engine::Table& table) {
    if (table.row_type_oid == oid_of(type)) {
      visible = relation_is_visible(s.context, table.oid);
    }
  });
  return visible;
}
std::optional<bool> function_is_visible(Surroundings& s, OidValue function) {
  const FunctionDef* found = find_function(oid_of(function));
  if (found != nullptr) {
    return !found->extension_vector || schema_is_on_path(s.context, vector_schema(s.context));
  }
  const auto aggregates = all_aggregates();
  const auto aggregate = std::ranges::find(aggregates, oid_of(function), &AggregateDef::oid);
  if (aggregate == aggregates.end()) {
    return std::nullopt;
  }
  return !aggregate->extension_vector || schema_is_on_path(s.context, vector_schema(s.context));
}
std::optional<bool> operator_is_visible(Surroundings& s, OidValue op) {
  const auto operators = all_operators();
  const auto found = std::ranges::find(operators, oid_of(op), &OperatorDef::oid);
  if (found == operators.end()) {
    return std::nullopt;
  }
  return !found->extension_vector || schema_is_on_path(s.context, vector_schema(s.context));
}
std::optional<bool> opclass_is_visible(Surroundings& s, OidValue opclass) {
  const OperatorClass* found = find_operator_class(oid_of(opclass));
  if (found == nullptr) {
    return std::nullopt;
  }
  return !found->extension_vector || schema_is_on_path(s.context, vector_schema(s.context));
}
std::optional<bool> opfamily_is_visible(Surroundings& s, OidValue family) {
  const std::span<const OperatorClass> classes = operator_classes();
  const auto found = std::ranges::find(classes, oid_of(family), &OperatorClass::family_oid);
  if (found == classes.end()) {
    return std::nullopt;
  }
  return !found->extension_vector || schema_is_on_path(s.context, vector_schema(s.context));
}
std::optional<bool> collation_is_visible(OidValue collation) {
  const Oid oid = oid_of(collation);
  return oid == 100 || oid == 950 || oid == 951 ? std::optional(true) : std::nullopt;
}
// Kinds of objects of which none exist: NULL, as for any unknown oid.
std::optional<bool> never_visible(OidValue /*object*/) {
  return std::nullopt;
}

MaybeText serial_sequence(Surroundings& s, Text table_name, Text column_name) {
  const Oid oid = resolve_object(type_oid::kRegclass, table_name, s.context);
  const engine::Table* table = s.context.catalog->get<engine::Table>(oid);
  if (table == nullptr) {
    return std::nullopt;
  }
  const auto column = std::ranges::find(table->columns, column_name, &engine::Column::name);
  if (column == table->columns.end() || column->dropped) {
    throw SqlError(
        sqlstate::kUndefinedColumn,
        fmt::format("column \"{}\" of relation \"{}\" does not exist", column_name, table->name));
  }
  const auto position = static_cast<std::uint16_t>(column - table->columns.begin());
  MaybeText name;
  for_each_entry<engine::Sequence>(s.context, [&](const engine::Sequence& sequence) {
    if (sequence.owner_table_oid == oid && sequence.owner_column == position) {
      name = quote_identifier(schema_name(s.context, sequence.schema_oid)) + "." +
             quote_identifier(sequence.name);
    }
  });
  return name;
}

MaybeText describe(Surroundings& s, OidValue class_oid, OidValue object, Int4 sub_id) {
  return describe_object(s.context, oid_of(class_oid), oid_of(object), sub_id);
}

bool relation_is_publishable(Surroundings& s, Regclass relation) {
  return s.context.catalog != nullptr &&
         s.context.catalog->get<engine::Table>(oid_of(relation)) != nullptr;
}

constexpr FunctionRow kRows[] = {
    scalar<get_indexdef>(1643, "pg_get_indexdef", "index description").stable(),
    scalar<get_indexdef_column>(2507, "pg_get_indexdef",
                                "index description (full create statement or single expression)")
        .stable(),
    scalar<get_constraintdef>(1387, "pg_get_constraintdef", "constraint description").stable(),
    scalar<get_constraintdef_pretty>(2508, "pg_get_constraintdef", "constraint description")
        .stable(),
    scalar<get_expr>(1716, "pg_get_expr", "deparse an encoded expression").stable(),
    scalar<get_expr_pretty>(2509, "pg_get_expr", "deparse an encoded expression").stable(),
    scalar<get_viewdef>(1641, "pg_get_viewdef", "select statement of a view").stable(),
    scalar<get_viewdef_pretty>(2506, "pg_get_viewdef", "select statement of a view").stable(),
    scalar<no_definition>(1573, "pg_get_ruledef", "source text of a rule").stable(),
    scalar<no_definition_pretty>(2504, "pg_get_ruledef", "source text of a rule").stable(),
    scalar<no_definition>(1662, "pg_get_triggerdef", "trigger description").stable(),
    scalar<no_definition_pretty>(2730, "pg_get_triggerdef", "trigger description").stable(),
    scalar<no_definition>(3352, "pg_get_partkeydef", "partition key description").stable(),
    scalar<no_definition>(3415, "pg_get_statisticsobjdef", "extended statistics description")
        .stable(),
    scalar<no_definition>(6174, "pg_get_statisticsobjdef_columns", "extended statistics columns")
        .stable(),
    scalar<no_definition>(6197, "pg_get_function_sqlbody", "function SQL body").stable(),
    scalar<no_definition>(2098, "pg_get_functiondef", "definition of a function").stable(),
    scalar<function_arguments>(2162, "pg_get_function_arguments", "argument list of a function")
        .stable(),
    scalar<function_arguments>(2232, "pg_get_function_identity_arguments",
                               "identity argument list of a function")
        .stable(),
    scalar<function_result>(2165, "pg_get_function_result", "result type of a function").stable(),
    scalar<get_userbyid>(1642, "pg_get_userbyid", "role name by OID").stable(),
    scalar<obj_description>(1215, "obj_description", "description of an object").stable(),
    scalar<obj_description_any>(1348, "obj_description", "description of an object").stable(),
    scalar<shobj_description>(1993, "shobj_description", "description of a shared object").stable(),
    scalar<col_description>(1216, "col_description", "description of a column").stable(),
    scalar<table_is_visible>(2079, "pg_table_is_visible", "is table visible in search path?")
        .stable(),
    scalar<type_is_visible>(2080, "pg_type_is_visible", "is type visible in search path?").stable(),
    scalar<function_is_visible>(2081, "pg_function_is_visible",
                                "is function visible in search path?")
        .stable(),
    scalar<operator_is_visible>(2082, "pg_operator_is_visible",
                                "is operator visible in search path?")
        .stable(),
    scalar<opclass_is_visible>(2083, "pg_opclass_is_visible", "is opclass visible in search path?")
        .stable(),
    scalar<opfamily_is_visible>(3829, "pg_opfamily_is_visible",
                                "is opfamily visible in search path?")
        .stable(),
    scalar<collation_is_visible>(3815, "pg_collation_is_visible",
                                 "is collation visible in search path?")
        .stable(),
    scalar<never_visible>(2093, "pg_conversion_is_visible", "is conversion visible in search path?")
        .stable(),
    scalar<never_visible>(3758, "pg_ts_config_is_visible",
                          "is text search configuration visible in search path?")
        .stable(),
    scalar<never_visible>(3756, "pg_ts_parser_is_visible",
                          "is text search parser visible in search path?")
        .stable(),
    scalar<never_visible>(3757, "pg_ts_dict_is_visible",
                          "is text search dictionary visible in search path?")
        .stable(),
    scalar<never_visible>(3768, "pg_ts_template_is_visible",
                          "is text search template visible in search path?")
        .stable(),
    scalar<never_visible>(3403, "pg_statistics_obj_is_visible",
                          "is statistics object visible in search path?")
        .stable(),
    scalar<describe>(3537, "pg_describe_object", "get identification of SQL object").stable(),
    scalar<serial_sequence>(1665, "pg_get_serial_sequence", "name of sequence for a serial column")
        .stable(),
    scalar<relation_is_publishable>(6121, "pg_relation_is_publishable",
                                    "returns whether a relation can be part of a publication")
        .stable(),
};

}  // namespace

const FunctionTable kDefinitionFunctions = kRows;

}  // namespace omen::sql
