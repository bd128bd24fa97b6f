// A person's psql that a test leads: statements go in, and what it says is awaited.
import { psqlProgram } from './postgres';
import { Process } from './process';

export class Psql {
  private constructor(private readonly process: Process) {}

  /** Connects with a connection string or URI; `environment` may hold PGPASSWORD. */
  static async start(connection: string, environment: Record<string, string> = {}): Promise<Psql> {
    const psql = await psqlProgram();
    return new Psql(
      new Process([psql, '-XAtqw', '-d', connection], { environment: { LC_ALL: 'C.UTF-8', ...environment } }),
    );
  }

  /** Sends a statement (without a semicolon) and does not wait for what comes of it. */
  send(statement: string): void {
    this.process.write(`${statement};\n`);
  }

  /** What a query of one value gives. */
  async value(query: string): Promise<string> {
    const from = this.process.out.count;
    this.send(query);
    return this.process.out.await(`answer to ${query}`, (line) => line, from);
  }

  /** Waits until psql prints this line of what a query gives. */
  prints(line: string): Promise<string> {
    return this.process.out.await(`"${line}"`, (one) => (one === line ? one : undefined));
  }

  /** Waits until psql prints, for people, a line that matches. */
  complains(pattern: RegExp): Promise<string> {
    return this.process.err.await(String(pattern), (line) => (pattern.test(line) ? line : undefined));
  }

  /** Everything that it printed for people. */
  get complaints(): string {
    return this.process.err.text;
  }

  /** Its exit code, when it has ended. */
  get ended(): Promise<number | string> {
    return this.process.ended;
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }
}
