// What a command is and what came of it, in words; and how much of it is shown at once.
import type {
  Command,
  CommandForm,
  CommandPreview,
  CommandResult,
  Parameter,
  Request,
  Statement,
} from '../api/types';
import type { BadgeTone } from '../ui/StatusBadge';
import { exactText } from './exact';

export const foldFrom = 60; // lines: more are folded
const previewLines = 20; // more of a preview are folded
export const glance = 15; // lines that are decided about at a glance, in a list

// `a script`, `a command`.
export function sayForm(form: CommandForm): string {
  return form === 'script' ? 'a script' : 'a command';
}

export function sayHow(command: Command): string {
  switch (command.form) {
    case 'query':
      return 'As a query of a live session';
    case 'extended':
      return 'By a live session, with its values';
    case 'function':
      return 'By a live session, as a function call';
    case 'script':
      return 'As a script: Curfew runs it once it is approved';
  }
}

// As PostgreSQL ends lines.
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

const linesOfParameter = ({ value }: Parameter): number => (value === null ? 1 : linesOf(value).length);

function linesOfStatement({ sql, parameters }: Statement): number {
  return linesOf(sql).length + parameters.reduce((lines, one) => lines + linesOfParameter(one), 0);
}

// How long it is to read, its values included.
export function lengthOf(command: Command): number {
  return command.statements.reduce((lines, statement) => lines + linesOfStatement(statement), 0);
}

const glanceCharacters = 1_500; // of texts and values together

// All of it can be read where it stands in a list. What has a preview is read at its own place, together with that.
export function isSeenAtOnce(command: Command): boolean {
  const characters = command.statements.reduce(
    (sum, { sql, parameters }) =>
      sum + sql.length + parameters.reduce((inner, { value }) => inner + (value?.length ?? 0), 0),
    0,
  );
  return (
    !command.cut && command.preview === null && lengthOf(command) <= glance && characters <= glanceCharacters
  );
}

export interface Shown {
  statement: Statement;
  number: number; // from 1
}

// The first `most` lines of a command: its statements as far as they are within these.
export function firstLines(command: Command, most: number): Shown[] {
  const shown: Shown[] = [];
  let left = most;
  for (const [i, { sql, parameters }] of command.statements.entries()) {
    if (left <= 0) break;
    const lines = linesOf(sql);
    const text = lines.length > left ? lines.slice(0, left).join('\n') : sql;
    left -= lines.length;
    const values: Parameter[] = [];
    for (const one of parameters) {
      left -= linesOfParameter(one);
      if (left < 0) break;
      values.push(one);
    }
    shown.push({ statement: { sql: text, parameters: values }, number: i + 1 });
  }
  return shown;
}

// The first lines of a preview that is long; null: all of it is shown. So is one that failed, for it says why.
export function foldedPreview({ text, failed }: CommandPreview): { beginning: string; lines: number } | null {
  const lines = linesOf(text.trimEnd());
  if (failed || lines.length <= previewLines) return null;
  return { beginning: lines.slice(0, previewLines).join('\n'), lines: lines.length };
}

// What a preview is, and how it was made.
export function sayPreview({ mode }: CommandPreview): { name: string; made: string } {
  return mode === 'explain'
    ? { name: 'Plan', made: 'what EXPLAIN said when this was asked for. Nothing was run.' }
    : {
        name: 'Dry run, rolled back',
        made: 'what came of it when this was asked for, and the plan of what cannot be tried.',
      };
}

const longestTitle = 120;

// The first line that says something, for lists: cut, and never longer than a line.
export function titleOf(command: Command): string {
  for (const { sql } of command.statements) {
    const line = linesOf(sql)
      .map((one) => one.trim())
      .find((one) => one !== '');
    if (line === undefined) continue;
    const characters = Array.from(exactText(line));
    const whole = characters.length <= longestTitle && linesOf(sql.trim()).length === 1;
    const more = !whole || command.statements.length > 1;
    return characters.slice(0, longestTitle).join('') + (more ? ' …' : '');
  }
  return '(empty)';
}

export interface Outcome {
  tone: BadgeTone;
  word: string;
}

export function outcomeOf(result: Pick<CommandResult, 'outcome'>): Outcome {
  switch (result.outcome) {
    case 'succeeded':
      return { tone: 'ok', word: 'Succeeded' };
    case 'failed':
      return { tone: 'bad', word: 'Failed' };
    case 'unknown':
      return { tone: 'warn', word: 'Outcome not known' };
  }
}

// `Succeeded: UPDATE 1, INSERT 0 2`; `Failed: 23505: duplicate key …`.
export function sayResult(result: CommandResult): string {
  const { word } = outcomeOf(result);
  if (result.outcome === 'succeeded') {
    const tags = result.parts.map(({ tag }) => tag).filter(Boolean);
    return tags.length ? `${word}: ${tags.join(', ')}` : word;
  }
  const said = [result.sqlstate, exactText(result.message)].filter(Boolean).join(': ');
  return said ? `${word}: ${said}` : word;
}

// Where an approved command stands; empty: it was none, or was not approved.
export function sayRun(request: Request): string {
  if (request.command_result) return sayResult(request.command_result);
  if (request.status === 'EXECUTED') return 'Handed to PostgreSQL; how it ended is not known yet';
  if (request.status === 'APPROVED') return 'Approved, and about to be run';
  return '';
}

// `3 of 1,000 rows`; empty: all of them are there.
export function sayRowsKept(kept: number, all: number): string {
  if (kept >= all) return '';
  return `The first ${kept.toLocaleString('en')} of ${all.toLocaleString('en')} rows were kept.`;
}
