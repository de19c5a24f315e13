// information_schema as SQL over pg_catalog (columns as in PostgreSQL 15; its domains are shown as
// their base types: sql_identifier is name, character_data and yes_or_no are varchar,
// cardinal_number is int4).
#include "sql/catalog/base_relations.h"

namespace omen::sql {
namespace {

constexpr Oid kSchema = engine::kInformationSchemaOid;

constexpr SystemView kViews[] = {
    {13260, kSchema, "check_constraints",
     "constraint_catalog name, constraint_schema name, constraint_name name, check_clause varchar",
     R"(SELECT current_database() AS constraint_catalog, n.nspname AS constraint_schema,
    c.conname AS constraint_name,
    pg_catalog.pg_get_expr(c.conbin, c.conrelid)::varchar AS check_clause
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
    WHERE c.contype = 'c')"},
    {13295, kSchema, "columns",
     "table_catalog name, table_schema name, table_name name, column_name name, "
     "ordinal_position int4, column_default varchar, is_nullable varchar, data_type varchar, "
     "character_maximum_length int4, character_octet_length int4, numeric_precision int4, "
     "numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, "
     "interval_type varchar, interval_precision int4, character_set_catalog name, "
     "character_set_schema name, character_set_name name, collation_catalog name, "
     "collation_schema name, collation_name name, domain_catalog name, domain_schema name, "
     "domain_name name, udt_catalog name, udt_schema name, udt_name name, scope_catalog name, "
     "scope_schema name, scope_name name, maximum_cardinality int4, dtd_identifier name, "
     "is_self_referencing varchar, is_identity varchar, identity_generation varchar, "
     "identity_start varchar, identity_increment varchar, identity_maximum varchar, "
     "identity_minimum varchar, identity_cycle varchar, is_generated varchar, "
     "generation_expression varchar, is_updatable varchar",
     R"(SELECT current_database() AS table_catalog, n.nspname AS table_schema, c.relname AS
       table_name,
    a.attname AS column_name, a.attnum::int4 AS ordinal_position,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid)::varchar AS column_default,
    CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END::varchar AS is_nullable,
    CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN 'ARRAY'
         WHEN tn.nspname = 'pg_catalog' THEN pg_catalog.format_type(a.atttypid, NULL)
         ELSE 'USER-DEFINED' END::varchar AS data_type,
    CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod <> -1 THEN a.atttypmod - 4
         WHEN a.atttypid IN (1560, 1562) AND a.atttypmod <> -1 THEN a.atttypmod
         END AS character_maximum_length,
    CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod <> -1 THEN (a.atttypmod - 4) * 4
         WHEN a.atttypid IN (25, 1042, 1043) THEN 1073741824 END AS character_octet_length,
    CASE a.atttypid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN
      53
         WHEN 1700 THEN CASE WHEN a.atttypmod <> -1 THEN ((a.atttypmod - 4) >> 16) & 65535 END
         END AS numeric_precision,
    CASE WHEN a.atttypid IN (21, 20, 23, 700, 701) THEN 2 WHEN a.atttypid = 1700 THEN 10
         END AS numeric_precision_radix,
    CASE WHEN a.atttypid IN (21, 20, 23) THEN 0
         WHEN a.atttypid = 1700 AND a.atttypmod <> -1 THEN (a.atttypmod - 4) & 65535
         END AS numeric_scale,
    CASE WHEN a.atttypid = 1082 THEN 0
         WHEN a.atttypid IN (1083, 1114, 1184, 1266) THEN CASE WHEN a.atttypmod < 0 THEN 6 ELSE
           a.atttypmod END
         END AS datetime_precision,
    NULL::varchar AS interval_type, NULL::int4 AS interval_precision,
    NULL::name AS character_set_catalog, NULL::name AS character_set_schema,
    NULL::name AS character_set_name, NULL::name AS collation_catalog, NULL::name AS
      collation_schema,
    NULL::name AS collation_name, NULL::name AS domain_catalog, NULL::name AS domain_schema,
    NULL::name AS domain_name, current_database() AS udt_catalog, tn.nspname AS udt_schema,
    t.typname AS udt_name, NULL::name AS scope_catalog, NULL::name AS scope_schema,
    NULL::name AS scope_name, NULL::int4 AS maximum_cardinality, a.attnum::text::name AS
      dtd_identifier,
    'NO'::varchar AS is_self_referencing,
    CASE WHEN a.attidentity IN ('a', 'd') THEN 'YES' ELSE 'NO' END::varchar AS is_identity,
    CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END::varchar
      AS identity_generation,
    s.seqstart::text::varchar AS identity_start, s.seqincrement::text::varchar AS
      identity_increment,
    s.seqmax::text::varchar AS identity_maximum, s.seqmin::text::varchar AS identity_minimum,
    CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END::varchar AS identity_cycle,
    'NEVER'::varchar AS is_generated, NULL::varchar AS generation_expression,
    CASE WHEN c.relkind IN ('r', 'p') THEN 'YES' ELSE 'NO' END::varchar AS is_updatable
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_catalog.pg_depend p ON p.refobjid = a.attrelid AND p.refobjsubid = a.attnum
      AND p.classid = 1259 AND p.refclassid = 1259 AND p.deptype = 'i' AND a.attidentity IN ('a',
        'd')
    LEFT JOIN pg_catalog.pg_sequence s ON s.seqrelid = p.objid
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'f', 'p'))"},
    {13300, kSchema, "constraint_column_usage",
     "table_catalog name, table_schema name, table_name name, column_name name, "
     "constraint_catalog name, constraint_schema name, constraint_name name",
     R"(SELECT current_database() AS table_catalog, n.nspname AS table_schema, r.relname AS
       table_name,
    a.attname AS column_name, current_database() AS constraint_catalog,
    cn.nspname AS constraint_schema, c.conname AS constraint_name
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
    JOIN pg_catalog.pg_namespace cn ON cn.oid = c.connamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = ANY (c.conkey)
    WHERE c.contype IN ('p', 'u', 'c') AND NOT a.attisdropped)"},
    {13329, kSchema, "key_column_usage",
     "constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, "
     "table_schema name, table_name name, column_name name, ordinal_position int4, "
     "position_in_unique_constraint int4",
     R"(SELECT current_database() AS constraint_catalog, cn.nspname AS constraint_schema,
    c.conname AS constraint_name, current_database() AS table_catalog, n.nspname AS table_schema,
    r.relname AS table_name, a.attname AS column_name,
    pg_catalog.array_position(c.conkey, a.attnum)::int4 AS ordinal_position,
    NULL::int4 AS position_in_unique_constraint
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
    JOIN pg_catalog.pg_namespace cn ON cn.oid = c.connamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = ANY (c.conkey)
    WHERE c.contype IN ('p', 'u') AND NOT a.attisdropped)"},
    {13382, kSchema, "schemata",
     "catalog_name name, schema_name name, schema_owner name, default_character_set_catalog name, "
     "default_character_set_schema name, default_character_set_name name, sql_path varchar",
     R"(SELECT current_database() AS catalog_name, nspname AS schema_name,
    pg_catalog.pg_get_userbyid(nspowner) AS schema_owner, NULL::name AS
      default_character_set_catalog,
    NULL::name AS default_character_set_schema, NULL::name AS default_character_set_name,
    NULL::varchar AS sql_path FROM pg_catalog.pg_namespace)"},
    {13386, kSchema, "sequences",
     "sequence_catalog name, sequence_schema name, sequence_name name, data_type varchar, "
     "numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, "
     "start_value varchar, minimum_value varchar, maximum_value varchar, increment varchar, "
     "cycle_option varchar",
     R"(SELECT current_database() AS sequence_catalog, n.nspname AS sequence_schema,
    c.relname AS sequence_name, pg_catalog.format_type(s.seqtypid, NULL)::varchar AS data_type,
    CASE s.seqtypid WHEN 21 THEN 16 WHEN 23 THEN 32 ELSE 64 END AS numeric_precision,
    2 AS numeric_precision_radix, 0 AS numeric_scale, s.seqstart::text::varchar AS start_value,
    s.seqmin::text::varchar AS minimum_value, s.seqmax::text::varchar AS maximum_value,
    s.seqincrement::text::varchar AS increment,
    CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END::varchar AS cycle_option
    FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
      WHERE d.classid = 1259 AND d.objid = c.oid AND d.deptype = 'i'))"},
    {13411, kSchema, "table_constraints",
     "constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, "
     "table_schema name, table_name name, constraint_type varchar, is_deferrable varchar, "
     "initially_deferred varchar, enforced varchar, nulls_distinct varchar",
     R"(SELECT current_database() AS constraint_catalog, cn.nspname AS constraint_schema,
    c.conname AS constraint_name, current_database() AS table_catalog, n.nspname AS table_schema,
    r.relname AS table_name,
    CASE c.contype WHEN 'c' THEN 'CHECK' WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE'
      END::varchar AS constraint_type,
    CASE WHEN c.condeferrable THEN 'YES' ELSE 'NO' END::varchar AS is_deferrable,
    CASE WHEN c.condeferred THEN 'YES' ELSE 'NO' END::varchar AS initially_deferred,
    'YES'::varchar AS enforced, CASE WHEN c.contype = 'u' THEN 'YES' END::varchar AS nulls_distinct
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
    JOIN pg_catalog.pg_namespace cn ON cn.oid = c.connamespace
    UNION ALL
    SELECT current_database(), n.nspname, (n.oid::text || '_' || r.oid::text || '_' ||
      a.attnum::text
      || '_not_null')::name, current_database(), n.nspname, r.relname, 'CHECK', 'NO', 'NO', 'YES',
        NULL
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class r ON r.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
    WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p'))"},
    {13425, kSchema, "tables",
     "table_catalog name, table_schema name, table_name name, table_type varchar, "
     "self_referencing_column_name name, reference_generation varchar, "
     "user_defined_type_catalog name, user_defined_type_schema name, user_defined_type_name name, "
     "is_insertable_into varchar, is_typed varchar, commit_action varchar",
     R"(SELECT current_database() AS table_catalog, n.nspname AS table_schema, c.relname AS
       table_name,
    CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END::varchar AS table_type,
    NULL::name AS self_referencing_column_name, NULL::varchar AS reference_generation,
    NULL::name AS user_defined_type_catalog, NULL::name AS user_defined_type_schema,
    NULL::name AS user_defined_type_name,
    CASE WHEN c.relkind IN ('r', 'p') THEN 'YES' ELSE 'NO' END::varchar AS is_insertable_into,
    'NO'::varchar AS is_typed, NULL::varchar AS commit_action
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'f', 'p'))"},
    {13483, kSchema, "views",
     "table_catalog name, table_schema name, table_name name, view_definition varchar, "
     "check_option varchar, is_updatable varchar, is_insertable_into varchar, "
     "is_trigger_updatable varchar, is_trigger_deletable varchar, "
     "is_trigger_insertable_into varchar",
     R"(SELECT current_database() AS table_catalog, n.nspname AS table_schema, c.relname AS
       table_name,
    NULL::varchar AS view_definition, 'NONE'::varchar AS check_option, 'NO'::varchar AS
      is_updatable,
    'NO'::varchar AS is_insertable_into, 'NO'::varchar AS is_trigger_updatable,
    'NO'::varchar AS is_trigger_deletable, 'NO'::varchar AS is_trigger_insertable_into
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'v')"},
};

}  // namespace

std::span<const SystemView> information_schema_views() {
  return kViews;
}

}  // namespace omen::sql
