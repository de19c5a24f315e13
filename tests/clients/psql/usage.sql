\set ON_ERROR_STOP off
SET client_min_messages = warning;
DROP TABLE IF EXISTS psql_items, psql_plain;
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE psql_items (id bigserial PRIMARY KEY, name varchar(40), price numeric(10,2), embedding vector(3));
CREATE TABLE psql_plain (a int, b text);
INSERT INTO psql_items (name, price, embedding) VALUES ('one', 1.5, '[1,2,3]'), ('two', 20, '[4,5,6]');
SELECT * FROM psql_items ORDER BY id;
\x on
SELECT name, embedding FROM psql_items ORDER BY embedding <-> '[4,5,7]' LIMIT 1;
\x off
\pset format csv
SELECT id, name, NULL AS nothing FROM psql_items ORDER BY id;
\pset format aligned
SELECT id, name FROM psql_items WHERE id = 1 \gset
\echo :id :name
SELECT 'SELECT ' || g FROM generate_series(1, 2) AS g ORDER BY g \gexec
SELECT id, price, embedding FROM psql_items \gdesc
SELECT 1 / 0;
SELECT nosuch FROM psql_items;
\copy psql_plain FROM stdin WITH (FORMAT csv)
1,one
2,"two, quoted"
\.
\copy (SELECT * FROM psql_plain ORDER BY a) TO stdout
COPY psql_plain FROM STDIN;
3	three
\.
SELECT count(*) FROM psql_plain;
\set AUTOCOMMIT off
INSERT INTO psql_plain VALUES (9, 'rolled back');
ROLLBACK;
\set AUTOCOMMIT on
\set ON_ERROR_ROLLBACK on
BEGIN;
INSERT INTO psql_plain VALUES (10, 'kept');
SELECT 1 / 0;
COMMIT;
SELECT b FROM psql_plain WHERE a >= 9;
DROP TABLE psql_items, psql_plain;
