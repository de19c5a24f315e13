\set ON_ERROR_STOP off
SET client_min_messages = warning;
DROP TABLE IF EXISTS psql_items, psql_plain;
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE psql_items (id bigserial PRIMARY KEY, name varchar(40) NOT NULL DEFAULT 'x', price numeric(10,2) CHECK (price >= 0), tags text[], embedding vector(3));
CREATE TABLE psql_plain (a int, b text);
CREATE INDEX psql_items_name ON psql_items (lower(name));
CREATE INDEX psql_items_price ON psql_items (price DESC) WHERE price > 10;
CREATE INDEX psql_items_v ON psql_items USING hnsw (embedding vector_l2_ops) WITH (m = 8, ef_construction = 32);
ALTER TABLE psql_items ADD CONSTRAINT psql_items_name_key UNIQUE (name);
COMMENT ON TABLE psql_items IS 'what is sold';
\d psql_items
\d+ psql_items
\d psql_plain
\d psql_items_v
\d psql_items_name
\d psql_items_id_seq
\dt psql_*
\dt+ psql_none*
\di psql_items*
\ds psql_items*
\dx vector
\dn public
\dT vector
\dAc hnsw vector
\du no_such_role
\d no_such_table
DROP TABLE psql_items, psql_plain;
