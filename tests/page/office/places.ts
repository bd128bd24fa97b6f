// Where things are. CTest says it through the environment; by hand the release build counts.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const sources = fileURLToPath(new URL('../../..', import.meta.url));
const build = process.env.CURFEW_TEST_BUILD ?? path.join(sources, 'build');

export const curfewdProgram = path.join(build, 'curfewd');
export const providerFolder = path.join(sources, 'tests/integration/oidc');

/** What a run leaves for people to look at. */
export const pictureFolder = path.join(build, 'page-pictures');
mkdirSync(pictureFolder, { recursive: true });

if (!existsSync(curfewdProgram)) throw new Error(`there is no ${curfewdProgram}; build it first`);

// A process whose parent is gone has nobody to test for, and ends with all that it started. Vitest lets nobody exit.
const folders = new Set<string>();
process.once('disconnect', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  process.kill(process.pid, 'SIGKILL');
});

/** A temporary folder with a short name, for the sockets in it. */
export class Folder {
  private constructor(readonly path: string) {}

  static async make(): Promise<Folder> {
    const made = await mkdtemp(path.join(tmpdir(), 'curfew-page-'));
    folders.add(made);
    return new Folder(made);
  }

  file(name: string): string {
    return path.join(this.path, name);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    folders.delete(this.path);
  }
}

/** A port of the loopback that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no free port'));
      server.close(() => resolve(address.port));
    });
  });
}
