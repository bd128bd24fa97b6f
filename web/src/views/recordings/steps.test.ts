import { describe, expect, it } from 'vitest';
import type { Entry } from '../../api/recordings';
import {
  conditionText,
  jumpsOf,
  offsetText,
  shownValue,
  StepBook,
  stepsWith,
  tookText,
  transactionText,
} from './steps';

function stepsOf(...entries: (Partial<Entry> & { kind: string })[]) {
  const book = new StepBook();
  book.add(
    0,
    entries.map((entry, i) => ({ at: i * 1_000, ...entry })),
  );
  return book.steps;
}

const begun = { kind: 'started', login_role: 'app' };
const query = (sql: string) => ({ kind: 'query', sql });
const done = (tag: string) => ({ kind: 'completed', tag, took: 3_200 });
const ready = (status = 'I') => ({ kind: 'ready', status });

describe('the steps of a recording', () => {
  it('are statements with their outcomes, and what happened besides', () => {
    const steps = stepsOf(begun, query('SELECT 1'), done('SELECT 1'), ready(), { kind: 'cancel_asked' });
    expect(steps.map(({ number, kind, text }) => [number, kind, text])).toEqual([
      [0, 'event', 'The session began, as app of PostgreSQL'],
      [1, 'statement', 'SELECT 1'],
      [4, 'event', 'The client asked to cancel'],
    ]);
    expect(steps[1]).toMatchObject({
      outcomes: [{ tone: 'ok', text: 'SELECT 1' }],
      took: 3_200,
      failed: false,
    });
  });

  it('have all answers of a simple query', () => {
    const [step] = stepsOf(query('SELECT 1; SELECT 2'), done('SELECT 1'), done('SELECT 2'), ready());
    expect(step?.outcomes.map(({ text }) => text)).toEqual(['SELECT 1', 'SELECT 2']);
  });

  it('know what a prepared statement ran with, in the order of a pipeline', () => {
    const steps = stepsOf(
      { kind: 'parse', statement: 'a', sql: 'SELECT $1' },
      { kind: 'bind', statement: 'a', parameters: ['x', null, { redacted: true }] },
      { kind: 'execute', statement: 'a' },
      { kind: 'bind', statement: 'a', parameters: ['y'] },
      { kind: 'execute', statement: 'a' },
      done('SELECT 1'),
      done('SELECT 0'),
      ready(),
    );
    expect(steps.map(({ text, parameters }) => [text, ...parameters])).toEqual([
      ['SELECT $1', 'x', 'NULL', '(redacted)'],
      ['SELECT $1', 'y'],
    ]);
    expect(steps[1]?.outcomes[0]?.text).toBe('SELECT 0');
  });

  it('show a statement that could not be prepared with its error', () => {
    const [step] = stepsOf(
      { kind: 'parse', sql: 'SELEKT' },
      { kind: 'failed', severity: 'ERROR', sqlstate: '42601', message: 'syntax error', hint: 'No.' },
    );
    expect(step).toMatchObject({ text: 'SELEKT', failed: true });
    expect(step?.outcomes[0]?.text).toBe('ERROR 42601: syntax error\nHint: No.');
  });

  it('show a statement that was prepared alone', () => {
    const [step] = stepsOf({ kind: 'parse', statement: 'later', sql: 'SELECT 1' }, ready());
    expect(step).toMatchObject({ text: 'SELECT 1', notes: ['prepared, and not run by then'] });
  });

  it('have rows, and say where some are missing', () => {
    const [step] = stepsOf(
      query('TABLE t'),
      { kind: 'columns', names: ['id', 'name'] },
      { kind: 'row', values: ['1', null] },
      { kind: 'completed', tag: 'SELECT 3', rows: 3, rows_kept: 1 },
    );
    expect(step).toMatchObject({ columns: ['id', 'name'], rows: [['1', 'NULL']] });
    expect(step?.outcomes[0]?.text).toBe('SELECT 3 (3 rows), 1 of them recorded');
  });

  it('say what is not whole', () => {
    const [step] = stepsOf({ kind: 'query', sql: 'SELECT', size: 5_000, redacted: true });
    expect(step?.notes).toEqual(['parts of it are redacted', 'cut: it has 5,000 bytes']);
  });

  it('know where transactions begin, fail and end', () => {
    const steps = stepsOf(
      query('BEGIN'),
      done('BEGIN'),
      ready('T'),
      query('x'),
      { kind: 'failed', severity: 'ERROR', sqlstate: '42601', message: 'no' },
      ready('E'),
      query('ROLLBACK'),
      done('ROLLBACK'),
      ready('I'),
    );
    expect(steps.map(transactionText)).toEqual([
      'transaction begins',
      'transaction fails',
      'transaction ends',
    ]);
    expect(jumpsOf(steps)).toEqual([
      { number: 0, what: 'transaction', text: 'BEGIN' },
      { number: 3, what: 'error', text: 'x' },
      { number: 6, what: 'transaction', text: 'ROLLBACK' },
    ]);
  });

  it('go on over pages', () => {
    const book = new StepBook();
    book.add(0, [{ at: 0, ...query('SELECT 1') }]);
    const before = book.steps;
    book.add(1, [{ at: 1, ...done('SELECT 1') }]);
    expect(book.steps).not.toBe(before);
    expect(book.steps).toHaveLength(1);
    expect(book.steps[0]?.outcomes).toHaveLength(1);
  });

  it('are found by any words in them', () => {
    const steps = stepsOf(
      query('SELECT Name'),
      done('SELECT 1'),
      ready(),
      query('DROP TABLE x'),
      done('DROP TABLE'),
    );
    expect(stepsWith(steps, 'table drop')).toHaveLength(1);
    expect(stepsWith(steps, 'name')).toHaveLength(1);
    expect(stepsWith(steps, ' ')).toHaveLength(2);
    expect(stepsWith(steps, 'nothing')).toHaveLength(0);
  });

  it('tell of gaps, of the end, and of what is not known here', () => {
    const steps = stepsOf(
      { kind: 'gap', what: 'the disk was full', bytes: 1 },
      { kind: 'ended', cause: 'grant_expired', outcome: 'rolled_back' },
      { kind: 'hologram' },
    );
    expect(steps.map(({ text }) => text)).toEqual([
      'Not recorded: the disk was full (1 byte)',
      'The session ended (grant_expired); its last transaction: rolled back',
      'hologram: a later Curfew knows what that is',
    ]);
    expect(jumpsOf(steps)[0]).toMatchObject({ what: 'gap' });
  });
});

describe('what a recording has', () => {
  it('is said as people read it', () => {
    expect(offsetText(4_250_999)).toBe('00:04.250');
    expect(offsetText(3_604_250_000)).toBe('1:00:04.250');
    expect(tookText(750)).toBe('750 µs');
    expect(tookText(3_240)).toBe('3.2 ms');
    expect(tookText(12_500_000)).toBe('12.5 s');
    expect(shownValue({ text: 'cut', size: 1_000 })).toBe('cut… (1,000 bytes)');
    expect(shownValue({ binary: 'AP8=' })).toBe('(binary, base64) AP8=');
    expect(conditionText('broken')).toContain('not shown');
  });
});
