// A curfewd of the build tree under a configuration of the test's own, with what it logs.
import { writeFile } from 'node:fs/promises';

import { curfewdProgram, type Folder } from './places';
import { patience, Process } from './process';

export type LogEvent = Record<string, unknown> & { event: string };
type Fields = Record<string, string>;

const matches = (event: LogEvent, name: string, fields: Fields): boolean =>
  event.event === name && Object.entries(fields).every(([field, value]) => event[field] === value);

function parse(line: string): LogEvent | undefined {
  try {
    return JSON.parse(line) as LogEvent;
  } catch {
    return undefined;
  }
}

export class RunningCurfewd {
  private process: Process;
  private earlier = '';

  private constructor(private readonly folder: Folder) {
    this.process = this.begin();
  }

  /** Starts it and waits until it takes sessions. JSON is YAML, so the configuration is written as JSON. */
  static async start(folder: Folder, config: object): Promise<RunningCurfewd> {
    const complete = {
      store: { path: folder.file('store.db') },
      admin: { socket: folder.file('admin.sock') },
      metrics: { address: '127.0.0.1:0' },
      log: { format: 'json', level: 'debug' },
      ...config,
    };
    await writeFile(folder.file('curfew.yaml'), JSON.stringify(complete, undefined, 2));
    const curfewd = new RunningCurfewd(folder);
    await curfewd.await('node.ready');
    return curfewd;
  }

  get socket(): string {
    return this.folder.file('admin.sock');
  }

  /** The port of a listener. */
  async port(listener: string): Promise<number> {
    const opened = await this.await('listener.opened', { listener });
    return Number(String(opened.address).split(':').pop());
  }

  /** The first such line of the log since its last start, past or to come. */
  await(event: string, fields: Fields = {}, timeout = patience): Promise<LogEvent> {
    return this.process.err.await(
      `${event} ${JSON.stringify(fields)}`,
      (line) => {
        const found = parse(line);
        return found !== undefined && matches(found, event, fields) ? found : undefined;
      },
      0,
      timeout,
    );
  }

  /** How many such lines the log has. */
  count(event: string, fields: Fields = {}): number {
    return this.log
      .split('\n')
      .map(parse)
      .filter((found) => found !== undefined && matches(found, event, fields)).length;
  }

  get log(): string {
    return this.earlier + this.process.err.text;
  }

  /** Ends it in good order. */
  async stop(): Promise<void> {
    await this.process.stop();
  }

  /** Brings it back after stop(), on the same address for people. */
  async startAgain(): Promise<void> {
    this.earlier += `${this.process.err.text}\n`;
    this.process = this.begin();
    await this.await('node.ready');
  }

  private begin(): Process {
    return new Process([curfewdProgram, 'run', '--config', this.folder.file('curfew.yaml')], {
      environment: { TMPDIR: this.folder.path },
    });
  }
}
