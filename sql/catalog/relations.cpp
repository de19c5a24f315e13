// pg_namespace, pg_class, pg_attribute, pg_attrdef, pg_index, pg_constraint, pg_sequence.
#include <algorithm>

#include "sql/binder/deparse.h"
#include "sql/catalog/base_relations.h"
#include "sql/catalog/definitions.h"
#include "sql/catalog/entries.h"
#include "sql/catalog/opclass.h"
#include "sql/catalog/row_writer.h"
#include "sql/catalog/system_relation.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

using engine::CatalogEntry;
using engine::Index;
using engine::Sequence;
using engine::Table;

constexpr Oid kOwner = engine::kBootstrapRoleOid;

std::optional<std::string> options_array(const engine::Options& options) {
  if (options.empty()) {
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const auto& [name, value] : options) {
    texts.push_back(name + "=" + value);
  }
  return text_array(texts);
}

struct ClassRow {
  Oid oid, schema_oid, row_type, access_method;
  std::string_view name;
  char kind;
  std::size_t column_count;
  std::size_t check_count = 0;
  bool has_index = false;
  double row_count = -1;
  std::uint64_t page_count = 0;
  std::optional<std::string> options;
  bool has_rules = false;
};

void put_class(RowWriter& writer, const ClassRow& r) {
  const bool stored = r.kind != 'v';
  writer.row(r.oid, r.name, r.schema_oid, r.row_type, 0, kOwner, r.access_method,
             stored ? r.oid : 0, 0, r.page_count, r.row_count, 0, 0, r.has_index, false, 'p',
             r.kind, r.column_count, r.check_count, r.has_rules, false, false, false, false, true,
             r.kind == 'r' ? 'd' : 'n', false, 0, r.kind == 'r' ? 1 : 0, r.kind == 'r' ? 1 : 0,
             std::nullopt, r.options, std::nullopt);
}

constexpr std::uint64_t kPageBytes = 8192;

std::uint64_t pages(std::uint64_t size_bytes) {
  return (size_bytes + kPageBytes - 1) / kPageBytes;
}

struct AttributeRow {
  Oid relation;
  std::string_view name;
  Type type;
  std::size_t number;
  bool not_null = false;
  bool has_default = false;
  char identity = '\0';
  bool dropped = false;
};

void put_attribute(RowWriter& writer, const AttributeRow& a) {
  const TypeInfo* type = a.dropped ? nullptr : find_type(a.type.oid);
  const std::string dropped_name = "........pg.dropped." + std::to_string(a.number) + "........";
  const bool is_array = type != nullptr && type->category == 'A';
  writer.row(a.relation, a.dropped ? std::string_view(dropped_name) : a.name,
             a.dropped ? 0 : a.type.oid, a.dropped ? 0 : -1, type == nullptr ? 0 : type->length,
             a.number, is_array ? 1 : 0, -1, a.type.modifier, type != nullptr && type->by_value,
             type == nullptr ? 'i' : type->align, type == nullptr ? 'p' : type->storage, '\0',
             a.not_null, a.has_default, false, a.identity, '\0', a.dropped, true, 0,
             a.dropped ? 0 : collation_of(a.type.oid), std::nullopt, std::nullopt, std::nullopt,
             std::nullopt);
}

std::vector<std::int16_t> attribute_numbers(const Index& index, std::size_t count) {
  std::vector<std::int16_t> numbers;
  for (std::size_t i = 0; i < count; ++i) {
    numbers.push_back(static_cast<std::int16_t>(index.columns[i].column + 1));
  }
  return numbers;
}

}  // namespace

void pg_namespace_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  writer.row(engine::kPgCatalogSchemaOid, "pg_catalog", kOwner, std::nullopt);
  writer.row(99, "pg_toast", kOwner, std::nullopt);
  writer.row(engine::kInformationSchemaOid, "information_schema", kOwner, std::nullopt);
  for_each_entry<engine::Schema>(context, [&](const engine::Schema& schema) {
    if (schema.oid != engine::kPgCatalogSchemaOid && schema.oid != engine::kInformationSchemaOid) {
      const Oid owner = schema.oid == engine::kPublicSchemaOid ? kDatabaseOwnerRoleOid : kOwner;
      writer.row(schema.oid, schema.name, owner, std::nullopt);
    }
  });
}

void pg_class_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  for (const SystemRelation& relation : system_relations()) {
    const bool is_view = relation.is_view;
    put_class(writer, {.oid = relation.oid,
                       .schema_oid = relation.schema_oid,
                       .row_type = 0,
                       .access_method = is_view ? 0 : access_method_oid::kHeap,
                       .name = relation.name,
                       .kind = is_view ? 'v' : 'r',
                       .column_count = relation.columns.size(),
                       .options = std::nullopt,
                       .has_rules = is_view});
  }
  for_each_entry<Table>(context, [&](const Table& table) {
    ClassRow row{.oid = table.oid,
                 .schema_oid = table.schema_oid,
                 .row_type = table.row_type_oid,
                 .access_method = access_method_oid::kHeap,
                 .name = table.name,
                 .kind = 'r',
                 .column_count = table.columns.size(),
                 .check_count = table.checks.size(),
                 .has_index = !context.catalog->indexes_of(table.oid).empty(),
                 .options = options_array(table.options)};
    if (context.engine != nullptr) {
      const engine::TableStatistics statistics = context.engine->table_statistics(table.oid);
      row.row_count = statistics.live_rows;
      row.page_count = pages(statistics.size_bytes);
    }
    put_class(writer, row);
  });
  for_each_entry<Index>(context, [&](const Index& index) {
    ClassRow row{.oid = index.oid,
                 .schema_oid = index.schema_oid,
                 .row_type = 0,
                 .access_method = access_method_of(index),
                 .name = index.name,
                 .kind = 'i',
                 .column_count = index.columns.size(),
                 .options = options_array(index.options)};
    if (context.engine != nullptr) {
      row.row_count = context.engine->table_statistics(index.table_oid).live_rows;
      row.page_count = pages(context.engine->index_statistics(index.oid).size_bytes);
    }
    put_class(writer, row);
  });
  for_each_entry<Sequence>(context, [&](const Sequence& sequence) {
    put_class(writer, {.oid = sequence.oid,
                       .schema_oid = sequence.schema_oid,
                       .row_type = 0,
                       .access_method = 0,
                       .name = sequence.name,
                       .kind = 'S',
                       .column_count = 3,
                       .row_count = 1,
                       .page_count = 1,
                       .options = std::nullopt});
  });
}

void pg_attribute_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  for (const SystemRelation& relation : system_relations()) {
    std::size_t number = 0;
    for (const SystemColumn& column : relation.columns) {
      put_attribute(writer, {.relation = relation.oid,
                             .name = column.name,
                             .type = {column.type, -1},
                             .number = ++number});
    }
  }
  for_each_entry<Table>(context, [&](const Table& table) {
    std::size_t number = 0;
    for (const engine::Column& column : table.columns) {
      put_attribute(writer, {.relation = table.oid,
                             .name = column.name,
                             .type = {column.type_oid, column.type_modifier},
                             .number = ++number,
                             .not_null = column.not_null,
                             .has_default = has_own_default(column),
                             .identity = static_cast<char>(column.identity),
                             .dropped = column.dropped});
    }
  });
  for_each_entry<Index>(context, [&](const Index& index) {
    const Table* table = context.catalog->get<Table>(index.table_oid);
    std::size_t number = 0;
    for (const engine::IndexColumn& key : index.columns) {
      const engine::Column& column = table->columns[key.column];
      put_attribute(writer, {.relation = index.oid,
                             .name = column.name,
                             .type = {column.type_oid, column.type_modifier},
                             .number = ++number});
    }
  });
  for_each_entry<Sequence>(context, [&](const Sequence& sequence) {
    put_attribute(writer, {sequence.oid, "last_value", {type_oid::kInt8, -1}, 1, true});
    put_attribute(writer, {sequence.oid, "log_cnt", {type_oid::kInt8, -1}, 2, true});
    put_attribute(writer, {sequence.oid, "is_called", {type_oid::kBool, -1}, 3, true});
  });
}

void pg_attrdef_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  for_each_entry<Table>(context, [&](const Table& table) {
    std::size_t number = 0;
    for (const engine::Column& column : table.columns) {
      ++number;
      if (has_own_default(column)) {
        writer.row(column.default_oid, table.oid, number, column.default_sql);
      }
    }
  });
}

void pg_index_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  for_each_entry<Index>(context, [&](const Index& index) {
    const Table* table = context.catalog->get<Table>(index.table_oid);
    std::vector<Oid> collations;
    std::vector<Oid> classes;
    std::vector<std::int16_t> options;
    for (std::size_t i = 0; i < index.key_column_count; ++i) {
      const engine::IndexColumn& key = index.columns[i];
      collations.push_back(collation_of(table->columns[key.column].type_oid));
      classes.push_back(key.opclass_oid);
      options.push_back(
          static_cast<std::int16_t>((key.descending ? 1 : 0) | (key.nulls_first ? 2 : 0)));
    }
    writer.row(index.oid, index.table_oid, index.columns.size(), index.key_column_count,
               index.unique, false, index.primary, false, true, false, true, false, true, true,
               false, int2_vector(attribute_numbers(index, index.columns.size())),
               oid_vector(collations), oid_vector(classes), int2_vector(options), std::nullopt,
               std::nullopt);
  });
}

void pg_constraint_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  auto put = [&](Oid oid, const std::string& name, Oid schema, char type, Oid table, Oid index,
                 const std::optional<std::string>& keys,
                 const std::optional<std::string>& expression) {
    writer.row(oid, name, schema, type, false, false, true, table, 0, index, 0, 0, ' ', ' ', ' ',
               true, 0, type != 'c', keys, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
               std::nullopt, std::nullopt, expression);
  };
  for_each_entry<Index>(context, [&](const Index& index) {
    if (index.constraint_oid != 0) {
      put(index.constraint_oid, index.name, index.schema_oid, index.primary ? 'p' : 'u',
          index.table_oid, index.oid, int2_array(attribute_numbers(index, index.key_column_count)),
          std::nullopt);
    }
  });
  for_each_entry<Table>(context, [&](const Table& table) {
    for (const engine::CheckConstraint& check : table.checks) {
      put(check.oid, check.name, table.schema_oid, 'c', table.oid, 0,
          int2_array(check_columns(context, check.expression_sql, table)), check.expression_sql);
    }
  });
}

void pg_sequence_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  for_each_entry<Sequence>(context, [&](const Sequence& s) {
    writer.row(s.oid, s.type_oid, s.start, s.increment, s.max, s.min, s.cache, s.cycle);
  });
}

}  // namespace omen::sql
