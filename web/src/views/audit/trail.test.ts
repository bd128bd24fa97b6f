import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../api/types';
import {
  fileName,
  headName,
  isTrailNarrowed,
  jsonLines,
  kindChoices,
  pathOfEvent,
  shortOf,
  trailFilterOf,
  trailPath,
  trailProblem,
  wordsOf,
} from './trail';

const none = trailFilterOf(new URLSearchParams(''));

function event(number: number, more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    number,
    at: '2026-11-24T12:00:00Z',
    kind: 'request.approved',
    id: 'r-7k3mq9xd',
    actor: 'carol',
    summary: { requester: 'alice', resource: 'prod', status: 'APPROVED' },
    hash: 'ab'.repeat(32),
    ...more,
  };
}

describe('the filters of the audit trail', () => {
  it('are what the address says, and come to what the API takes', () => {
    expect(trailPath(none)).toBe('/audit-trail');
    expect(isTrailNarrowed(none)).toBe(false);
    const filter = trailFilterOf(new URLSearchParams('kind=session&actor=%20root%20&order=oldest'));
    expect(trailPath(filter)).toBe('/audit-trail?kind=session&actor=root&order=oldest');
    expect(isTrailNarrowed(filter)).toBe(true);
  });

  it('pass over a kind that can be none', () => {
    expect(trailFilterOf(new URLSearchParams('kind=Sessions%25')).kind).toBe('');
  });

  it('have a time', () => {
    const query = new URLSearchParams(trailPath({ ...none, from: '2026-11-24T10:00' }).split('?')[1]);
    expect(query.get('from')).toBe(new Date('2026-11-24T10:00').toISOString());
    const wrong = { ...none, from: '2026-11-24T10:00', to: '2026-11-24T09:00' };
    expect(trailProblem(wrong)).toContain('later');
    expect(trailPath(wrong)).toBe('/audit-trail');
  });

  it('offer each kind once', () => {
    const values = kindChoices.map(({ value }) => value);
    expect(new Set(values).size).toBe(values.length);
  });
});

describe('an event', () => {
  it('is said in words, or by its name', () => {
    expect(wordsOf('grant.revoked')).toBe('grant revoked');
    expect(wordsOf('delivery.failed')).toBe('delivery.failed');
  });

  it('leads to what it is about', () => {
    expect(pathOfEvent({ kind: 'request.approved', id: 'r-7k3mq9xd' })).toBe('/requests/r-7k3mq9xd');
    expect(pathOfEvent({ kind: 'user.changed', id: 'a b' })).toBe('/users?name=a%20b');
    expect(pathOfEvent({ kind: 'recording.read', id: 's-7k3mq9xd' })).toBe('/sessions/s-7k3mq9xd/recording');
    expect(pathOfEvent({ kind: 'recording.searched', id: 'recordings' })).toBeNull();
    expect(pathOfEvent({ kind: 'rule.removed', id: 'prod' })).toBeNull();
    expect(pathOfEvent({ kind: 'session.ended', id: 's-7k3mq9xd' })).toBeNull();
  });

  it('is told in short by what matters most', () => {
    expect(shortOf({ extra: 'x', resource: 'prod', requester: 'alice' })).toBe('alice, prod, x');
    expect(shortOf({ reason: 'y'.repeat(100) })).toHaveLength(60);
    expect(shortOf({ groups: ['dba'], empty: '', count: 3 })).toBe('3');
    expect(shortOf({})).toBe('');
  });

  it('is taken along as a line of JSON, whatever is in it', () => {
    const lines = jsonLines([event(42, { summary: { reason: 'two\nlines' } }), event(17)]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe('');
    expect(JSON.parse(lines[0]!)).toMatchObject({ number: 42, summary: { reason: 'two\nlines' } });
    expect(fileName([event(42), event(17)])).toBe('curfew-audit-17-42.jsonl');
    expect(fileName([])).toBe('curfew-audit.jsonl');
  });
});

describe('headName', () => {
  it('tells whose it is and how far it goes', () => {
    expect(headName({ node: 'gate-1', number: 57 })).toBe('curfew-head-gate-1-57.jsonl');
    expect(headName({ node: 'a/b', number: 0 })).toBe('curfew-head-a_b-0.jsonl');
  });
});
