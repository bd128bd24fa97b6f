import { describe, expect, it } from 'vitest';
import type { Command, CommandPreview, CommandResult, Request, Statement } from '../api/types';
import {
  firstLines,
  foldedPreview,
  isSeenAtOnce,
  lengthOf,
  sayPreview,
  sayResult,
  sayRowsKept,
  sayRun,
  titleOf,
} from './words';

const statement = (sql: string, ...values: (string | null)[]): Statement => ({
  sql,
  parameters: values.map((value) => ({ value, binary: false })),
});
const command = (...statements: Statement[]): Command => ({
  form: 'query',
  database: 'orders',
  statements,
  cut: false,
  session: 's-7k3mq9xd',
  why_asked: '',
  preview: null,
});
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i + 1}`).join('\n');

describe('lengthOf', () => {
  it('counts lines, and those of values', () =>
    expect(lengthOf(command(statement('a\nb', '1', null, 'x\ny'), statement('c')))).toBe(7));
  it('counts lines as PostgreSQL ends them', () => expect(lengthOf(command(statement('a\rb\r\nc')))).toBe(3));
});

describe('what is decided about in a list', () => {
  it('is what is all there and short', () => expect(isSeenAtOnce(command(statement('SELECT 1')))).toBe(true));
  it('is not what is long', () => expect(isSeenAtOnce(command(statement(numbered(16))))).toBe(false));
  it('is not what is long in few lines', () =>
    expect(isSeenAtOnce(command(statement('x'.repeat(2_000))))).toBe(false));
  it('is not what a list has cut', () => {
    expect(isSeenAtOnce({ ...command(statement('SELECT 1')), cut: true })).toBe(false);
  });
  it('is not what has a preview, which is read with it', () => {
    const preview: CommandPreview = { mode: 'explain', text: 'Result', failed: false };
    expect(isSeenAtOnce({ ...command(statement('SELECT 1')), preview })).toBe(false);
  });
});

describe('firstLines', () => {
  it('has all of what is short', () => {
    const short = command(statement('a\nb', '1'), statement('c'));
    expect(firstLines(short, 10).map((one) => one.statement)).toEqual(short.statements);
  });
  it('ends within a statement', () =>
    expect(firstLines(command(statement(numbered(10)), statement('z')), 3)).toEqual([
      { statement: { sql: 'line 1\nline 2\nline 3', parameters: [] }, number: 1 },
    ]));
  it('ends within the values', () =>
    expect(firstLines(command(statement('a', '1', '2', '3')), 3)[0]?.statement.parameters).toHaveLength(2));
});

describe('a preview', () => {
  const preview = (text: string, more: Partial<CommandPreview> = {}): CommandPreview => ({
    mode: 'explain',
    text,
    failed: false,
    ...more,
  });
  it('says whether anything was run', () => {
    expect(sayPreview(preview(''))).toEqual({
      name: 'Plan',
      made: expect.stringContaining('Nothing was run'),
    });
    expect(sayPreview(preview('', { mode: 'dry_run' })).name).toBe('Dry run, rolled back');
  });
  it('is shown whole where it is short', () => {
    expect(foldedPreview(preview(numbered(20)))).toBeNull();
    expect(foldedPreview(preview(`${numbered(20)}\n`))).toBeNull();
  });
  it('is folded where it is long', () =>
    expect(foldedPreview(preview(numbered(21)))).toEqual({ beginning: numbered(20), lines: 21 }));
  it('is shown whole where it failed, for it says why', () =>
    expect(foldedPreview(preview(numbered(99), { failed: true }))).toBeNull());
});

describe('titleOf', () => {
  it('is the first line that says something', () =>
    expect(titleOf(command(statement('\n\n  UPDATE t SET a = 1')))).toBe('UPDATE t SET a = 1'));
  it('says that there is more', () => {
    expect(titleOf(command(statement('BEGIN;\nDROP TABLE t')))).toBe('BEGIN; …');
    expect(titleOf(command(statement('BEGIN'), statement('DROP TABLE t')))).toBe('BEGIN …');
  });
  it('is cut', () => expect(titleOf(command(statement('x'.repeat(500))))).toBe(`${'x'.repeat(120)} …`));
  it('hides nothing', () => expect(titleOf(command(statement('a\u202eb')))).toBe('a[U+202E]b'));
  it('says of nothing that it is', () => expect(titleOf(command(statement(' ')))).toBe('(empty)'));
});

describe('what came of it', () => {
  const result: CommandResult = {
    outcome: 'succeeded',
    parts: [
      { tag: 'UPDATE 1', columns: [], rows: [], rows_in_all: 0 },
      { tag: 'SELECT 2', columns: ['a'], rows: [['1'], ['2']], rows_in_all: 2 },
    ],
    notices: [],
    sqlstate: '',
    message: '',
    cut: false,
    ended_at: '2026-11-30T12:00:00Z',
  };
  it('names what PostgreSQL answered', () => expect(sayResult(result)).toBe('Succeeded: UPDATE 1, SELECT 2'));
  it('says why not', () =>
    expect(sayResult({ ...result, outcome: 'failed', sqlstate: '23505', message: 'duplicate key' })).toBe(
      'Failed: 23505: duplicate key',
    ));
  it('says that it is not known', () =>
    expect(sayResult({ ...result, outcome: 'unknown', parts: [] })).toBe('Outcome not known'));
  it('waits for the end of what was handed over', () => {
    expect(sayRun({ status: 'EXECUTED', command_result: null } as Request)).toContain('not known yet');
    expect(sayRun({ status: 'EXECUTED', command_result: result } as Request)).toContain('Succeeded');
    expect(sayRun({ status: 'REJECTED', command_result: null } as Request)).toBe('');
  });
});

describe('sayRowsKept', () => {
  it('says nothing where all are there', () => expect(sayRowsKept(2, 2)).toBe(''));
  it('counts what is not', () =>
    expect(sayRowsKept(100, 12_345)).toBe('The first 100 of 12,345 rows were kept.'));
});
