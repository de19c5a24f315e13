\set ON_ERROR_STOP off
\set FETCH_COUNT 2
SELECT g FROM generate_series(1, 5) AS g;
\set FETCH_COUNT 0
