// Views over what indexes do: pg_stat_all_indexes, pg_stat_progress_create_index,
// omendb_stat_vector_indexes.
#include <algorithm>

#include "sql/catalog/base_relations.h"
#include "sql/catalog/entries.h"
#include "sql/catalog/row_writer.h"
#include "sql/session/session.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

using engine::Index;
using engine::IndexPhase;
using engine::Table;

constexpr Oid kDatabaseOid = 5;
constexpr std::uint64_t kPageBytes = 8192;

const char* build_phase(IndexPhase phase, engine::IndexMethod method) {
  switch (phase) {
    case IndexPhase::Idle:
      return "initializing";
    case IndexPhase::Loading:
      return method == engine::IndexMethod::Hnsw ? "building index: loading tuples"
                                                 : "building index: scanning table";
    case IndexPhase::Coding:
      return "building index: coding vectors";
    case IndexPhase::Linking:
    case IndexPhase::Repairing:
      return "building index: linking nodes";
    case IndexPhase::Measuring:
      return "building index: measuring recall";
    case IndexPhase::Saving:
      return "building index: writing checkpoint";
    case IndexPhase::Checking:
      return "building index: checking for duplicates";
  }
  return "";
}

const char* background_phase(const engine::VectorIndexReport& report) {
  if (!report.ready) {
    return "filling";
  }
  switch (report.phase) {
    case IndexPhase::Loading:
      return "rebuilding";
    case IndexPhase::Coding:
      return "coding";
    case IndexPhase::Linking:
      return "linking";
    case IndexPhase::Repairing:
      return "repairing";
    case IndexPhase::Measuring:
      return "measuring";
    default:
      return "idle";
  }
}

const char* metric_name(engine::Metric metric) {
  switch (metric) {
    case engine::Metric::L2:
      return "l2";
    case engine::Metric::InnerProduct:
      return "ip";
    case engine::Metric::Cosine:
      return "cosine";
    case engine::Metric::L1:
      return "l1";
    case engine::Metric::Hamming:
      return "hamming";
    case engine::Metric::Jaccard:
      return "jaccard";
  }
  return "";
}

const char* quantization_name(engine::Quantization quantization) {
  switch (quantization) {
    case engine::Quantization::Binary:
      return "bq";
    case engine::Quantization::Scalar8:
      return "sq8";
    case engine::Quantization::None:
      return "none";
    case engine::Quantization::Product:
      return "pq32";
  }
  return "";
}

/// Calls `visit(table, index, schema name)` for every index.
template <typename Visit>
void for_each_index(const EvalContext& context, Visit visit) {
  for_each_entry<Index>(context, [&](const Index& index) {
    const auto* table = context.catalog->get<Table>(index.table_oid);
    const auto* schema = context.catalog->get<engine::Schema>(index.schema_oid);
    if (table != nullptr) {
      visit(*table, index, schema == nullptr ? std::string_view() : schema->name);
    }
  });
}

}  // namespace

void pg_stat_all_indexes_rows(const EvalContext& context, engine::ColumnBatch& out) {
  if (context.engine == nullptr) {
    return;
  }
  RowWriter writer(out);
  for_each_index(context, [&](const Table& table, const Index& index, std::string_view schema) {
    const engine::IndexStatistics statistics = context.engine->index_statistics(index.oid);
    writer.row(table.oid, index.oid, schema, table.name, index.name, statistics.scans,
               statistics.rows_read, statistics.rows_read);
  });
}

void pg_stat_progress_create_index_rows(const EvalContext& context, engine::ColumnBatch& out) {
  if (context.session == nullptr || context.engine == nullptr) {
    return;
  }
  RowWriter writer(out);
  const std::vector<engine::IndexBuildProgress> builds = context.engine->index_builds();
  for (const Database::IndexCommand::Row& command : context.session->database().index_commands()) {
    const auto build = std::find_if(builds.begin(), builds.end(), [&](const auto& b) {
      return b.index_oid == command.index_oid;
    });
    if (build == builds.end()) {
      continue;  // it waits for its lock, or has just ended
    }
    // Blocks are those of the phase too: what has been done of it, in units of the table.
    const std::uint64_t blocks =
        (context.engine->table_statistics(build->table_oid).size_bytes + kPageBytes - 1) /
        kPageBytes;
    const std::uint64_t blocks_total = build->rows_total == 0 ? 0 : blocks;
    const std::uint64_t blocks_done =
        build->rows_total == 0
            ? 0
            : blocks * std::min(build->rows_done, build->rows_total) / build->rows_total;
    writer.row(command.process_id, kDatabaseOid, "postgres", build->table_oid, build->index_oid,
               command.command, build_phase(build->phase, command.method), 0, 0, 0, blocks_total,
               blocks_done, build->rows_total, build->rows_done, 0, 0);
  }
}

void omendb_stat_vector_indexes_rows(const EvalContext& context, engine::ColumnBatch& out) {
  if (context.engine == nullptr) {
    return;
  }
  RowWriter writer(out);
  const auto null = std::nullopt;
  for_each_index(context, [&](const Table& table, const Index& index, std::string_view schema) {
    const std::optional<engine::VectorIndexReport> report =
        context.engine->vector_index_report(index);
    if (!report.has_value()) {
      return;
    }
    const engine::Column& column = table.columns[index.columns[0].column];
    const auto put = [&](const auto&... counts) {
      writer.row(table.oid, index.oid, schema, table.name, index.name,
                 format_type({column.type_oid, -1}), column.type_modifier,
                 metric_name(index.metric), quantization_name(index.quantization), index.m,
                 index.ef_construction, background_phase(*report), counts...);
    };
    if (!report->ready) {
      put(null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
          null, null, null, null, null);
      return;
    }
    std::vector<std::int32_t> pools;
    std::vector<float> recalls;
    for (const auto& [pool, recall] : report->calibration) {
      pools.push_back(static_cast<std::int32_t>(pool));
      recalls.push_back(recall);
    }
    put(report->entries, report->entries - std::min(report->entries, report->tombstones),
        report->nodes, report->tail, report->coarse, report->tombstones, report->free_slots,
        report->unreachable, report->block_bytes, report->slot_bytes, report->upper_list_bytes,
        report->row_map_bytes, report->required_bytes, report->evictable_bytes, int4_array(pools),
        float4_array(recalls), report->generation, report->checkpoint_cursor,
        report->checkpoint_bytes, report->unsaved_bytes);
  });
}

}  // namespace omen::sql
