// What applications on node-postgres do; ends with code 1 and a stack at the first wrong answer.
'use strict';
const assert = require('assert');
const { Client, Pool } = require('pg');

const url = process.env.OMEN_TEST_URL;

async function values(client) {
  const { rows, fields } = await client.query(
    'SELECT $1::int AS i, $2::text AS t, $3::bool AS b, $4::float8 AS f, $5::int[] AS a, $6::numeric AS n',
    [1, 'ä', true, 1.5, [1, 2], '1.50']);
  assert.deepStrictEqual(rows, [{ i: 1, t: 'ä', b: true, f: 1.5, a: [1, 2], n: '1.50' }]);
  assert.strictEqual(fields[0].dataTypeID, 23);
  const untyped = await client.query('SELECT 1 + $1 AS sum, upper($2) AS up', [41, 'x']);
  assert.deepStrictEqual(untyped.rows, [{ sum: 42, up: 'X' }]);
  const at = await client.query("SELECT timestamptz '2024-02-29 12:00+00' AS at");
  assert.strictEqual(at.rows[0].at.toISOString(), '2024-02-29T12:00:00.000Z');
}

async function statements(client) {
  await client.query('DROP TABLE IF EXISTS node_items; CREATE TABLE node_items (id serial PRIMARY KEY, name text)');
  const inserted = await client.query('INSERT INTO node_items (name) VALUES ($1), ($2) RETURNING id', ['a', 'b']);
  assert.deepStrictEqual(inserted.rows.map((row) => row.id), [1, 2]);
  for (let n = 0; n < 10; n++) {
    const named = await client.query({ name: 'by-id', text: 'SELECT name FROM node_items WHERE id = $1', values: [2] });
    assert.deepStrictEqual(named.rows, [{ name: 'b' }]);
  }
  await assert.rejects(client.query('INSERT INTO node_items VALUES (1, $1)', ['x']),
    (error) => error.code === '23505' && error.constraint === 'node_items_pkey' && error.table === 'node_items');
  const several = await client.query('SELECT 1 AS a; SELECT 2 AS b');
  assert.deepStrictEqual(several.map((result) => result.rows[0]), [{ a: 1 }, { b: 2 }]);
}

async function transactions(client) {
  await client.query('BEGIN');
  await client.query('DELETE FROM node_items');
  await assert.rejects(client.query('SELECT nosuch'), { code: '42703' });
  await assert.rejects(client.query('SELECT 1'), { code: '25P02' });
  await client.query('ROLLBACK');
  const left = await client.query('SELECT count(*)::int AS n FROM node_items WHERE id = ANY($1)', [[1, 2]]);
  assert.strictEqual(left.rows[0].n, 2);
  await client.query('DROP TABLE node_items');
}

async function vectors(client) {
  await client.query('CREATE EXTENSION IF NOT EXISTS vector');
  await client.query('DROP TABLE IF EXISTS node_vectors');
  await client.query('CREATE TABLE node_vectors (id int, embedding vector(3))');
  await client.query('INSERT INTO node_vectors VALUES (1, $1), (2, $2)', [JSON.stringify([1, 2, 3]), '[4,5,6]']);
  const nearest = await client.query(
    'SELECT id, embedding, embedding <=> $1 AS "_distance" FROM node_vectors ORDER BY "_distance" ASC LIMIT $2',
    ['[4,5,6.5]', 1]);
  assert.strictEqual(nearest.rows[0].id, 2);
  assert.strictEqual(nearest.rows[0].embedding, '[4,5,6]');
  await client.query('DROP TABLE node_vectors');
}

async function pool() {
  const shared = new Pool({ connectionString: url, max: 4 });
  const sums = await Promise.all([...Array(40).keys()].map((n) => shared.query('SELECT $1::int + 1 AS n', [n])));
  assert.deepStrictEqual(sums.map((result) => result.rows[0].n), [...Array(40).keys()].map((n) => n + 1));
  await shared.end();
}

async function main() {
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const part of [values, statements, transactions, vectors]) {
    await part(client);
  }
  await client.end();
  await pool();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
