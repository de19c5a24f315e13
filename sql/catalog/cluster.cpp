// Catalogs of the cluster and of dependencies: pg_database, pg_authid, pg_tablespace, pg_language,
// pg_collation, pg_extension, pg_depend, pg_description.
#include "sql/catalog/base_relations.h"
#include "sql/catalog/descriptions.h"
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

void put_extension_members(const EvalContext& context, RowWriter& writer) {
  const engine::Extension* extension =
      context.catalog == nullptr ? nullptr : context.catalog->find_extension("vector");
  if (extension == nullptr) {
    return;
  }
  auto member = [&](Oid class_oid, Oid oid) {
    writer.row(class_oid, oid, 0, catalog_oid::kExtension, extension->oid, 0, 'e');
  };
  for (const Oid type : {type_oid::kVector, type_oid::kHalfvec, type_oid::kSparsevec}) {
    member(catalog_oid::kType, type);
  }
  member(catalog_oid::kAm, access_method_oid::kIvfflat);
  member(catalog_oid::kAm, access_method_oid::kHnsw);
  for (const FunctionDef& f : all_functions()) {
    if (f.extension_vector) {
      member(catalog_oid::kProc, f.oid);
    }
  }
  for (const AggregateDef& a : all_aggregates()) {
    if (a.extension_vector) {
      member(catalog_oid::kProc, a.oid);
    }
  }
  for (const OperatorDef& op : all_operators()) {
    if (op.extension_vector) {
      member(catalog_oid::kOperator, op.oid);
    }
  }
  Oid next_cast = kFirstCastOid;
  for (const CastDef& cast : all_casts()) {
    const Oid oid = next_cast++;
    if (cast.extension_vector) {
      member(catalog_oid::kCast, oid);
    }
  }
  for (const OperatorClass& c : operator_classes()) {
    if (c.extension_vector) {
      member(catalog_oid::kOpclass, c.oid);
      member(catalog_oid::kOpfamily, c.family_oid);
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
  writer.row(kDatabaseOwnerRoleOid, kDatabaseOwnerRoleName, false, true, false, false, false, false,
             false, -1, std::nullopt, std::nullopt);
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
    writer.row(catalog_oid::kClass, table.oid, 0, catalog_oid::kNamespace, table.schema_oid, 0,
               'n');
    int number = 0;
    for (const engine::Column& column : table.columns) {
      ++number;
      if (has_own_default(column)) {
        writer.row(catalog_oid::kAttrdef, column.default_oid, 0, catalog_oid::kClass, table.oid,
                   number, 'a');
      }
      if (is_extension_type(column.type_oid)) {
        writer.row(catalog_oid::kClass, table.oid, number, catalog_oid::kType, column.type_oid, 0,
                   'n');
      }
    }
  });
  for_each_entry<engine::Index>(context, [&](const engine::Index& index) {
    if (index.constraint_oid != 0) {
      writer.row(catalog_oid::kClass, index.oid, 0, catalog_oid::kConstraint, index.constraint_oid,
                 0, 'i');
    }
    for (const engine::IndexColumn& key : index.columns) {
      const Oid dependant = index.constraint_oid != 0 ? index.constraint_oid : index.oid;
      writer.row(index.constraint_oid != 0 ? catalog_oid::kConstraint : catalog_oid::kClass,
                 dependant, 0, catalog_oid::kClass, index.table_oid, key.column + 1, 'a');
    }
  });
  for_each_entry<engine::Sequence>(context, [&](const engine::Sequence& sequence) {
    if (sequence.owner_table_oid == 0) {
      return;
    }
    const auto* table = context.catalog->get<engine::Table>(sequence.owner_table_oid);
    const bool identity = table != nullptr &&
                          table->columns[sequence.owner_column].identity != engine::Identity::None;
    writer.row(catalog_oid::kClass, sequence.oid, 0, catalog_oid::kClass, sequence.owner_table_oid,
               sequence.owner_column + 1, identity ? 'i' : 'a');
  });
}

void pg_description_rows(const EvalContext& context, engine::ColumnBatch& out) {
  RowWriter writer(out);
  for (const FunctionDef& f : all_functions()) {
    if (!f.description.empty() && !f.extension_vector) {
      writer.row(f.oid, catalog_oid::kProc, 0, f.description);
    }
  }
  for_each_entry<engine::Extension>(context, [&](const engine::Extension& e) {
    if (!extension_comment(e.name).empty()) {
      writer.row(e.oid, catalog_oid::kExtension, 0, extension_comment(e.name));
    }
  });
  const bool with_vector =
      context.catalog != nullptr && context.catalog->find_extension("vector") != nullptr;
  for (const BuiltInComment& comment : built_in_comments()) {
    if (!comment.extension_vector || with_vector) {
      writer.row(comment.oid, comment.class_oid, 0, comment.text);
    }
  }
  for_each_entry<engine::Table>(context, [&](const engine::Table& table) {
    if (!table.comment.empty()) {
      writer.row(table.oid, catalog_oid::kClass, 0, table.comment);
    }
    int number = 0;
    for (const engine::Column& column : table.columns) {
      ++number;
      if (!column.comment.empty() && !column.dropped) {
        writer.row(table.oid, catalog_oid::kClass, number, column.comment);
      }
    }
  });
  for_each_entry<engine::Index>(context, [&](const engine::Index& index) {
    if (!index.comment.empty()) {
      writer.row(index.oid, catalog_oid::kClass, 0, index.comment);
    }
  });
}

}  // namespace omen::sql
