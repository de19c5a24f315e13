#include "sql/exec/constraints.h"

#include <fmt/format.h>

#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

/// Longest text of one value in "Failing row contains".
constexpr std::size_t kShownBytesMax = 64;

std::string clipped(std::string text) {
  if (text.size() <= kShownBytesMax) {
    return text;
  }
  std::size_t end = kShownBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  text.resize(end);
  return text + "...";
}

}  // namespace

Constraints::Constraints(const ModifyNode& node, ExecutionState& state)
    : node_(node), checks_(make_evaluators(node.checks.conditions, state)) {
  for (std::size_t i = 0; i < node.table->columns.size(); ++i) {
    all_columns_.push_back(static_cast<int>(i));
  }
}

std::string Constraints::row_text(ExecutionState& state, const engine::ColumnBatch& rows,
                                  std::size_t row) const {
  std::string text = "(";
  for (std::size_t i = 0; i < node_.table->columns.size(); ++i) {
    if (node_.table->columns[i].dropped) {
      continue;
    }
    if (text.size() > 1) {
      text += ", ";
    }
    if (rows.column(i).is_null(row)) {
      text += "null";
      continue;
    }
    std::string value;
    append_text(node_.table->columns[i].type_oid, rows.column(i), row, state.eval, value);
    text += clipped(std::move(value));
  }
  return text + ")";
}

void Constraints::check(ExecutionState& state, const engine::ColumnBatch& rows) {
  if (const auto violation = find_violation(state, all_columns_, rows, rows)) {
    throw_violation(state, *violation, rows, violation->row);
  }
}

std::optional<ConstraintViolation> Constraints::find_violation(ExecutionState& state,
                                                               const std::vector<int>& columns,
                                                               const engine::ColumnBatch& values,
                                                               const engine::ColumnBatch& checked) {
  std::optional<ConstraintViolation> first;
  auto report = [&](const ConstraintViolation& violation) {
    if (!first.has_value() || violation.row < first->row) {
      first = violation;
    }
  };
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const engine::Column& column = node_.table->columns[static_cast<std::size_t>(columns[i])];
    if (!column.not_null || column.dropped || !values.column(i).has_nulls()) {
      continue;
    }
    for (std::size_t row = 0; row < values.row_count(); ++row) {
      if (values.column(i).is_null(row)) {
        report({.row = row, .column = columns[i]});
        break;
      }
    }
  }
  if (first.has_value()) {
    return first;
  }
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    const engine::ColumnVector& holds = checks_[i]->evaluate(state, checked);
    for (std::size_t row = 0; row < checked.row_count(); ++row) {
      if (!holds.is_null(row) && holds.values<std::uint8_t>()[holds.index(row)] == 0) {
        report({.row = row, .check = static_cast<int>(i)});
        break;
      }
    }
  }
  return first;
}

void Constraints::throw_violation(ExecutionState& state, const ConstraintViolation& violation,
                                  const engine::ColumnBatch& rows, std::size_t row) const {
  const engine::Table& table = *node_.table;
  std::string detail = fmt::format("Failing row contains {}.", row_text(state, rows, row));
  if (violation.column >= 0) {
    const std::string& column = table.columns[static_cast<std::size_t>(violation.column)].name;
    throw SqlError(sqlstate::kNotNullViolation,
                   fmt::format("null value in column \"{}\" of relation \"{}\" violates "
                               "not-null constraint",
                               column, table.name))
        .detail(std::move(detail))
        .column(node_.schema_name, table.name, column);
  }
  const std::string& name = node_.checks.names[static_cast<std::size_t>(violation.check)];
  throw SqlError(
      sqlstate::kCheckViolation,
      fmt::format("new row for relation \"{}\" violates check constraint \"{}\"", table.name, name))
      .detail(std::move(detail))
      .constraint(node_.schema_name, table.name, name);
}

void Constraints::throw_unique_violation(ExecutionState& state, Oid index_oid,
                                         const engine::ColumnBatch& rows, std::size_t row) const {
  const auto* index =
      state.eval.catalog == nullptr ? nullptr : state.eval.catalog->get<engine::Index>(index_oid);
  if (index == nullptr) {
    throw SqlError(sqlstate::kUniqueViolation, "duplicate key value violates unique constraint");
  }
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < index->key_column_count; ++i) {
    const std::size_t column = index->columns[i].column;
    if (i != 0) {
      names += ", ";
      values += ", ";
    }
    names += node_.table->columns[column].name;
    if (rows.column(column).is_null(row)) {
      values += "null";
    } else {
      append_text(node_.table->columns[column].type_oid, rows.column(column), row, state.eval,
                  values);
    }
  }
  throw SqlError(sqlstate::kUniqueViolation,
                 fmt::format("duplicate key value violates unique constraint \"{}\"", index->name))
      .detail(fmt::format("Key ({})=({}) already exists.", names, values))
      .constraint(node_.schema_name, node_.table->name, index->name);
}

}  // namespace omen::sql
