\set ON_ERROR_STOP off
SET client_min_messages = warning;
DROP TABLE IF EXISTS psql_items;
CREATE TABLE psql_items (name varchar(40) NOT NULL, price numeric(10,2));
CREATE INDEX psql_items_name ON psql_items (lower(name));
CREATE INDEX psql_items_price ON psql_items (price DESC) WHERE price > 10;
\d psql_items
\d psql_items_name
\di psql_items*
DROP TABLE psql_items;
