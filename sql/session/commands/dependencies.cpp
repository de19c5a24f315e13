#include "sql/session/commands/dependencies.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sql/error/sql_error.h"
#include "sql/session/commands/expressions.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

/// Whether a stored default calls nextval of this sequence (see stored_expression: by oid).
bool uses_sequence(const std::string& expression_sql, engine::Oid sequence) {
  return expression_sql.find(fmt::format("'{}'::regclass", sequence)) != std::string::npos;
}

}  // namespace

std::string DropPlan::describe(engine::Oid oid) {
  const engine::CatalogEntry* entry = access_.catalog().find(oid);
  if (entry == nullptr) {
    return "";
  }
  if (const auto* schema = std::get_if<engine::Schema>(entry)) {
    return "schema " + schema->name;
  }
  if (const auto* extension = std::get_if<engine::Extension>(entry)) {
    return "extension " + extension->name;
  }
  return fmt::format("{} {}", relation_kind(*entry), access_.display_name(oid));
}

void DropPlan::drop_with(engine::Oid oid) {
  if (dropped_.insert(oid).second) {
    order_.push_back(oid);
  }
}

void DropPlan::require_cascade(Dependent dependent) {
  needs_cascade_.push_back(std::move(dependent));
}

void DropPlan::add_table(const engine::Table& table) {
  if (dropped_.contains(table.oid)) {
    return;
  }
  access_.lock(table.oid, engine::TableLock::AccessExclusive);
  for (const engine::Index* index : access_.catalog().indexes_of(table.oid)) {
    drop_with(index->oid);
  }
  drop_with(table.oid);
  for (const engine::Sequence* sequence : access_.sequences_of(table.oid)) {
    add_sequence(*sequence);
  }
}

void DropPlan::add_index(const engine::Index& index) {
  access_.lock(index.table_oid, engine::TableLock::AccessExclusive);
  drop_with(index.oid);
}

void DropPlan::add_default_users(const engine::Sequence& sequence) {
  for (const engine::CatalogEntry* entry : access_.catalog().entries()) {
    const auto* table = std::get_if<engine::Table>(entry);
    if (table == nullptr) {
      continue;
    }
    for (std::size_t i = 0; i < table->columns.size(); ++i) {
      const engine::Column& column = table->columns[i];
      const std::pair key{table->oid, static_cast<std::uint16_t>(i)};
      if (column.dropped || dropped_.contains(table->oid) || dropped_columns_.contains(key) ||
          !uses_sequence(column.default_sql, sequence.oid)) {
        continue;
      }
      dropped_defaults_.insert(key);
      std::string what = fmt::format("default value for column {} of table {}", column.name,
                                     access_.display_name(table->oid));
      require_cascade({.kind = Dependent::Kind::Default,
                       .oid = table->oid,
                       .column = static_cast<std::uint16_t>(i),
                       .description = what,
                       .reason = fmt::format("{} depends on {}", what, describe(sequence.oid))});
    }
  }
}

void DropPlan::add_sequence(const engine::Sequence& sequence) {
  drop_with(sequence.oid);
  add_default_users(sequence);
}

void DropPlan::add_column(const engine::Table& table, std::uint16_t column) {
  dropped_columns_.insert({table.oid, column});
  for (const engine::Index* index : access_.catalog().indexes_of(table.oid)) {
    const bool uses =
        std::any_of(index->columns.begin(), index->columns.end(),
                    [&](const engine::IndexColumn& key) { return key.column == column; });
    if (uses) {
      drop_with(index->oid);
    }
  }
  for (const engine::Sequence* sequence : access_.sequences_of(table.oid)) {
    if (sequence->owner_column == column) {
      add_sequence(*sequence);
    }
  }
}

void DropPlan::add_schema(const engine::Schema& schema) {
  for (const engine::CatalogEntry* entry : access_.catalog().entries()) {
    if (relation_schema(*entry) != schema.oid) {
      continue;
    }
    const engine::Oid oid = engine::entry_oid(*entry);
    const bool is_owned = std::holds_alternative<engine::Index>(*entry) ||
                          (std::holds_alternative<engine::Sequence>(*entry) &&
                           std::get<engine::Sequence>(*entry).owner_table_oid != 0);
    if (is_owned) {
      continue;  // goes with its table
    }
    const std::string what = describe(oid);
    require_cascade({.kind = Dependent::Kind::Entry,
                     .oid = oid,
                     .description = what,
                     .reason = fmt::format("{} depends on schema {}", what, schema.name)});
  }
  for (const engine::CatalogEntry* entry : access_.catalog().entries()) {
    const auto* extension = std::get_if<engine::Extension>(entry);
    if (extension != nullptr && extension->schema_oid == schema.oid) {
      require_cascade({.kind = Dependent::Kind::Entry,
                       .oid = extension->oid,
                       .description = "extension " + extension->name,
                       .reason = fmt::format("extension {} depends on schema {}", extension->name,
                                             schema.name)});
    }
  }
  drop_with(schema.oid);
}

void DropPlan::add_extension(const engine::Extension& extension) {
  if (extension.name == "vector") {
    for (const engine::CatalogEntry* entry : access_.catalog().entries()) {
      const auto* table = std::get_if<engine::Table>(entry);
      if (table == nullptr) {
        continue;
      }
      for (std::size_t i = 0; i < table->columns.size(); ++i) {
        const engine::Column& column = table->columns[i];
        if (column.dropped || !is_extension_type(column.type_oid)) {
          continue;
        }
        const std::string what =
            fmt::format("column {} of table {}", column.name, access_.display_name(table->oid));
        require_cascade({.kind = Dependent::Kind::Column,
                         .oid = table->oid,
                         .column = static_cast<std::uint16_t>(i),
                         .description = what,
                         .reason = fmt::format("{} depends on type {}", what,
                                               format_type({column.type_oid, -1}))});
      }
    }
  }
  drop_with(extension.oid);
}

void DropPlan::run(const std::string& command_object, bool cascade) {
  // What is dropped anyway needs no CASCADE; what cascades may bring more with it.
  std::vector<Dependent> reported;
  for (std::size_t i = 0; i < needs_cascade_.size(); ++i) {
    const Dependent dependent = needs_cascade_[i];
    if (dropped_.contains(dependent.oid)) {
      continue;
    }
    reported.push_back(dependent);
    if (dependent.kind == Dependent::Kind::Column) {
      if (cascade) {
        access_.lock(dependent.oid, engine::TableLock::AccessExclusive);
      }
      add_column(*access_.catalog().get<engine::Table>(dependent.oid), dependent.column);
    } else if (dependent.kind == Dependent::Kind::Entry && cascade) {
      const engine::CatalogEntry* entry = access_.catalog().find(dependent.oid);
      if (const auto* table = std::get_if<engine::Table>(entry)) {
        add_table(*table);
      } else if (const auto* sequence = std::get_if<engine::Sequence>(entry)) {
        add_sequence(*sequence);
      } else if (const auto* extension = std::get_if<engine::Extension>(entry)) {
        add_extension(*extension);
      }
    }
  }
  if (!reported.empty()) {
    std::string reasons;
    std::string cascades;
    for (const Dependent& dependent : reported) {
      reasons += (reasons.empty() ? "" : "\n") + dependent.reason;
      cascades +=
          fmt::format("{}drop cascades to {}", cascades.empty() ? "" : "\n", dependent.description);
    }
    if (!cascade) {
      throw SqlError(
          sqlstate::kDependentObjectsStillExist,
          command_object.empty()
              ? "cannot drop desired object(s) because other objects depend on them"
              : fmt::format("cannot drop {} because other objects depend on it", command_object))
          .detail(reasons)
          .hint("Use DROP ... CASCADE to drop the dependent objects too.");
    }
    Diagnostic notice;
    notice.severity = "NOTICE";
    notice.sqlstate = sqlstate::kSuccessfulCompletion;
    if (reported.size() == 1) {
      notice.message = cascades;
    } else {
      notice.message = fmt::format("drop cascades to {} other objects", reported.size());
      notice.detail = cascades;
    }
    access_.session().notice(std::move(notice));
  }
  drop_columns();
  for (const engine::Oid oid : order_) {
    access_.drop(oid);
  }
}

void DropPlan::drop_columns() {
  std::map<engine::Oid, engine::Table> changed;
  const auto table_of = [&](engine::Oid oid) -> engine::Table& {
    return changed.try_emplace(oid, *access_.catalog().get<engine::Table>(oid)).first->second;
  };
  for (const auto& [oid, position] : dropped_columns_) {
    if (!dropped_.contains(oid)) {
      engine::Table& table = table_of(oid);
      std::erase_if(table.checks, [&](const engine::CheckConstraint& check) {
        const auto used =
            columns_used(access_, check.expression_sql, *access_.catalog().get<engine::Table>(oid));
        return std::find(used.begin(), used.end(), position) != used.end();
      });
      engine::Column& column = table.columns[position];
      column.name = fmt::format("........pg.dropped.{}........", position + 1);
      column.dropped = true;
      column.not_null = false;
      column.default_sql.clear();
      column.default_oid = 0;
      column.identity = engine::Identity::None;
      column.comment.clear();
    }
  }
  for (const auto& [oid, position] : dropped_defaults_) {
    if (!dropped_.contains(oid) && !dropped_columns_.contains({oid, position})) {
      engine::Column& column = table_of(oid).columns[position];
      column.default_sql.clear();
      column.default_oid = 0;
    }
  }
  for (auto& [oid, table] : changed) {
    access_.put(std::move(table));
  }
}

}  // namespace omen::sql
