// Child processes of a test: what they print is awaited line by line, and none outlives the process that started it.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { execFile } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';

/** How long anything is waited for that should have happened at once; generous, for machines that are busy. */
export const patience = 60_000;

export interface ProcessOptions {
  /** What becomes of it when the test's own process dies; SIGQUIT ends PostgreSQL with all its children. */
  deathSignal?: 'KILL' | 'QUIT';
  /** Whom it runs as. Only root may choose. */
  user?: string | undefined;
  environment?: Record<string, string>;
}

/** Lines that something prints, past and to come. */
export class Lines {
  private readonly all: string[] = [];
  private readonly waiting = new Set<() => void>();
  private rest = '';
  private ended = false;

  constructor(private readonly source: string) {}

  add(chunk: string): void {
    const parts = (this.rest + chunk).split('\n');
    this.rest = parts.pop() ?? '';
    this.all.push(...parts);
    this.wake();
  }

  end(): void {
    if (this.rest !== '') this.all.push(this.rest);
    this.rest = '';
    this.ended = true;
    this.wake();
  }

  get text(): string {
    return [...this.all, this.rest].join('\n');
  }

  /** How many there are, to await what comes after them. */
  get count(): number {
    return this.all.length;
  }

  /** What `find` makes of the first line, from number `from` on, that it makes anything of. Rejects, with all lines,
   *  if there is none in time or no more will come. */
  await<T>(what: string, find: (line: string) => T | undefined, from = 0, timeout = patience): Promise<T> {
    let next = from;
    return new Promise<T>((resolve, reject) => {
      const done = (act: () => void): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        act();
      };
      const fail = (why: string): void =>
        done(() => reject(new Error(`${this.source} said no ${what} ${why}; it said:\n${this.text}`)));
      const look = (): void => {
        for (; next < this.all.length; ++next) {
          const found = find(this.all[next]!);
          if (found !== undefined) return done(() => resolve(found));
        }
        if (this.ended) fail('before it ended');
      };
      const timer = setTimeout(() => fail(`within ${timeout} ms`), timeout);
      this.waiting.add(look);
      look();
    });
  }

  private wake(): void {
    for (const look of [...this.waiting]) look();
  }
}

export class Process {
  readonly out: Lines;
  readonly err: Lines;
  /** Exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;

  constructor(command: [string, ...string[]], options: ProcessOptions = {}) {
    const wrapped = ['--pdeathsig', options.deathSignal ?? 'KILL'];
    if (options.user !== undefined)
      wrapped.push('--reuid', options.user, '--regid', options.user, '--init-groups');
    this.out = new Lines(command[0]);
    this.err = new Lines(command[0]);
    // setpriv becomes the command: the process is the command's own.
    this.child = spawn('setpriv', [...wrapped, '--', ...command], {
      env: { ...process.env, ...options.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A process that has ended takes no more input, which is for its output to say.
    this.child.stdin.on('error', () => undefined);
    for (const [stream, lines] of [
      [this.child.stdout, this.out],
      [this.child.stderr, this.err],
    ] as const) {
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => lines.add(chunk));
    }
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        this.out.end();
        this.err.end();
        resolve(code ?? signal ?? 'unknown');
      });
    });
    this.ended.catch(() => undefined);
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  write(text: string): void {
    this.child.stdin.write(text);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Asks it to end, insists after a while, and comes back when it has ended. */
  async stop(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.running) return;
    this.signal(name);
    const insist = setTimeout(() => this.signal('SIGKILL'), patience);
    await this.ended;
    clearTimeout(insist);
  }
}

const execute = promisify(execFile);

/** Runs a command to its end; gives what it printed. Rejects if it fails, with what it said. */
export async function run(
  command: [string, ...string[]],
  options: { user?: string | undefined } = {},
): Promise<string> {
  const as =
    options.user === undefined ? [] : ['--reuid', options.user, '--regid', options.user, '--init-groups'];
  const { stdout } = await execute('setpriv', [...as, '--', ...command], {
    encoding: 'utf8',
    timeout: 3 * patience,
  });
  return stdout;
}
