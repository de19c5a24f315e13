#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "sql/catalog/opclass.h"
#include "sql/error/sql_error.h"
#include "sql/session/commands/commands.h"
#include "sql/session/commands/index_definition.h"
#include "sql/session/commands/table_definition.h"
#include "sql/types/text.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr std::size_t kIndexColumnsMax = 32;
/// pgvector's limit of an indexed column's dimensions; ours is the type's own.
constexpr std::int32_t dimensions_max(Oid type) {
  switch (type) {
    case type_oid::kHalfvec:
      return 4000;
    case type_oid::kBit:
      return 64000;
    case type_oid::kSparsevec:
      return 1000000000;
    default:
      return 2000;
  }
}

engine::VectorElement element_of(Oid type) {
  switch (type) {
    case type_oid::kHalfvec:
      return engine::VectorElement::Half;
    case type_oid::kBit:
      return engine::VectorElement::Bit;
    case type_oid::kSparsevec:
      return engine::VectorElement::Sparse;
    default:
      return engine::VectorElement::Float32;
  }
}

/// The column an element means: named, or written as a cast that changes nothing
/// (`(embedding::vector(3))` of a vector(3) column, as LangChain does).
class IndexBuilder {
 public:
  IndexBuilder(CatalogAccess& access, const engine::Table& table,
               const ast::CreateIndexStatement& statement)
      : access_(access), table_(table), statement_(statement) {
    index_.schema_oid = table.schema_oid;
    index_.table_oid = table.oid;
    index_.unique = statement.unique;
  }

  engine::Index build() {
    choose_method();
    for (const ast::IndexElement* element : statement_.elements) {
      add_key(*element);
    }
    index_.key_column_count = static_cast<std::uint16_t>(index_.columns.size());
    for (const ast::IndexElement* element : statement_.including) {
      if (element->expression != nullptr) {
        unsupported("expressions in included columns");
      }
      index_.columns.push_back({.column = column_of(*element)});
    }
    if (index_.columns.size() > kIndexColumnsMax) {
      throw SqlError(sqlstate::kTooManyColumns,
                     fmt::format("cannot use more than {} columns in an index", kIndexColumnsMax));
    }
    set_options();
    return std::move(index_);
  }

  /// Column names joined as PostgreSQL names the index: a second `a` is a1.
  [[nodiscard]] std::string name_of_columns() const {
    std::vector<std::string> names;
    for (const engine::IndexColumn& column : columns_) {
      std::string name = table_.columns[column.column].name;
      const std::string base = name;
      for (int n = 1; std::find(names.begin(), names.end(), name) != names.end(); ++n) {
        name = fmt::format("{}{}", base, n);
      }
      names.push_back(std::move(name));
    }
    std::string joined_names;
    for (const std::string& name : names) {
      joined_names += joined_names.empty() ? "" : "_";
      joined_names += name;
    }
    return joined_names;
  }

 private:
  void choose_method() {
    if (statement_.method == "btree") {
      method_oid_ = access_method_oid::kBtree;
      return;
    }
    const bool is_vector = statement_.method == "hnsw" || statement_.method == "ivfflat";
    if (!is_vector) {
      const bool is_postgres_method = statement_.method == "hash" || statement_.method == "gin" ||
                                      statement_.method == "gist" ||
                                      statement_.method == "spgist" || statement_.method == "brin";
      if (is_postgres_method) {
        unsupported(fmt::format("access method \"{}\"", statement_.method));
      }
    }
    if (!is_vector || access_.catalog().find_extension("vector") == nullptr) {
      throw SqlError(sqlstate::kUndefinedObject,
                     fmt::format("access method \"{}\" does not exist", statement_.method));
    }
    method_oid_ =
        statement_.method == "hnsw" ? access_method_oid::kHnsw : access_method_oid::kIvfflat;
    index_.method = engine::IndexMethod::Hnsw;
    const auto refuse = [&](bool asked, std::string_view what) {
      if (asked) {
        throw SqlError(
            sqlstate::kFeatureNotSupported,
            fmt::format("access method \"{}\" does not support {}", statement_.method, what));
      }
    };
    refuse(statement_.unique, "unique indexes");
    refuse(!statement_.including.empty(), "included columns");
    refuse(statement_.elements.size() > 1, "multicolumn indexes");
  }

  std::uint16_t column_of(const ast::IndexElement& element) {
    const std::string name = column_name_of(element);
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      if (!table_.columns[i].dropped && table_.columns[i].name == name) {
        columns_.push_back({.column = static_cast<std::uint16_t>(i)});
        return static_cast<std::uint16_t>(i);
      }
    }
    if (name == "ctid" || name == "tableoid" || name == "xmin" || name == "xmax" ||
        name == "cmin" || name == "cmax") {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "index creation on system columns is not supported");
    }
    throw SqlError(sqlstate::kUndefinedColumn, fmt::format("column \"{}\" does not exist", name));
  }

  std::string column_name_of(const ast::IndexElement& element) {
    if (element.expression == nullptr) {
      return element.column;
    }
    const ast::Expr* expression = element.expression;
    const ast::TypeName* cast = nullptr;
    if (expression->kind == ast::ExprKind::Cast) {
      cast = ast::as<ast::Cast>(*expression).type;
      expression = ast::as<ast::Cast>(*expression).operand;
    }
    if (expression->kind == ast::ExprKind::ColumnRef) {
      const ast::QualifiedName& names = ast::as<ast::ColumnRef>(*expression).names;
      for (const engine::Column& column : table_.columns) {
        const bool is_it = !column.dropped && !names.empty() && column.name == names.back();
        if (is_it && (cast == nullptr || resolve_type(access_.bind_context(), *cast) ==
                                             Type{column.type_oid, column.type_modifier})) {
          return column.name;
        }
      }
    }
    unsupported("an index on an expression", element.expression->location);
  }

  void add_key(const ast::IndexElement& element) {
    check_collation(element.collation, -1);
    const std::uint16_t position = column_of(element);
    const engine::Column& column = table_.columns[position];
    const OperatorClass& opclass = opclass_of(element, column);
    engine::IndexColumn key{.column = position,
                            .descending = element.descending,
                            .nulls_first = element.nulls_first.value_or(element.descending),
                            .opclass_oid = opclass.oid};
    if (index_.method == engine::IndexMethod::Hnsw) {
      check_vector_key(element, column, opclass);
    }
    index_.columns.push_back(key);
  }

  const OperatorClass& opclass_of(const ast::IndexElement& element, const engine::Column& column) {
    const std::string type = format_type({column.type_oid, -1});
    if (element.opclass.empty()) {
      const OperatorClass* found = default_operator_class(method_oid_, column.type_oid);
      if (found != nullptr) {
        return *found;
      }
      throw SqlError(sqlstate::kUndefinedObject,
                     fmt::format("data type {} has no default operator class for access method "
                                 "\"{}\"",
                                 type, statement_.method))
          .hint(
              "You must specify an operator class for the index or define a default operator "
              "class for the data type.");
    }
    const OperatorClass* found = find_operator_class(method_oid_, element.opclass.back());
    if (found == nullptr ||
        (found->extension_vector && access_.catalog().find_extension("vector") == nullptr)) {
      throw SqlError(sqlstate::kUndefinedObject,
                     fmt::format("operator class \"{}\" does not exist for access method \"{}\"",
                                 joined(element.opclass), statement_.method));
    }
    const OperatorClass* natural = default_operator_class(method_oid_, column.type_oid);
    const bool accepts =
        found->input_type == column.type_oid || natural == found ||
        (found->input_type == type_oid::kText && column.type_oid == type_oid::kVarchar) ||
        (found->input_type == type_oid::kBit && column.type_oid == type_oid::kVarbit);
    if (!accepts) {
      throw SqlError(sqlstate::kDatatypeMismatch,
                     fmt::format("operator class \"{}\" does not accept data type {}",
                                 joined(element.opclass), type));
    }
    return *found;
  }

  void check_vector_key(const ast::IndexElement& element, const engine::Column& column,
                        const OperatorClass& opclass) {
    if (element.explicit_order) {
      throw SqlError(
          sqlstate::kFeatureNotSupported,
          fmt::format("access method \"{}\" does not support ASC/DESC options", statement_.method));
    }
    if (element.nulls_first) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     fmt::format("access method \"{}\" does not support NULLS FIRST/LAST options",
                                 statement_.method));
    }
    if (column.type_oid == type_oid::kVarbit) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     fmt::format("type not supported for {} index", statement_.method));
    }
    index_.metric = opclass.metric;
    index_.element = element_of(column.type_oid);
    if (column.type_modifier < 0) {
      throw SqlError(sqlstate::kInvalidParameterValue, "column does not have dimensions");
    }
    if (column.type_modifier > dimensions_max(column.type_oid) &&
        access_.session().setting_values().boolean("omendb.strict_pgvector")) {
      throw SqlError(sqlstate::kProgramLimitExceeded,
                     fmt::format("column cannot have more than {} dimensions for {} index",
                                 dimensions_max(column.type_oid), statement_.method));
    }
    if (method_oid_ == access_method_oid::kIvfflat && column.type_modifier < 2 &&
        opclass.metric != engine::Metric::L2) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     "dimensions must be greater than one for this opclass");
    }
  }

  struct Bounds {
    int min;
    int max;
  };
  static std::uint32_t vector_option(const ast::Option& option, const Bounds& bounds) {
    const std::string text = option.value.value_or("true");
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0') {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("invalid value for integer option \"{}\": {}", option.name, text));
    }
    const auto rounded =
        static_cast<int>(std::clamp(number + (number < 0 ? -0.5 : 0.5), -1e9, 1e9));
    if (rounded < bounds.min || rounded > bounds.max) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("value {} out of bounds for option \"{}\"", text, option.name))
          .detail(
              fmt::format("Valid values are between \"{}\" and \"{}\".", bounds.min, bounds.max));
    }
    return static_cast<std::uint32_t>(rounded);
  }

  static engine::Quantization quantization_option(const ast::Option& option) {
    constexpr std::pair<std::string_view, engine::Quantization> kNames[] = {
        {"bq", engine::Quantization::Binary},
        {"sq8", engine::Quantization::Scalar8},
        {"none", engine::Quantization::None},
        {"pq32", engine::Quantization::Product},
    };
    const std::string text = option.value.value_or("true");
    for (const auto& [name, quantization] : kNames) {
      if (ascii_lower(text) == name) {
        return quantization;
      }
    }
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("invalid value for enum option \"{}\": {}", option.name, text))
        .detail("Valid values are \"bq\", \"sq8\", \"none\", and \"pq32\".");
  }

  void set_options() {
    if (index_.method == engine::IndexMethod::Btree) {
      index_.options = storage_options(statement_.options, true);
      return;
    }
    const bool is_hnsw = method_oid_ == access_method_oid::kHnsw;
    for (const ast::Option& option : statement_.options) {
      if (is_hnsw && option.name == "m") {
        index_.m = vector_option(option, {2, 100});
      } else if (is_hnsw && option.name == "ef_construction") {
        index_.ef_construction = vector_option(option, {4, 1000});
      } else if (option.name == "quantization") {
        index_.quantization = quantization_option(option);
      } else if (!is_hnsw && option.name == "lists") {
        static_cast<void>(vector_option(option, {1, 32768}));
      } else {
        throw SqlError(sqlstate::kInvalidParameterValue,
                       fmt::format("unrecognized parameter \"{}\"", option.name));
      }
      index_.options.emplace_back(option.name, option.value.value_or("true"));
    }
    if (index_.quantization != engine::Quantization::Binary &&
        (index_.metric == engine::Metric::L1 || index_.element == engine::VectorElement::Bit ||
         index_.element == engine::VectorElement::Sparse)) {
      unsupported("quantization of an index on bits, sparse vectors or for taxicab distance");
    }
    if (is_hnsw && index_.ef_construction < 2 * index_.m) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     "ef_construction must be greater than or equal to 2 * m");
    }
  }

  CatalogAccess& access_;
  const engine::Table& table_;
  const ast::CreateIndexStatement& statement_;
  Oid method_oid_ = 0;
  engine::Index index_;
  std::vector<engine::IndexColumn> columns_;  ///< key and included, for the name
};

}  // namespace

std::string create_index(ClientSession& session, const ast::CreateIndexStatement& statement) {
  if (statement.concurrently) {
    session.block().require_no_block("CREATE INDEX CONCURRENTLY");
  }
  if (statement.where != nullptr) {
    unsupported("a partial index", statement.where->location);
  }
  if (statement.nulls_not_distinct) {
    unsupported("NULLS NOT DISTINCT");
  }
  CatalogAccess access(session);
  const engine::Table table =
      access.lock_table(statement.table->name, statement.table->location, engine::TableLock::Share);
  if (!statement.name.empty() &&
      access.catalog().find_relation(table.schema_oid, statement.name) != nullptr) {
    if (!statement.if_not_exists) {
      throw SqlError(sqlstate::kDuplicateTable,
                     fmt::format("relation \"{}\" already exists", statement.name));
    }
    session.notice(sqlstate::kDuplicateTable,
                   fmt::format("relation \"{}\" already exists, skipping", statement.name));
    return "CREATE INDEX";
  }
  IndexBuilder builder(access, table, statement);
  engine::Index index = builder.build();
  index.oid = access.new_oid();
  index.name = !statement.name.empty()
                   ? statement.name
                   : access.unused_relation_name(table.schema_oid, table.name,
                                                 builder.name_of_columns(), "idx");
  build_index(access, table, std::move(index),
              statement.concurrently ? "CREATE INDEX CONCURRENTLY" : "CREATE INDEX");
  return "CREATE INDEX";
}

}  // namespace omen::sql
