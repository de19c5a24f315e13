// Catalogs of the cluster and of dependencies: pg_database, pg_authid, pg_tablespace, pg_language,
// pg_collation, pg_extension, pg_depend, pg_description.
#include "sql/catalog/base_relations.h"
#include "sql/catalog/entries.h"
#include "sql/catalog/opclass.h"
#include "sql/catalog/row_writer.h"
#include "sql/functions/function.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr Oid kOwner = engine::kBootstrapRoleOid;
constexpr Oid kDefaultTablespace = 1663;
constexpr int kEncodingUtf8 = 6;

/// Oids of catalogs that pg_depend and pg_description name as classes.
constexpr Oid kPgClass = 1259, kPgType = 1247, kPgProc = 1255, kPgOperator = 2617,
              kPgAttrdef = 2604, kPgConstraint = 2606, kPgAm = 2601, kPgOpclass = 2616,
              kPgOpfamily = 2753, kPgExtension = 3079, kPgNamespace = 2615;

void put_extension_members(const EvalContext& context, RowWriter& writer) {
  const engine::Extension* extension =
      context.catalog == nullptr ? nullptr : context.catalog->find_extension("vector");
  if (extension == nullptr) {
    return;
  }
  auto member = [&](Oid class_oid, Oid oid) {
    writer.row(class_oid, oid, 0, kPgExtension, extension->oid, 0, 'e');
  };
  member(kPgType, type_oid::kVector);
  member(kPgType, type_oid::kVectorArray);
  member(kPgAm, access_method_oid::kIvfflat);
  member(kPgAm, access_method_oid::kHnsw);
  for (const FunctionDef& f : all_functions()) {
    if (f.extension_vector) {
      member(kPgProc, f.oid);
    }
  }
  for (const AggregateDef& a : all_aggregates()) {
    if (a.extension_vector) {
      member(kPgProc, a.oid);
    }
  }
  for (const OperatorDef& op : all_operators()) {
    if (op.extension_vector) {
      member(kPgOperator, op.oid);
    }
  }
  for (const OperatorClass& c : operator_classes()) {
    if (c.extension_vector) {
      member(kPgOpclass, c.oid);
      member(kPgOpfamily, c.family_oid);
    }
  }
}

}  // namespace

void pg_database_rows(const EvalContext& /*context*/, engine::ColumnBatch& out) {
  RowWriter(out).row(5, "postgres", kOwner, kEncodingUtf8, 'c', false, true, -1, 1, 1,
                     kDefaultTablespace, "C.UTF-8", "C.UTF-8", std::nullopt, std::nullopt,
                     std::nullopt);
}

void pg_authid_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  for_each_entry<engine::Role>(context, [&](const engine::Role& role) {
    const std::optional<std::string> password =
        role.password.empty() ? std::nullopt : std::optional(role.password);
    writer.row(role.oid, role.name, role.superuser, true, role.superuser, role.superuser,
               role.can_login, role.superuser, role.superuser, -1, password, std::nullopt);
  });
}

void pg_tablespace_rows(const EvalContext& /*context*/, engine::ColumnBatch& out) {
  RowWriter writer(out);
  writer.row(kDefaultTablespace, "pg_default", kOwner, std::nullopt, std::nullopt);
  writer.row(1664, "pg_global", kOwner, std::nullopt, std::nullopt);
}

void pg_language_rows(const EvalContext& /*context*/, engine::ColumnBatch& out) {
  RowWriter writer(out);
  writer.row(12, "internal", kOwner, false, false, 0, 0, 2246, std::nullopt);
  writer.row(13, "c", kOwner, false, false, 0, 0, 2247, std::nullopt);
  writer.row(14, "sql", kOwner, false, true, 0, 0, 2248, std::nullopt);
}

void pg_collation_rows(const EvalContext& /*context*/, engine::ColumnBatch& out) {
  RowWriter writer(out);
  constexpr Oid kSchema = engine::kPgCatalogSchemaOid;
  writer.row(100, "default", kSchema, kOwner, 'd', true, -1, std::nullopt, std::nullopt,
             std::nullopt, std::nullopt);
  writer.row(950, "C", kSchema, kOwner, 'c', true, -1, "C", "C", std::nullopt, std::nullopt);
  writer.row(951, "POSIX", kSchema, kOwner, 'c', true, -1, "POSIX", "POSIX", std::nullopt,
             std::nullopt);
}

void pg_extension_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  for_each_entry<engine::Extension>(context, [&](const engine::Extension& e) {
    writer.row(e.oid, e.name, kOwner, e.schema_oid, true, e.version, std::nullopt, std::nullopt);
  });
}

void pg_depend_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  put_extension_members(context, writer);
  for_each_entry<engine::Table>(context, [&](const engine::Table& table) {
    writer.row(kPgClass, table.oid, 0, kPgNamespace, table.schema_oid, 0, 'n');
    int number = 0;
    for (const engine::Column& column : table.columns) {
      ++number;
      if (column.default_oid != 0) {
        writer.row(kPgAttrdef, column.default_oid, 0, kPgClass, table.oid, number, 'a');
      }
      if (column.type_oid == type_oid::kVector) {
        writer.row(kPgClass, table.oid, number, kPgType, column.type_oid, 0, 'n');
      }
    }
  });
  for_each_entry<engine::Index>(context, [&](const engine::Index& index) {
    if (index.constraint_oid != 0) {
      writer.row(kPgClass, index.oid, 0, kPgConstraint, index.constraint_oid, 0, 'i');
    }
    for (const engine::IndexColumn& key : index.columns) {
      const Oid dependant = index.constraint_oid != 0 ? index.constraint_oid : index.oid;
      writer.row(index.constraint_oid != 0 ? kPgConstraint : kPgClass, dependant, 0, kPgClass,
                 index.table_oid, key.column + 1, 'a');
    }
  });
  for_each_entry<engine::Sequence>(context, [&](const engine::Sequence& sequence) {
    if (sequence.owner_table_oid == 0) {
      return;
    }
    const auto* table = context.catalog->get<engine::Table>(sequence.owner_table_oid);
    const bool identity = table != nullptr &&
                          table->columns[sequence.owner_column].identity != engine::Identity::None;
    writer.row(kPgClass, sequence.oid, 0, kPgClass, sequence.owner_table_oid,
               sequence.owner_column + 1, identity ? 'i' : 'a');
  });
}

void pg_description_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  for (const FunctionDef& f : all_functions()) {
    if (!f.description.empty() && !f.extension_vector) {
      writer.row(f.oid, kPgProc, 0, f.description);
    }
  }
  for_each_entry<engine::Extension>(context, [&](const engine::Extension& e) {
    if (e.name == "vector") {
      writer.row(e.oid, kPgExtension, 0, "vector data type and ivfflat and hnsw access methods");
    }
  });
  for_each_entry<engine::Table>(context, [&](const engine::Table& table) {
    if (!table.comment.empty()) {
      writer.row(table.oid, kPgClass, 0, table.comment);
    }
    int number = 0;
    for (const engine::Column& column : table.columns) {
      ++number;
      if (!column.comment.empty() && !column.dropped) {
        writer.row(table.oid, kPgClass, number, column.comment);
      }
    }
  });
  for_each_entry<engine::Index>(context, [&](const engine::Index& index) {
    if (!index.comment.empty()) {
      writer.row(index.oid, kPgClass, 0, index.comment);
    }
  });
}

}  // namespace omen::sql
