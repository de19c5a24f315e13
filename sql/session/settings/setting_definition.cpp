#include "sql/session/settings/setting_definition.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <limits>

namespace omen::sql {
namespace {

constexpr std::string_view kAsynchronousBehavior = "Resource Usage / Asynchronous Behavior";
constexpr std::string_view kAuthentication = "Connections and Authentication / Authentication";
constexpr std::string_view kAutovacuum = "Autovacuum";
constexpr std::string_view kConnectionSettings =
    "Connections and Authentication / Connection Settings";
constexpr std::string_view kCumulativeQueryAndIndexStatistics =
    "Statistics / Cumulative Query and Index Statistics";
constexpr std::string_view kCustomizedOptions = "Customized Options";
constexpr std::string_view kFileLocations = "File Locations";
constexpr std::string_view kGeneticQueryOptimizer = "Query Tuning / Genetic Query Optimizer";
constexpr std::string_view kLocaleAndFormatting =
    "Client Connection Defaults / Locale and Formatting";
constexpr std::string_view kLockManagement = "Lock Management";
constexpr std::string_view kMemory = "Resource Usage / Memory";
constexpr std::string_view kOtherDefaults = "Client Connection Defaults / Other Defaults";
constexpr std::string_view kOtherPlannerOptions = "Query Tuning / Other Planner Options";
constexpr std::string_view kOtherPlatformsAndClients =
    "Version and Platform Compatibility / Other Platforms and Clients";
constexpr std::string_view kPlannerCostConstants = "Query Tuning / Planner Cost Constants";
constexpr std::string_view kPlannerMethodConfiguration =
    "Query Tuning / Planner Method Configuration";
constexpr std::string_view kPresetOptions = "Preset Options";
constexpr std::string_view kPreviousPostgresqlVersions =
    "Version and Platform Compatibility / Previous PostgreSQL Versions";
constexpr std::string_view kSettings = "Write-Ahead Log / Settings";
constexpr std::string_view kSsl = "Connections and Authentication / SSL";
constexpr std::string_view kStatementBehavior = "Client Connection Defaults / Statement Behavior";
constexpr std::string_view kWhatToLog = "Reporting and Logging / What to Log";
constexpr std::string_view kWhenToLog = "Reporting and Logging / When to Log";

using enum SettingEffect;
using enum SettingScope;
using enum SettingUnit;

constexpr double kIntMax = std::numeric_limits<std::int32_t>::max();
constexpr double kRealMax = std::numeric_limits<double>::max();

struct Range {
  double min;
  double max;
};

constexpr SettingDefinition text(std::string_view name, std::string_view value,
                                 SettingEffect effect, std::string_view category,
                                 std::string_view description) {
  return {.name = name,
          .type = SettingType::String,
          .default_value = value,
          .effect = effect,
          .category = category,
          .description = description};
}
constexpr SettingDefinition boolean(std::string_view name, std::string_view value,
                                    SettingEffect effect, std::string_view category,
                                    std::string_view description) {
  SettingDefinition row = text(name, value, effect, category, description);
  row.type = SettingType::Bool;
  return row;
}
constexpr SettingDefinition enumeration(std::string_view name, std::string_view value,
                                        std::string_view values, SettingEffect effect,
                                        std::string_view category, std::string_view description) {
  SettingDefinition row = text(name, value, effect, category, description);
  row.type = SettingType::Enum;
  row.enum_values = values;
  return row;
}
constexpr SettingDefinition integer(std::string_view name, std::string_view value, Range range,
                                    SettingEffect effect, std::string_view category,
                                    std::string_view description, SettingUnit unit = None) {
  SettingDefinition row = text(name, value, effect, category, description);
  row.type = SettingType::Integer;
  row.min = range.min;
  row.max = range.max;
  row.unit = unit;
  return row;
}
constexpr SettingDefinition real(std::string_view name, std::string_view value, Range range,
                                 SettingEffect effect, std::string_view category,
                                 std::string_view description) {
  SettingDefinition row = integer(name, value, range, effect, category, description);
  row.type = SettingType::Real;
  return row;
}
constexpr SettingDefinition restricted(SettingScope scope, SettingDefinition row) {
  row.scope = scope;
  return row;
}
constexpr SettingDefinition reported(SettingDefinition row) {
  row.reported = true;
  return row;
}
constexpr SettingDefinition list(SettingDefinition row) {
  row.is_list = true;
  return row;
}

constexpr SettingDefinition kDefinitions[] = {
    reported(text("application_name", "", Honoured, kWhatToLog,
                  "Sets the application name to be reported in statistics and logs.")),
    boolean("array_nulls", "on", Fixed, kPreviousPostgresqlVersions,
            "Enable input of NULL elements in arrays."),
    restricted(Reload, boolean("autovacuum", "on", Honoured, kAutovacuum,
                               "Starts the autovacuum subprocess.")),
    enumeration("backslash_quote", "safe_encoding", "safe_encoding,on,off", Fixed,
                kPreviousPostgresqlVersions, "Sets whether \"\\'\" is allowed in string literals."),
    restricted(Internal, integer("block_size", "8192", {8192, 8192}, Honoured, kPresetOptions,
                                 "Shows the size of a disk block.")),
    enumeration("bytea_output", "hex", "escape,hex", Honoured, kStatementBehavior,
                "Sets the output format for bytea."),
    boolean("check_function_bodies", "on", Harmless, kStatementBehavior,
            "Check routine bodies during CREATE FUNCTION and CREATE PROCEDURE."),
    integer("client_connection_check_interval", "0", {0, kIntMax}, Harmless, kConnectionSettings,
            "Sets the time interval between checks for disconnection while running queries.",
            Milliseconds),
    reported(text("client_encoding", "UTF8", Honoured, kLocaleAndFormatting,
                  "Sets the client's character set encoding.")),
    enumeration("client_min_messages", "notice",
                "debug5,debug4,debug3,debug2,debug1,log,notice,warning,error", Honoured,
                kStatementBehavior, "Sets the message levels that are sent to the client."),
    restricted(Postmaster, text("config_file", "", Honoured, kFileLocations,
                                "Sets the server's main configuration file.")),
    enumeration("constraint_exclusion", "partition", "partition,on,off", Harmless,
                kOtherPlannerOptions,
                "Enables the planner to use constraints to optimize queries."),
    real("cpu_index_tuple_cost", "0.005", {0, kRealMax}, Harmless, kPlannerCostConstants,
         "Sets the planner's estimate of the cost of processing each index entry during an index "
         "scan."),
    real("cpu_operator_cost", "0.0025", {0, kRealMax}, Harmless, kPlannerCostConstants,
         "Sets the planner's estimate of the cost of processing each operator or function call."),
    real("cpu_tuple_cost", "0.01", {0, kRealMax}, Harmless, kPlannerCostConstants,
         "Sets the planner's estimate of the cost of processing each tuple (row)."),
    real("cursor_tuple_fraction", "0.1", {0, 1}, Harmless, kOtherPlannerOptions,
         "Sets the planner's estimate of the fraction of a cursor's rows that will be retrieved."),
    restricted(Postmaster, text("data_directory", "", Honoured, kFileLocations,
                                "Sets the server's data directory.")),
    list(reported(text("DateStyle", "ISO, MDY", Honoured, kLocaleAndFormatting,
                       "Sets the display format for date and time values."))),
    integer("deadlock_timeout", "1000", {1, kIntMax}, Honoured, kLockManagement,
            "Sets the time to wait on a lock before checking for deadlock.", Milliseconds),
    integer("default_statistics_target", "100", {1, 10000}, Harmless, kOtherPlannerOptions,
            "Sets the default statistics target."),
    text("default_table_access_method", "heap", Fixed, kStatementBehavior,
         "Sets the default table access method for new tables."),
    text("default_tablespace", "", Fixed, kStatementBehavior,
         "Sets the default tablespace to create tables and indexes in."),
    text("default_text_search_config", "pg_catalog.simple", Harmless, kLocaleAndFormatting,
         "Sets default text search configuration."),
    enumeration("default_toast_compression", "pglz", "pglz,lz4", Harmless, kStatementBehavior,
                "Sets the default compression method for compressible values."),
    boolean("default_transaction_deferrable", "off", Honoured, kStatementBehavior,
            "Sets the default deferrable status of new transactions."),
    enumeration("default_transaction_isolation", "read committed",
                "serializable,repeatable read,read committed,read uncommitted", Honoured,
                kStatementBehavior,
                "Sets the transaction isolation level of each new transaction."),
    reported(boolean("default_transaction_read_only", "off", Honoured, kStatementBehavior,
                     "Sets the default read-only status of new transactions.")),
    integer("effective_cache_size", "524288", {1, kIntMax}, Harmless, kPlannerCostConstants,
            "Sets the planner's assumption about the total size of the data caches.", Blocks),
    integer(
        "effective_io_concurrency", "1", {0, 1000}, Harmless, kAsynchronousBehavior,
        "Number of simultaneous requests that can be handled efficiently by the disk subsystem."),
    boolean("enable_async_append", "on", Harmless, kPlannerMethodConfiguration,
            "Enables the planner's use of async append plans."),
    boolean("enable_bitmapscan", "on", Harmless, kPlannerMethodConfiguration,
            "Enables the planner's use of bitmap-scan plans."),
    boolean("enable_gathermerge", "on", Harmless, kPlannerMethodConfiguration,
            "Enables the planner's use of gather merge plans."),
    boolean("enable_hashagg", "on", Honoured, kPlannerMethodConfiguration,
            "Enables the planner's use of hashed aggregation plans."),
    boolean("enable_hashjoin", "on", Honoured, kPlannerMethodConfiguration,
            "Enables the planner's use of hash join plans."),
    boolean("enable_incremental_sort", "on", Harmless, kPlannerMethodConfiguration,
            "Enables the planner's use of incremental sort steps."),
    boolean("enable_indexonlyscan", "on", Harmless, kPlannerMethodConfiguration,
            "Enables the planner's use of index-only-scan plans."),
    boolean("enable_indexscan", "on", Honoured, kPlannerMethodConfiguration,
            "Enables the planner's use of index-scan plans."),
    boolean("enable_material", "on", Harmless, kPlannerMethodConfiguration,
            "Enables the planner's use of materialization."),
    boolean("enable_memoize", "on", Harmless, kPlannerMethodConfiguration,
            "Enables the planner's use of memoization."),
    boolean("enable_mergejoin", "on", Harmless, kPlannerMethodConfiguration,
            "Enables the planner's use of merge join plans."),
    boolean("enable_nestloop", "on", Honoured, kPlannerMethodConfiguration,
            "Enables the planner's use of nested-loop join plans."),
    boolean("enable_parallel_append", "on", Harmless, kPlannerMethodConfiguration,
            "Enables the planner's use of parallel append plans."),
    boolean("enable_parallel_hash", "on", Harmless, kPlannerMethodConfiguration,
            "Enables the planner's use of parallel hash plans."),
    boolean("enable_partition_pruning", "on", Harmless, kPlannerMethodConfiguration,
            "Enables plan-time and execution-time partition pruning."),
    boolean("enable_partitionwise_aggregate", "off", Harmless, kPlannerMethodConfiguration,
            "Enables partitionwise aggregation and grouping."),
    boolean("enable_partitionwise_join", "off", Harmless, kPlannerMethodConfiguration,
            "Enables partitionwise join."),
    boolean("enable_seqscan", "on", Honoured, kPlannerMethodConfiguration,
            "Enables the planner's use of sequential-scan plans."),
    boolean("enable_sort", "on", Honoured, kPlannerMethodConfiguration,
            "Enables the planner's use of explicit sort steps."),
    boolean("enable_tidscan", "on", Harmless, kPlannerMethodConfiguration,
            "Enables the planner's use of TID scan plans."),
    boolean("escape_string_warning", "on", Harmless, kPreviousPostgresqlVersions,
            "Warn about backslash escapes in ordinary string literals."),
    integer("extra_float_digits", "1", {-15, 3}, Honoured, kLocaleAndFormatting,
            "Sets the number of digits displayed for floating-point values."),
    integer("from_collapse_limit", "8", {1, kIntMax}, Harmless, kOtherPlannerOptions,
            "Sets the FROM-list size beyond which subqueries are not collapsed."),
    restricted(Reload, boolean("fsync", "on", Honoured, kSettings,
                               "Forces synchronization of updates to disk.")),
    restricted(Reload, boolean("full_page_writes", "on", Honoured, kSettings,
                               "Writes full pages to WAL when first modified after a checkpoint.")),
    boolean("geqo", "on", Harmless, kGeneticQueryOptimizer, "Enables genetic query optimization."),
    integer("gin_fuzzy_search_limit", "0", {0, kIntMax}, Harmless, kOtherDefaults,
            "Sets the maximum allowed result for exact search by GIN."),
    real("hash_mem_multiplier", "2", {1, 1000}, Harmless, kMemory,
         "Multiple of work_mem to use for hash tables."),
    integer("hnsw.ef_search", "40", {1, 1000}, Honoured, kCustomizedOptions,
            "Sets the size of the dynamic candidate list for search"),
    enumeration(
        "hnsw.iterative_scan", "off", "off,relaxed_order,strict_order", Honoured,
        kCustomizedOptions,
        "Sets the mode for iterative scans; scans go on until their LIMIT is met in any case, but "
        "for off under omendb.strict_pgvector; strict_order leaves out what is found too late"),
    integer("hnsw.max_scan_tuples", "20000", {1, kIntMax}, Honoured, kCustomizedOptions,
            "Sets the max number of tuples to visit for iterative scans; no limit until it is set, "
            "but for omendb.strict_pgvector"),
    real("hnsw.scan_mem_multiplier", "1", {1, 1000}, Honoured, kCustomizedOptions,
         "Sets the multiple of work_mem to use for iterative scans; no limit until it is set, but "
         "for omendb.strict_pgvector"),
    integer("idle_in_transaction_session_timeout", "0", {0, kIntMax}, Honoured, kStatementBehavior,
            "Sets the maximum allowed idle time between queries, when in a transaction.",
            Milliseconds),
    integer("idle_session_timeout", "0", {0, kIntMax}, Honoured, kStatementBehavior,
            "Sets the maximum allowed idle time between queries, when not in a transaction.",
            Milliseconds),
    reported(restricted(Internal, boolean("in_hot_standby", "off", Honoured, kPresetOptions,
                                          "Shows whether hot standby is currently active."))),
    reported(restricted(Internal, boolean("integer_datetimes", "on", Honoured, kPresetOptions,
                                          "Shows whether datetimes are integer based."))),
    reported(enumeration("IntervalStyle", "postgres",
                         "postgres,postgres_verbose,sql_standard,iso_8601", Honoured,
                         kLocaleAndFormatting, "Sets the display format for interval values.")),
    reported(restricted(Internal, boolean("is_superuser", "on", Honoured, kPresetOptions,
                                          "Shows whether the current user is a superuser."))),
    enumeration("ivfflat.iterative_scan", "off", "off,relaxed_order", Honoured, kCustomizedOptions,
                "Sets the mode for iterative scans; scans go on in any case, but for off under "
                "omendb.strict_pgvector"),
    integer("ivfflat.max_probes", "32768", {1, 32768}, Honoured, kCustomizedOptions,
            "Sets the max number of probes for iterative scans, as a share of the index's lists"),
    integer("ivfflat.probes", "1", {1, 32768}, Honoured, kCustomizedOptions,
            "Sets the number of probes: the share of rows a search is worth at least; "
            "omendb.recall_target counts until it is set"),
    boolean("jit", "off", Harmless, kOtherPlannerOptions, "Allow JIT compilation."),
    integer("join_collapse_limit", "8", {1, kIntMax}, Harmless, kOtherPlannerOptions,
            "Sets the FROM-list size beyond which JOIN constructs are not flattened."),
    restricted(Internal, text("lc_collate", "C", Honoured, kPresetOptions,
                              "Shows the collation order locale.")),
    restricted(Internal, text("lc_ctype", "C", Honoured, kPresetOptions,
                              "Shows the character classification and case conversion locale.")),
    text("lc_messages", "C", Fixed, kLocaleAndFormatting,
         "Sets the language in which messages are displayed."),
    text("lc_monetary", "C", Fixed, kLocaleAndFormatting,
         "Sets the locale for formatting monetary amounts."),
    text("lc_numeric", "C", Fixed, kLocaleAndFormatting, "Sets the locale for formatting numbers."),
    text("lc_time", "C", Fixed, kLocaleAndFormatting,
         "Sets the locale for formatting date and time values."),
    restricted(Postmaster, text("listen_addresses", "localhost", Honoured, kConnectionSettings,
                                "Sets the host name or IP address(es) to listen to.")),
    integer("lock_timeout", "0", {0, kIntMax}, Honoured, kStatementBehavior,
            "Sets the maximum allowed duration of any wait for a lock.", Milliseconds),
    boolean("log_duration", "off", Harmless, kWhatToLog,
            "Logs the duration of each completed SQL statement."),
    enumeration("log_error_verbosity", "default", "terse,default,verbose", Harmless, kWhatToLog,
                "Sets the verbosity of logged messages."),
    integer("log_min_duration_statement", "-1", {-1, kIntMax}, Harmless, kWhenToLog,
            "Sets the minimum execution time above which all statements will be logged.",
            Milliseconds),
    enumeration("log_min_messages", "warning",
                "debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic",
                Harmless, kWhenToLog, "Sets the message levels that are logged."),
    enumeration("log_statement", "none", "none,ddl,mod,all", Harmless, kWhatToLog,
                "Sets the type of statements logged."),
    integer("logical_decoding_work_mem", "65536", {64, kIntMax}, Harmless, kMemory,
            "Sets the maximum memory to be used for logical decoding.", Kilobytes),
    integer("maintenance_work_mem", "65536", {1024, kIntMax}, Harmless, kMemory,
            "Sets the maximum memory to be used for maintenance operations.", Kilobytes),
    restricted(Postmaster,
               integer("max_connections", "100", {1, 262143}, Honoured, kConnectionSettings,
                       "Sets the maximum number of concurrent connections.")),
    restricted(Internal, integer("max_function_args", "100", {100, 100}, Honoured, kPresetOptions,
                                 "Shows the maximum number of function arguments.")),
    restricted(Internal, integer("max_identifier_length", "63", {63, 63}, Honoured, kPresetOptions,
                                 "Shows the maximum identifier length.")),
    restricted(Internal, integer("max_index_keys", "32", {32, 32}, Honoured, kPresetOptions,
                                 "Shows the maximum number of index keys.")),
    integer("max_parallel_maintenance_workers", "2", {0, 1024}, Harmless, kAsynchronousBehavior,
            "Sets the maximum number of parallel processes per maintenance operation."),
    integer("max_parallel_workers", "8", {0, 1024}, Harmless, kAsynchronousBehavior,
            "Sets the maximum number of parallel workers that can be active at one time."),
    integer("max_parallel_workers_per_gather", "2", {0, 1024}, Harmless, kAsynchronousBehavior,
            "Sets the maximum number of parallel processes per executor node."),
    restricted(Postmaster,
               integer("max_prepared_transactions", "0", {0, 262143}, Honoured, kMemory,
                       "Sets the maximum number of simultaneously prepared transactions.")),
    integer("min_parallel_index_scan_size", "64", {0, 715827882}, Harmless, kPlannerCostConstants,
            "Sets the minimum amount of index data for a parallel scan.", Blocks),
    integer("min_parallel_table_scan_size", "1024", {0, 715827882}, Harmless, kPlannerCostConstants,
            "Sets the minimum amount of table data for a parallel scan.", Blocks),
    real("omendb.recall_target", "0.95", {0.5, 1}, Honoured, kCustomizedOptions,
         "Sets the share of true nearest neighbours an index search aims at when hnsw.ef_search is "
         "not set"),
    boolean(
        "omendb.strict_pgvector", "off", Honoured, kCustomizedOptions,
        "Keeps pgvector's limits: 2,000 dimensions in an index, rows of an index scan, no NULL and "
        "no zero vectors out of it"),
    real("parallel_setup_cost", "1000", {0, kRealMax}, Harmless, kPlannerCostConstants,
         "Sets the planner's estimate of the cost of starting up worker processes for parallel "
         "query."),
    real("parallel_tuple_cost", "0.1", {0, kRealMax}, Harmless, kPlannerCostConstants,
         "Sets the planner's estimate of the cost of passing each tuple (row) from worker to "
         "leader backend."),
    enumeration("password_encryption", "scram-sha-256", "md5,scram-sha-256", Fixed, kAuthentication,
                "Chooses the algorithm for encrypting passwords."),
    enumeration("plan_cache_mode", "auto", "auto,force_generic_plan,force_custom_plan", Harmless,
                kOtherPlannerOptions,
                "Controls the planner's selection of custom or generic plan."),
    restricted(Postmaster, integer("port", "5432", {1, 65535}, Honoured, kConnectionSettings,
                                   "Sets the TCP port the server listens on.")),
    boolean("quote_all_identifiers", "off", Fixed, kPreviousPostgresqlVersions,
            "When generating SQL fragments, quote all identifiers."),
    real("random_page_cost", "4", {0, kRealMax}, Harmless, kPlannerCostConstants,
         "Sets the planner's estimate of the cost of a nonsequentially fetched disk page."),
    text("restrict_nonsystem_relation_kind", "", Harmless, kStatementBehavior,
         "Prohibits access to non-system relations of specified kinds."),
    text("role", "none", Fixed, kPresetOptions, "Shows the current role."),
    boolean("row_security", "on", Harmless, kStatementBehavior, "Enable row security."),
    list(text("search_path", "\"$user\", public", Honoured, kStatementBehavior,
              "Sets the schema search order for names that are not schema-qualified.")),
    restricted(Internal,
               integer("segment_size", "131072", {131072, 131072}, Honoured, kPresetOptions,
                       "Shows the number of pages per disk file.", Blocks)),
    real("seq_page_cost", "1", {0, kRealMax}, Harmless, kPlannerCostConstants,
         "Sets the planner's estimate of the cost of a sequentially fetched disk page."),
    reported(restricted(Internal, text("server_encoding", "UTF8", Honoured, kPresetOptions,
                                       "Shows the server (database) character set encoding."))),
    reported(restricted(Internal, text("server_version", "15.20", Honoured, kPresetOptions,
                                       "Shows the server version."))),
    restricted(Internal, integer("server_version_num", "150020", {150020, 150020}, Honoured,
                                 kPresetOptions, "Shows the server version as an integer.")),
    reported(
        text("session_authorization", "", Fixed, kPresetOptions, "Shows the session user name.")),
    enumeration("session_replication_role", "origin", "origin,replica,local", Fixed,
                kStatementBehavior, "Sets the session's behavior for triggers and rewrite rules."),
    restricted(Postmaster,
               integer("shared_buffers", "32768", {16, 1073741823}, Honoured, kMemory,
                       "Sets the number of shared memory buffers used by the server.", Blocks)),
    restricted(Reload, boolean("ssl", "off", Honoured, kSsl, "Enables SSL connections.")),
    reported(boolean("standard_conforming_strings", "on", Fixed, kPreviousPostgresqlVersions,
                     "Causes '...' strings to treat backslashes literally.")),
    integer("statement_timeout", "0", {0, kIntMax}, Honoured, kStatementBehavior,
            "Sets the maximum allowed duration of any statement.", Milliseconds),
    restricted(Postmaster, integer("superuser_reserved_connections", "0", {0, 262143}, Honoured,
                                   kConnectionSettings,
                                   "Sets the number of connection slots reserved for superusers.")),
    boolean("synchronize_seqscans", "on", Harmless, kPreviousPostgresqlVersions,
            "Enable synchronized sequential scans."),
    enumeration("synchronous_commit", "on", "local,remote_write,remote_apply,on,off", Honoured,
                kSettings, "Sets the current transaction's synchronization level."),
    integer("tcp_keepalives_idle", "0", {0, kIntMax}, Harmless, kConnectionSettings,
            "Time between issuing TCP keepalives.", Seconds),
    integer("tcp_user_timeout", "0", {0, kIntMax}, Harmless, kConnectionSettings,
            "TCP user timeout.", Milliseconds),
    list(text("temp_tablespaces", "", Fixed, kStatementBehavior,
              "Sets the tablespace(s) to use for temporary tables and sort files.")),
    reported(text("TimeZone", "UTC", Honoured, kLocaleAndFormatting,
                  "Sets the time zone for displaying and interpreting time stamps.")),
    boolean("track_activities", "on", Harmless, kCumulativeQueryAndIndexStatistics,
            "Collects information about executing commands."),
    boolean("transaction_deferrable", "off", Honoured, kStatementBehavior,
            "Whether to defer a read-only serializable transaction until it can be executed with "
            "no possible serialization failures."),
    enumeration("transaction_isolation", "read committed",
                "serializable,repeatable read,read committed,read uncommitted", Honoured,
                kStatementBehavior, "Sets the current transaction's isolation level."),
    boolean("transaction_read_only", "off", Honoured, kStatementBehavior,
            "Sets the current transaction's read-only status."),
    boolean("transform_null_equals", "off", Fixed, kOtherPlatformsAndClients,
            "Treats \"expr=NULL\" as \"expr IS NULL\"."),
    integer("vacuum_freeze_min_age", "50000000", {0, 1000000000}, Harmless, kStatementBehavior,
            "Minimum age at which VACUUM should freeze a table row."),
    restricted(Internal, integer("wal_block_size", "8192", {8192, 8192}, Honoured, kPresetOptions,
                                 "Shows the block size in the write ahead log.")),
    restricted(Postmaster,
               enumeration("wal_level", "replica", "minimal,replica,logical", Honoured, kSettings,
                           "Sets the level of information written to the WAL.")),
    integer("work_mem", "4096", {64, kIntMax}, Honoured, kMemory,
            "Sets the maximum memory to be used for query workspaces.", Kilobytes),
    enumeration("xmloption", "content", "content,document", Harmless, kStatementBehavior,
                "Sets whether XML data in implicit parsing and serialization operations is to be "
                "considered as documents or content fragments."),
};

bool less_ignoring_case(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) <
           std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

std::span<const SettingDefinition> setting_definitions() {
  return kDefinitions;
}

const SettingDefinition* find_setting_definition(std::string_view name) {
  const auto* found = std::lower_bound(std::begin(kDefinitions), std::end(kDefinitions), name,
                                       [](const SettingDefinition& row, std::string_view key) {
                                         return less_ignoring_case(row.name, key);
                                       });
  const bool is_match = found != std::end(kDefinitions) && !less_ignoring_case(name, found->name);
  return is_match ? found : nullptr;
}

}  // namespace omen::sql
