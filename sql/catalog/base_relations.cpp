#include "sql/catalog/base_relations.h"

namespace omen::sql {
namespace {

/// A relation that exists for clients' queries and has no rows: nothing here creates such objects.
void no_rows(const EvalContext& /*context*/, engine::ColumnBatch& /*out*/) {}

}  // namespace

// Names, types and order of columns as in PostgreSQL 15 (manual, chapter 53).
const BaseRelation kBaseRelations[] = {
    {2600, "pg_aggregate",
     "aggfnoid regproc, aggkind char, aggnumdirectargs int2, aggtransfn regproc, aggfinalfn "
     "regproc, aggcombinefn regproc, aggserialfn regproc, aggdeserialfn regproc, aggmtransfn "
     "regproc, aggminvtransfn regproc, aggmfinalfn regproc, aggfinalextra bool, aggmfinalextra "
     "bool, aggfinalmodify char, aggmfinalmodify char, aggsortop oid, aggtranstype oid, "
     "aggtransspace int4, aggmtranstype oid, aggmtransspace int4, agginitval text, aggminitval "
     "text",
     pg_aggregate_rows},
    {2601, "pg_am", "oid oid, amname name, amhandler regproc, amtype char", pg_am_rows},
    {2602, "pg_amop",
     "oid oid, amopfamily oid, amoplefttype oid, amoprighttype oid, amopstrategy int2, "
     "amoppurpose char, amopopr oid, amopmethod oid, amopsortfamily oid",
     no_rows},
    {2603, "pg_amproc",
     "oid oid, amprocfamily oid, amproclefttype oid, amprocrighttype oid, amprocnum int2, "
     "amproc regproc",
     no_rows},
    {2604, "pg_attrdef", "oid oid, adrelid oid, adnum int2, adbin pg_node_tree", pg_attrdef_rows},
    {1249, "pg_attribute",
     "attrelid oid, attname name, atttypid oid, attstattarget int4, attlen int2, attnum int2, "
     "attndims int4, attcacheoff int4, atttypmod int4, attbyval bool, attalign char, "
     "attstorage char, attcompression char, attnotnull bool, atthasdef bool, atthasmissing "
     "bool, attidentity char, attgenerated char, attisdropped bool, attislocal bool, "
     "attinhcount int4, attcollation oid, attacl _aclitem, attoptions _text, attfdwoptions "
     "_text, attmissingval anyarray",
     pg_attribute_rows},
    {1261, "pg_auth_members", "roleid oid, member oid, grantor oid, admin_option bool", no_rows},
    {1260, "pg_authid",
     "oid oid, rolname name, rolsuper bool, rolinherit bool, rolcreaterole bool, rolcreatedb "
     "bool, rolcanlogin bool, rolreplication bool, rolbypassrls bool, rolconnlimit int4, "
     "rolpassword text, rolvaliduntil timestamptz",
     pg_authid_rows},
    {2605, "pg_cast",
     "oid oid, castsource oid, casttarget oid, castfunc oid, castcontext char, castmethod char",
     pg_cast_rows},
    {1259, "pg_class",
     "oid oid, relname name, relnamespace oid, reltype oid, reloftype oid, relowner oid, relam "
     "oid, relfilenode oid, reltablespace oid, relpages int4, reltuples float4, relallvisible "
     "int4, reltoastrelid oid, relhasindex bool, relisshared bool, relpersistence char, "
     "relkind char, relnatts int2, relchecks int2, relhasrules bool, relhastriggers bool, "
     "relhassubclass bool, relrowsecurity bool, relforcerowsecurity bool, relispopulated bool, "
     "relreplident char, relispartition bool, relrewrite oid, relfrozenxid xid, relminmxid "
     "xid, relacl _aclitem, reloptions _text, relpartbound pg_node_tree",
     pg_class_rows},
    {3456, "pg_collation",
     "oid oid, collname name, collnamespace oid, collowner oid, collprovider char, "
     "collisdeterministic bool, collencoding int4, collcollate text, collctype text, "
     "colliculocale text, collversion text",
     pg_collation_rows},
    {2606, "pg_constraint",
     "oid oid, conname name, connamespace oid, contype char, condeferrable bool, condeferred "
     "bool, convalidated bool, conrelid oid, contypid oid, conindid oid, conparentid oid, "
     "confrelid oid, confupdtype char, confdeltype char, confmatchtype char, conislocal bool, "
     "coninhcount int4, connoinherit bool, conkey _int2, confkey _int2, conpfeqop _oid, "
     "conppeqop _oid, conffeqop _oid, confdelsetcols _int2, conexclop _oid, conbin "
     "pg_node_tree",
     pg_constraint_rows},
    {2607, "pg_conversion",
     "oid oid, conname name, connamespace oid, conowner oid, conforencoding int4, "
     "contoencoding int4, conproc regproc, condefault bool",
     no_rows},
    {1262, "pg_database",
     "oid oid, datname name, datdba oid, encoding int4, datlocprovider char, datistemplate "
     "bool, datallowconn bool, datconnlimit int4, datfrozenxid xid, datminmxid xid, "
     "dattablespace oid, datcollate text, datctype text, daticulocale text, datcollversion "
     "text, datacl _aclitem",
     pg_database_rows},
    {2964, "pg_db_role_setting", "setdatabase oid, setrole oid, setconfig _text", no_rows},
    {826, "pg_default_acl",
     "oid oid, defaclrole oid, defaclnamespace oid, defaclobjtype char, defaclacl _aclitem",
     no_rows},
    {2608, "pg_depend",
     "classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, refobjsubid int4, "
     "deptype char",
     pg_depend_rows},
    {2609, "pg_description", "objoid oid, classoid oid, objsubid int4, description text",
     pg_description_rows},
    {3501, "pg_enum", "oid oid, enumtypid oid, enumsortorder float4, enumlabel name", no_rows},
    {3466, "pg_event_trigger",
     "oid oid, evtname name, evtevent name, evtowner oid, evtfoid oid, evtenabled char, "
     "evttags _text",
     no_rows},
    {3079, "pg_extension",
     "oid oid, extname name, extowner oid, extnamespace oid, extrelocatable bool, extversion "
     "text, extconfig _oid, extcondition _text",
     pg_extension_rows},
    {2328, "pg_foreign_data_wrapper",
     "oid oid, fdwname name, fdwowner oid, fdwhandler oid, fdwvalidator oid, fdwacl _aclitem, "
     "fdwoptions _text",
     no_rows},
    {1417, "pg_foreign_server",
     "oid oid, srvname name, srvowner oid, srvfdw oid, srvtype text, srvversion text, srvacl "
     "_aclitem, srvoptions _text",
     no_rows},
    {3118, "pg_foreign_table", "ftrelid oid, ftserver oid, ftoptions _text", no_rows},
    {2610, "pg_index",
     "indexrelid oid, indrelid oid, indnatts int2, indnkeyatts int2, indisunique bool, "
     "indnullsnotdistinct bool, indisprimary bool, indisexclusion bool, indimmediate bool, "
     "indisclustered bool, indisvalid bool, indcheckxmin bool, indisready bool, indislive "
     "bool, indisreplident bool, indkey int2vector, indcollation oidvector, indclass "
     "oidvector, indoption int2vector, indexprs pg_node_tree, indpred pg_node_tree",
     pg_index_rows},
    {2611, "pg_inherits", "inhrelid oid, inhparent oid, inhseqno int4, inhdetachpending bool",
     no_rows},
    {3394, "pg_init_privs",
     "objoid oid, classoid oid, objsubid int4, privtype char, initprivs _aclitem", no_rows},
    {2612, "pg_language",
     "oid oid, lanname name, lanowner oid, lanispl bool, lanpltrusted bool, lanplcallfoid oid, "
     "laninline oid, lanvalidator oid, lanacl _aclitem",
     pg_language_rows},
    {2613, "pg_largeobject", "loid oid, pageno int4, data bytea", no_rows},
    {2995, "pg_largeobject_metadata", "oid oid, lomowner oid, lomacl _aclitem", no_rows},
    {2615, "pg_namespace", "oid oid, nspname name, nspowner oid, nspacl _aclitem",
     pg_namespace_rows},
    {2616, "pg_opclass",
     "oid oid, opcmethod oid, opcname name, opcnamespace oid, opcowner oid, opcfamily oid, "
     "opcintype oid, opcdefault bool, opckeytype oid",
     pg_opclass_rows},
    {2617, "pg_operator",
     "oid oid, oprname name, oprnamespace oid, oprowner oid, oprkind char, oprcanmerge bool, "
     "oprcanhash bool, oprleft oid, oprright oid, oprresult oid, oprcom oid, oprnegate oid, "
     "oprcode regproc, oprrest regproc, oprjoin regproc",
     pg_operator_rows},
    {2753, "pg_opfamily", "oid oid, opfmethod oid, opfname name, opfnamespace oid, opfowner oid",
     pg_opfamily_rows},
    {6243, "pg_parameter_acl", "oid oid, parname text, paracl _aclitem", no_rows},
    {3350, "pg_partitioned_table",
     "partrelid oid, partstrat char, partnatts int2, partdefid oid, partattrs int2vector, "
     "partclass oidvector, partcollation oidvector, partexprs pg_node_tree",
     no_rows},
    {3256, "pg_policy",
     "oid oid, polname name, polrelid oid, polcmd char, polpermissive bool, polroles _oid, "
     "polqual pg_node_tree, polwithcheck pg_node_tree",
     no_rows},
    {1255, "pg_proc",
     "oid oid, proname name, pronamespace oid, proowner oid, prolang oid, procost float4, "
     "prorows float4, provariadic oid, prosupport regproc, prokind char, prosecdef bool, "
     "proleakproof bool, proisstrict bool, proretset bool, provolatile char, proparallel char, "
     "pronargs int2, pronargdefaults int2, prorettype oid, proargtypes oidvector, "
     "proallargtypes _oid, proargmodes _char, proargnames _text, proargdefaults pg_node_tree, "
     "protrftypes _oid, prosrc text, probin text, prosqlbody pg_node_tree, proconfig _text, "
     "proacl _aclitem",
     pg_proc_rows},
    {6104, "pg_publication",
     "oid oid, pubname name, pubowner oid, puballtables bool, pubinsert bool, pubupdate bool, "
     "pubdelete bool, pubtruncate bool, pubviaroot bool",
     no_rows},
    {6237, "pg_publication_namespace", "oid oid, pnpubid oid, pnnspid oid", no_rows},
    {6106, "pg_publication_rel",
     "oid oid, prpubid oid, prrelid oid, prqual pg_node_tree, prattrs int2vector", no_rows},
    {3541, "pg_range",
     "rngtypid oid, rngsubtype oid, rngmultitypid oid, rngcollation oid, rngsubopc oid, "
     "rngcanonical regproc, rngsubdiff regproc",
     no_rows},
    {6000, "pg_replication_origin", "roident oid, roname text", no_rows},
    {2618, "pg_rewrite",
     "oid oid, rulename name, ev_class oid, ev_type char, ev_enabled char, is_instead bool, "
     "ev_qual pg_node_tree, ev_action pg_node_tree",
     no_rows},
    {3596, "pg_seclabel", "objoid oid, classoid oid, objsubid int4, provider text, label text",
     no_rows},
    {2224, "pg_sequence",
     "seqrelid oid, seqtypid oid, seqstart int8, seqincrement int8, seqmax int8, seqmin int8, "
     "seqcache int8, seqcycle bool",
     pg_sequence_rows},
    {1214, "pg_shdepend",
     "dbid oid, classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, deptype "
     "char",
     no_rows},
    {2396, "pg_shdescription", "objoid oid, classoid oid, description text", no_rows},
    {3592, "pg_shseclabel", "objoid oid, classoid oid, provider text, label text", no_rows},
    {2619, "pg_statistic",
     "starelid oid, staattnum int2, stainherit bool, stanullfrac float4, stawidth int4, "
     "stadistinct float4, stakind1 int2, stakind2 int2, stakind3 int2, stakind4 int2, stakind5 "
     "int2, staop1 oid, staop2 oid, staop3 oid, staop4 oid, staop5 oid, stacoll1 oid, stacoll2 "
     "oid, stacoll3 oid, stacoll4 oid, stacoll5 oid, stanumbers1 _float4, stanumbers2 _float4, "
     "stanumbers3 _float4, stanumbers4 _float4, stanumbers5 _float4, stavalues1 anyarray, "
     "stavalues2 anyarray, stavalues3 anyarray, stavalues4 anyarray, stavalues5 anyarray",
     no_rows},
    {3381, "pg_statistic_ext",
     "oid oid, stxrelid oid, stxname name, stxnamespace oid, stxowner oid, stxstattarget int4, "
     "stxkeys int2vector, stxkind _char, stxexprs pg_node_tree",
     no_rows},
    {3429, "pg_statistic_ext_data",
     "stxoid oid, stxdinherit bool, stxdndistinct text, stxddependencies text, stxdmcv text, "
     "stxdexpr _text",
     no_rows},
    {6100, "pg_subscription",
     "oid oid, subdbid oid, subskiplsn text, subname name, subowner oid, subenabled bool, "
     "subbinary bool, substream bool, subtwophasestate char, subdisableonerr bool, subconninfo "
     "text, subslotname name, subsynccommit text, subpublications _text",
     no_rows},
    {6102, "pg_subscription_rel", "srsubid oid, srrelid oid, srsubstate char, srsublsn text",
     no_rows},
    {1213, "pg_tablespace",
     "oid oid, spcname name, spcowner oid, spcacl _aclitem, spcoptions _text", pg_tablespace_rows},
    {3576, "pg_transform",
     "oid oid, trftype oid, trflang oid, trffromsql regproc, trftosql regproc", no_rows},
    {2620, "pg_trigger",
     "oid oid, tgrelid oid, tgparentid oid, tgname name, tgfoid oid, tgtype int2, tgenabled "
     "char, tgisinternal bool, tgconstrrelid oid, tgconstrindid oid, tgconstraint oid, "
     "tgdeferrable bool, tginitdeferred bool, tgnargs int2, tgattr int2vector, tgargs bytea, "
     "tgqual pg_node_tree, tgoldtable name, tgnewtable name",
     no_rows},
    {3602, "pg_ts_config", "oid oid, cfgname name, cfgnamespace oid, cfgowner oid, cfgparser oid",
     no_rows},
    {3603, "pg_ts_config_map", "mapcfg oid, maptokentype int4, mapseqno int4, mapdict oid",
     no_rows},
    {3600, "pg_ts_dict",
     "oid oid, dictname name, dictnamespace oid, dictowner oid, dicttemplate oid, "
     "dictinitoption text",
     no_rows},
    {3601, "pg_ts_parser",
     "oid oid, prsname name, prsnamespace oid, prsstart regproc, prstoken regproc, prsend "
     "regproc, prsheadline regproc, prslextype regproc",
     no_rows},
    {3764, "pg_ts_template",
     "oid oid, tmplname name, tmplnamespace oid, tmplinit regproc, tmpllexize regproc", no_rows},
    {1247, "pg_type",
     "oid oid, typname name, typnamespace oid, typowner oid, typlen int2, typbyval bool, "
     "typtype char, typcategory char, typispreferred bool, typisdefined bool, typdelim char, "
     "typrelid oid, typsubscript regproc, typelem oid, typarray oid, typinput regproc, "
     "typoutput regproc, typreceive regproc, typsend regproc, typmodin regproc, typmodout "
     "regproc, typanalyze regproc, typalign char, typstorage char, typnotnull bool, "
     "typbasetype oid, typtypmod int4, typndims int4, typcollation oid, typdefaultbin "
     "pg_node_tree, typdefault text, typacl _aclitem",
     pg_type_rows},
    {1418, "pg_user_mapping", "oid oid, umuser oid, umserver oid, umoptions _text", no_rows},
};
const std::size_t kBaseRelationCount = std::size(kBaseRelations);

}  // namespace omen::sql
