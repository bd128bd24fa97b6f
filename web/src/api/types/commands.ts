// Commands that are asked for, and what came of them.
import type { PreviewMode } from './common';

// How one comes to PostgreSQL; all but a script are of a live session.
export type CommandForm = 'query' | 'extended' | 'function' | 'script';

export interface Parameter {
  value: string | null; // null: NULL. Binary ones as `\x` and hexadecimal digits
  binary: boolean;
}

export interface Statement {
  sql: string;
  sql_size?: number; // in lists, where `sql` is cut: of all of it, in bytes
  parameters: Parameter[];
}

// What PostgreSQL would do, for those who decide.
export interface CommandPreview {
  mode: Exclude<PreviewMode, 'off'>;
  text: string; // lines
  failed: boolean; // something of it could not be shown; `text` says why
}

export interface Command {
  form: CommandForm;
  database: string;
  statements: Statement[];
  cut: boolean; // in lists and events: not all of it is here
  session: string | null; // that waits for it; null: a script
  why_asked: string; // empty: all of it
  preview: CommandPreview | null; // null: none was made, or not for the reader; in lists always
}

// What one statement answered.
export interface ResultPart {
  tag: string; // `INSERT 0 1`; empty: none came
  columns: string[];
  rows: (string | null)[][]; // as far as they are kept
  rows_in_all: number;
}

export interface CommandResult {
  outcome: 'succeeded' | 'failed' | 'unknown';
  parts: ResultPart[];
  notices: string[];
  sqlstate: string; // of the error
  message: string; // of the error, or why the outcome is unknown
  cut: boolean; // more was printed than is kept
  ended_at: string;
}
