#include "sql/catalog/privilege_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"
#include "sql/types/object_names.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"

/// has_*_privilege. Every role may do everything: GRANT is refused (0A000), so nothing can narrow
/// it. Names and privileges are looked at all the same.
namespace omen::sql {
namespace {

void check_role(const EvalContext& context, Name role) {
  if (role.value != "public" && context.catalog != nullptr &&
      context.catalog->find_role(role.value) == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("role \"{}\" does not exist", role.value));
  }
}
void check_role(const EvalContext& /*context*/, OidValue /*role*/) {}

/// A list of privileges, each perhaps WITH GRANT OPTION; 22023.
void check_privileges(std::string_view known, Text list) {
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view written = trim_spaces(list.substr(0, comma));
    std::string name = ascii_lower(written);
    constexpr std::string_view kGrantOption = " with grant option";
    if (name.ends_with(kGrantOption)) {
      name.resize(name.size() - kGrantOption.size());
    }
    if (name.empty() || fmt::format(",{},", known).find("," + name + ",") == std::string::npos) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("unrecognized privilege type: \"{}\"", written));
    }
    if (comma == Text::npos) {
      return;
    }
    list.remove_prefix(comma + 1);
  }
}

/// Whether there is such an object: an error for a name, NULL for an oid.
template <Oid kRegType>
std::optional<bool> find(const Surroundings& s, Text name) {
  static_cast<void>(resolve_object(kRegType, name, s.context));
  return true;
}
template <Oid kRegType>
std::optional<bool> find(const Surroundings& s, OidValue oid) {
  const auto object = static_cast<Oid>(oid.value);
  if (object_name(kRegType, object, s.context) == std::to_string(object)) {
    return std::nullopt;
  }
  return true;
}

struct Relation {
  static constexpr std::string_view kPrivileges =
      "select,insert,update,delete,truncate,references,trigger";
  static constexpr Oid kRegType = type_oid::kRegclass;
};
struct AnyColumn {
  static constexpr std::string_view kPrivileges = "select,insert,update,references";
  static constexpr Oid kRegType = type_oid::kRegclass;
};
struct SequenceObject {
  static constexpr std::string_view kPrivileges = "usage,select,update";
  static constexpr Oid kRegType = type_oid::kRegclass;
};
struct SchemaObject {
  static constexpr std::string_view kPrivileges = "create,usage";
  static constexpr Oid kRegType = type_oid::kRegnamespace;
};
struct FunctionObject {
  static constexpr std::string_view kPrivileges = "execute";
  static constexpr Oid kRegType = type_oid::kRegprocedure;
};
struct TypeObject {
  static constexpr std::string_view kPrivileges = "usage";
  static constexpr Oid kRegType = type_oid::kRegtype;
};

template <typename Kind, typename Object>
std::optional<bool> may(Surroundings& s, Object object, Text privileges) {
  check_privileges(Kind::kPrivileges, privileges);
  const std::optional<bool> found = find<Kind::kRegType>(s, object);
  if constexpr (std::is_same_v<Kind, SequenceObject> && std::is_same_v<Object, Text>) {
    const Oid oid = resolve_object(Kind::kRegType, object, s.context);
    if (s.context.catalog == nullptr || s.context.catalog->get<engine::Sequence>(oid) == nullptr) {
      throw SqlError(sqlstate::kWrongObjectType, fmt::format("\"{}\" is not a sequence", object));
    }
  }
  return found;
}
template <typename Kind, typename Role, typename Object>
std::optional<bool> role_may(Surroundings& s, Role role, Object object, Text privileges) {
  check_role(s.context, role);
  return may<Kind>(s, object, privileges);
}

// ---------------------------------------------------------------- columns

std::optional<bool> has_column(const engine::Table& table, Text name) {
  const bool found = std::ranges::any_of(table.columns, [&](const engine::Column& column) {
    return !column.dropped && column.name == name;
  });
  if (!found) {
    throw SqlError(
        sqlstate::kUndefinedColumn,
        fmt::format("column \"{}\" of relation \"{}\" does not exist", name, table.name));
  }
  return true;
}
std::optional<bool> has_column(const engine::Table& table, Int2 number) {
  const bool found = number > 0 && static_cast<std::size_t>(number) <= table.columns.size() &&
                     !table.columns[static_cast<std::size_t>(number) - 1].dropped;
  return found ? std::optional(true) : std::nullopt;
}

Oid table_oid(const Surroundings& s, Text name) {
  return resolve_object(type_oid::kRegclass, name, s.context);
}
Oid table_oid(const Surroundings& /*s*/, OidValue oid) {
  return static_cast<Oid>(oid.value);
}

template <typename Table, typename Column>
std::optional<bool> column_may(Surroundings& s, Table table, Column column, Text privileges) {
  check_privileges(AnyColumn::kPrivileges, privileges);
  const auto* found = s.context.catalog == nullptr
                          ? nullptr
                          : s.context.catalog->get<engine::Table>(table_oid(s, table));
  return found == nullptr ? std::nullopt : has_column(*found, column);
}
template <typename Role, typename Table, typename Column>
std::optional<bool> role_column_may(Surroundings& s, Role role, Table table, Column column,
                                    Text privileges) {
  check_role(s.context, role);
  return column_may(s, table, column, privileges);
}

// ---------------------------------------------------------------- databases

std::optional<bool> database_may(Surroundings& s, Text database, Text privileges) {
  check_privileges("create,connect,temporary,temp", privileges);
  if (s.context.session != nullptr && database != "postgres") {
    throw SqlError(sqlstate::kInvalidCatalogName,
                   fmt::format("database \"{}\" does not exist", database));
  }
  return true;
}
std::optional<bool> database_may_oid(OidValue /*database*/, Text privileges) {
  check_privileges("create,connect,temporary,temp", privileges);
  return true;
}
template <typename Role>
std::optional<bool> role_database_may(Surroundings& s, Role role, Text database, Text privileges) {
  check_role(s.context, role);
  return database_may(s, database, privileges);
}
template <typename Role>
std::optional<bool> role_database_may_oid(Surroundings& s, Role role, OidValue database,
                                          Text privileges) {
  check_role(s.context, role);
  return database_may_oid(database, privileges);
}

constexpr FunctionRow kRows[] = {
#define OMEN_PRIVILEGE_ROWS(KIND, FIRST, NAME)                                                  \
  scalar<role_may<KIND, Name, Text>>(FIRST, NAME, "user privilege by name").stable(),           \
      scalar<role_may<KIND, Name, OidValue>>((FIRST) + 1, NAME, "user privilege").stable(),     \
      scalar<role_may<KIND, OidValue, Text>>((FIRST) + 2, NAME, "user privilege").stable(),     \
      scalar<role_may<KIND, OidValue, OidValue>>((FIRST) + 3, NAME, "user privilege").stable(), \
      scalar<may<KIND, Text>>((FIRST) + 4, NAME, "current user privilege").stable(),            \
      scalar<may<KIND, OidValue>>((FIRST) + 5, NAME, "current user privilege").stable()
    OMEN_PRIVILEGE_ROWS(Relation, 1922, "has_table_privilege"),
    OMEN_PRIVILEGE_ROWS(SequenceObject, 2181, "has_sequence_privilege"),
    OMEN_PRIVILEGE_ROWS(AnyColumn, 3024, "has_any_column_privilege"),
    OMEN_PRIVILEGE_ROWS(SchemaObject, 2268, "has_schema_privilege"),
    OMEN_PRIVILEGE_ROWS(FunctionObject, 2256, "has_function_privilege"),
    OMEN_PRIVILEGE_ROWS(TypeObject, 3138, "has_type_privilege"),
#undef OMEN_PRIVILEGE_ROWS
    scalar<role_database_may<Name>>(2250, "has_database_privilege", "user privilege").stable(),
    scalar<role_database_may_oid<Name>>(2251, "has_database_privilege", "user privilege").stable(),
    scalar<role_database_may<OidValue>>(2252, "has_database_privilege", "user privilege").stable(),
    scalar<role_database_may_oid<OidValue>>(2253, "has_database_privilege", "user privilege")
        .stable(),
    scalar<database_may>(2254, "has_database_privilege", "current user privilege").stable(),
    scalar<database_may_oid>(2255, "has_database_privilege", "current user privilege").stable(),
    scalar<role_column_may<Name, Text, Text>>(3012, "has_column_privilege", "user privilege")
        .stable(),
    scalar<role_column_may<Name, Text, Int2>>(3013, "has_column_privilege", "user privilege")
        .stable(),
    scalar<role_column_may<Name, OidValue, Text>>(3014, "has_column_privilege", "user privilege")
        .stable(),
    scalar<role_column_may<Name, OidValue, Int2>>(3015, "has_column_privilege", "user privilege")
        .stable(),
    scalar<role_column_may<OidValue, Text, Text>>(3016, "has_column_privilege", "user privilege")
        .stable(),
    scalar<role_column_may<OidValue, Text, Int2>>(3017, "has_column_privilege", "user privilege")
        .stable(),
    scalar<role_column_may<OidValue, OidValue, Text>>(3018, "has_column_privilege",
                                                      "user privilege")
        .stable(),
    scalar<role_column_may<OidValue, OidValue, Int2>>(3019, "has_column_privilege",
                                                      "user privilege")
        .stable(),
    scalar<column_may<Text, Text>>(3020, "has_column_privilege", "current user privilege").stable(),
    scalar<column_may<Text, Int2>>(3021, "has_column_privilege", "current user privilege").stable(),
    scalar<column_may<OidValue, Text>>(3022, "has_column_privilege", "current user privilege")
        .stable(),
    scalar<column_may<OidValue, Int2>>(3023, "has_column_privilege", "current user privilege")
        .stable(),
};

}  // namespace

const FunctionTable kPrivilegeFunctions = kRows;

}  // namespace omen::sql
