// Views of pg_catalog as SQL over its base relations (columns as in PostgreSQL 15), and the few
// whose rows are the server's own state.
#include "sql/catalog/base_relations.h"

namespace omen::sql {
namespace {

constexpr Oid kSchema = engine::kPgCatalogSchemaOid;

constexpr SystemView kViews[] = {
    {15990,
     kSchema,
     "omendb_stat_vector_indexes",
     "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, type text, "
     "dimensions int4, metric text, quantization text, m int4, ef_construction int4, phase text, "
     "entries int8, live int8, nodes int8, tail int8, coarse int8, tombstones int8, "
     "free_slots int8, unreachable int8, block_bytes int8, slot_bytes int8, "
     "upper_list_bytes int8, row_map_bytes int8, required_bytes int8, evictable_bytes int8, "
     "calibration_pools _int4, calibration_recalls _float4, generation int8, "
     "checkpoint_cursor int8, checkpoint_bytes int8, unsaved_bytes int8",
     {},
     omendb_stat_vector_indexes_rows},
    {12081, kSchema, "pg_available_extensions",
     "name name, default_version text, installed_version text, comment text",
     R"(SELECT 'vector'::name AS name, '0.8.6'::text AS default_version,
    (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'vector') AS
      installed_version,
    'vector data type and ivfflat and hnsw access methods'::text AS comment)"},
    {12077, kSchema, "pg_cursors",
     "name text, statement text, is_holdable bool, is_binary bool, is_scrollable bool, "
     "creation_time timestamptz",
     R"(SELECT NULL::text AS name, NULL::text AS statement, NULL::bool AS is_holdable,
    NULL::bool AS is_binary, NULL::bool AS is_scrollable, NULL::timestamptz AS creation_time
    WHERE false)"},
    {12010, kSchema, "pg_group", "groname name, grosysid oid, grolist _oid",
     R"(SELECT NULL::name AS groname, NULL::oid AS grosysid, NULL::oid[] AS grolist WHERE false)"},
    {12043, kSchema, "pg_indexes",
     "schemaname name, tablename name, indexname name, tablespace name, indexdef text",
     R"(SELECT n.nspname AS schemaname, c.relname AS tablename, i.relname AS indexname,
    NULL::name AS tablespace, pg_catalog.pg_get_indexdef(i.oid) AS indexdef
    FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
    JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm', 'p') AND i.relkind IN ('i', 'I'))"},
    {12073,
     kSchema,
     "pg_locks",
     "locktype text, database oid, relation oid, page int4, tuple int2, virtualxid text, "
     "transactionid xid, classid oid, objid oid, objsubid int2, virtualtransaction text, pid "
     "int4, mode text, granted bool, fastpath bool, waitstart timestamptz",
     {},
     pg_locks_rows},
    {12038, kSchema, "pg_matviews",
     "schemaname name, matviewname name, matviewowner name, tablespace name, hasindexes "
     "bool, ispopulated bool, definition text",
     R"(SELECT NULL::name AS schemaname, NULL::name AS matviewname, NULL::name AS matviewowner,
    NULL::name AS tablespace, NULL::bool AS hasindexes, NULL::bool AS ispopulated, NULL::text AS
    definition WHERE false)"},
    {12018, kSchema, "pg_policies",
     "schemaname name, tablename name, policyname name, permissive text, roles _name, cmd "
     "text, qual text, with_check text",
     R"(SELECT NULL::name AS schemaname, NULL::name AS tablename, NULL::name AS policyname,
    NULL::text AS permissive, NULL::name[] AS roles, NULL::text AS cmd, NULL::text AS qual,
    NULL::text AS with_check WHERE false)"},
    {12095,
     kSchema,
     "pg_prepared_statements",
     "name text, statement text, prepare_time timestamptz, parameter_types _regtype, from_sql "
     "bool, generic_plans int8, custom_plans int8",
     {},
     pg_prepared_statements_rows},
    {12090, kSchema, "pg_prepared_xacts",
     "transaction xid, gid text, prepared timestamptz, owner name, database name",
     R"(SELECT NULL::xid AS transaction, NULL::text AS gid, NULL::timestamptz AS prepared,
    NULL::name AS owner, NULL::name AS database WHERE false)"},
    {12000, kSchema, "pg_roles",
     "rolname name, rolsuper bool, rolinherit bool, rolcreaterole bool, rolcreatedb bool, "
     "rolcanlogin bool, rolreplication bool, rolconnlimit int4, rolpassword text, "
     "rolvaliduntil timestamptz, rolbypassrls bool, rolconfig _text, oid oid",
     R"(SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin,
    rolreplication, rolconnlimit, '********'::text AS rolpassword, rolvaliduntil, rolbypassrls,
    NULL::text[] AS rolconfig, oid FROM pg_catalog.pg_authid)"},
    {12023, kSchema, "pg_rules", "schemaname name, tablename name, rulename name, definition text",
     R"(SELECT NULL::name AS schemaname, NULL::name AS tablename, NULL::name AS rulename, NULL::text
    AS definition WHERE false)"},
    {12099, kSchema, "pg_seclabels",
     "objoid oid, classoid oid, objsubid int4, objtype text, objnamespace oid, objname text, "
     "provider text, label text",
     R"(SELECT NULL::oid AS objoid, NULL::oid AS classoid, NULL::int4 AS objsubid, NULL::text AS
    objtype, NULL::oid AS objnamespace, NULL::text AS objname, NULL::text AS provider,
    NULL::text AS label WHERE false)"},
    {12048, kSchema, "pg_sequences",
     "schemaname name, sequencename name, sequenceowner name, data_type regtype, start_value "
     "int8, min_value int8, max_value int8, increment_by int8, cycle bool, cache_size int8, "
     "last_value int8",
     R"(SELECT n.nspname AS schemaname, c.relname AS sequencename,
    pg_catalog.pg_get_userbyid(c.relowner) AS sequenceowner, s.seqtypid::regtype AS data_type,
    s.seqstart AS start_value, s.seqmin AS min_value, s.seqmax AS max_value,
    s.seqincrement AS increment_by, s.seqcycle AS cycle, s.seqcache AS cache_size,
    pg_catalog.pg_sequence_last_value(c.oid) AS last_value
    FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace)"},
    {12104,
     kSchema,
     "pg_settings",
     "name text, setting text, unit text, category text, short_desc text, extra_desc text, "
     "context text, vartype text, source text, min_val text, max_val text, enumvals _text, "
     "boot_val text, reset_val text, sourcefile text, sourceline int4, pending_restart bool",
     {},
     pg_settings_rows},
    {12005, kSchema, "pg_shadow",
     "usename name, usesysid oid, usecreatedb bool, usesuper bool, userepl bool, "
     "usebypassrls bool, passwd text, valuntil timestamptz, useconfig _text",
     R"(SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb,
    rolsuper AS usesuper, rolreplication AS userepl, rolbypassrls AS usebypassrls,
    rolpassword AS passwd, rolvaliduntil AS valuntil, NULL::text[] AS useconfig
    FROM pg_catalog.pg_authid WHERE rolcanlogin)"},
    {12222,
     kSchema,
     "pg_stat_activity",
     "datid oid, datname name, pid int4, leader_pid int4, usesysid oid, usename name, "
     "application_name text, client_addr text, client_hostname text, client_port int4, "
     "backend_start timestamptz, xact_start timestamptz, query_start timestamptz, "
     "state_change timestamptz, wait_event_type text, wait_event text, state text, "
     "backend_xid xid, backend_xmin xid, query_id int8, query text, backend_type text",
     {},
     pg_stat_activity_rows},
    {12183,
     kSchema,
     "pg_stat_all_indexes",
     "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_scan "
     "int8, idx_tup_read int8, idx_tup_fetch int8",
     {},
     pg_stat_all_indexes_rows},
    {12312,
     kSchema,
     "pg_stat_progress_create_index",
     "pid int4, datid oid, datname name, relid oid, index_relid oid, command text, phase text, "
     "lockers_total int8, lockers_done int8, current_locker_pid int8, blocks_total int8, "
     "blocks_done int8, tuples_total int8, tuples_done int8, partitions_total int8, "
     "partitions_done int8",
     {},
     pg_stat_progress_create_index_rows},
    {12192, kSchema, "pg_stat_user_indexes",
     "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_scan "
     "int8, idx_tup_read int8, idx_tup_fetch int8",
     R"(SELECT relid, indexrelid, schemaname, relname, indexrelname, idx_scan, idx_tup_read,
    idx_tup_fetch FROM pg_catalog.pg_stat_all_indexes
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))"},
    {12033, kSchema, "pg_tables",
     "schemaname name, tablename name, tableowner name, tablespace name, hasindexes bool, "
     "hasrules bool, hastriggers bool, rowsecurity bool",
     R"(SELECT n.nspname AS schemaname, c.relname AS tablename,
    pg_catalog.pg_get_userbyid(c.relowner) AS tableowner, NULL::name AS tablespace,
    c.relhasindex AS hasindexes, c.relhasrules AS hasrules, c.relhastriggers AS hastriggers,
    c.relrowsecurity AS rowsecurity
    FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p'))"},
    {12014, kSchema, "pg_user",
     "usename name, usesysid oid, usecreatedb bool, usesuper bool, userepl bool, "
     "usebypassrls bool, passwd text, valuntil timestamptz, useconfig _text",
     R"(SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb,
    rolsuper AS usesuper, rolreplication AS userepl, rolbypassrls AS usebypassrls,
    '********'::text AS passwd, rolvaliduntil AS valuntil, NULL::text[] AS useconfig
    FROM pg_catalog.pg_authid WHERE rolcanlogin)"},
    {12028, kSchema, "pg_views", "schemaname name, viewname name, viewowner name, definition text",
     R"(SELECT n.nspname AS schemaname, c.relname AS viewname,
    pg_catalog.pg_get_userbyid(c.relowner) AS viewowner, NULL::text AS definition
    FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'v')"},
};

}  // namespace

std::span<const SystemView> pg_catalog_views() {
  return kViews;
}

}  // namespace omen::sql
