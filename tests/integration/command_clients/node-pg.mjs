// Work by command with node-postgres: one flow a run, which prints what it saw. Usage: node-pg.mjs FLOW PORT
import pg from 'pg';

const insert = 'INSERT INTO orders VALUES ($1, $2)';

function said(what, value) {
    console.log(`${what}: ${value}`);
}

async function count(client) {
    const { rows } = await client.query('SELECT count(*) FROM orders');
    return rows[0].count;
}

const flows = {
    async values(client) {
        const { rowCount } = await client.query(insert, [7, null]);
        said('inserted', rowCount);
        const { rows } = await client.query('SELECT id, note FROM orders WHERE id = $1', [7]);
        said('found', JSON.stringify(rows));
    },

    async named(client) {
        for (const id of [1, 2]) await client.query({ name: 'add', text: insert, values: [id, 'x'] });
        said('count', await count(client));
    },

    // Queries that wait in the client's own queue.
    async queued(client) {
        const answers = await Promise.all([count(client), client.query(insert, [1, 'one']), count(client)]);
        said('before', answers[0]);
        said('after', answers[2]);
    },

    async transaction(client) {
        await client.query('BEGIN');
        await client.query(insert, [1, 'one']);
        await client.query('COMMIT');
        said('count', await count(client));
    },

    async rejected(client) {
        try {
            await client.query('DELETE FROM orders');
        } catch (error) {
            said('refused', error.code);
        }
        said('count', await count(client));
    },
};

const [flow, port] = process.argv.slice(2);
const client = new pg.Client({ host: '127.0.0.1', port: Number(port), user: 'alice', database: 'shop' });
client.on('notice', (notice) => said('notice', notice.message));
await client.connect();
await flows[flow](client);
await client.end();
