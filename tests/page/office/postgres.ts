// A PostgreSQL cluster of the tests' own, in a temporary folder, by Unix socket and on the loopback.
import { chmod, chown, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { Folder, freePort } from './places';
import { Process, patience, run } from './process';

const settings = {
  listen_addresses: "'127.0.0.1'",
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: "'16MB'",
  autovacuum: 'off',
  log_line_prefix: "'%m [%p] %u@%d '",
};

// curfewd is let in by its socket under any name; nobody else gets in but the tests themselves.
const hba = 'local all all trust\nhost all postgres 127.0.0.1/32 trust\n';

// PostgreSQL refuses to run as root.
const osUser = process.getuid?.() === 0 ? 'postgres' : undefined;

let programs: Promise<string> | undefined;
async function program(name: string): Promise<string> {
  programs ??= run(['pg_config', '--bindir']).then((text) => text.trim());
  return path.join(await programs, name);
}

export const psqlProgram = (): Promise<string> => program('psql');

export class PostgresCluster {
  private constructor(
    private readonly folder: Folder,
    readonly port: number,
    private readonly process: Process,
    private readonly psql: string,
  ) {}

  static async start(): Promise<PostgresCluster> {
    const folder = await Folder.make();
    try {
      const port = await freePort();
      await initialise(folder, port);
      const postgres = new Process([await program('postgres'), '-D', folder.file('data')], {
        user: osUser,
        deathSignal: 'QUIT',
        environment: { LC_ALL: 'C.UTF-8' },
      });
      await postgres.err.await(
        '"ready to accept connections"',
        (line) => line.includes('ready to accept connections') || undefined,
        0,
        3 * patience,
      );
      return new PostgresCluster(folder, port, postgres, await psqlProgram());
    } catch (error) {
      await folder.remove();
      throw error;
    }
  }

  /** Where its socket is. */
  get socketFolder(): string {
    return this.folder.path;
  }

  /** Runs statements as the superuser; gives what they print, without headings. */
  async sql(statements: string, database = 'postgres'): Promise<string> {
    const text = await run([
      this.psql,
      '-XAtqw',
      '-v',
      'ON_ERROR_STOP=1',
      '-h',
      this.folder.path,
      '-p',
      String(this.port),
      '-U',
      'postgres',
      '-d',
      database,
      '-c',
      statements,
    ]);
    return text.trim();
  }

  /** Waits until a condition, SQL, holds. It is PostgreSQL that looks again and again. */
  async await(condition: string, timeout = patience): Promise<void> {
    const quoted = condition.replaceAll("'", "''");
    await this.sql(`DO $await$ DECLARE held boolean; started timestamptz := clock_timestamp(); BEGIN LOOP
      PERFORM pg_stat_clear_snapshot(); EXECUTE 'SELECT ${quoted}' INTO held; EXIT WHEN held;
      IF clock_timestamp() > started + interval '${timeout} ms' THEN RAISE 'it did not come to: %', '${quoted}'; END IF;
      PERFORM pg_sleep(0.005); END LOOP; END $await$`);
  }

  async stop(): Promise<void> {
    await this.process.stop('SIGINT');
    await this.folder.remove();
  }
}

async function initialise(folder: Folder, port: number): Promise<void> {
  if (osUser !== undefined) {
    const id = async (flag: string): Promise<number> => Number(await run(['id', flag, osUser]));
    await chown(folder.path, await id('-u'), await id('-g'));
  }
  await chmod(folder.path, 0o711);
  const data = folder.file('data');
  await run(
    [
      await program('initdb'),
      '--pgdata',
      data,
      '--username',
      'postgres',
      '--auth',
      'trust',
      '--encoding',
      'UTF8',
      '--locale',
      'C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ],
    { user: osUser },
  );
  const all = { ...settings, port: String(port), unix_socket_directories: `'${folder.path}'` };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`);
  await writeFile(path.join(data, 'postgresql.conf'), lines.join(''), { flag: 'a' });
  await writeFile(path.join(data, 'pg_hba.conf'), hba);
}
