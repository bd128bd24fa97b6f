import { describe, expect, it } from 'vitest';
import type { CatalogueEntry, Explanation, Rule, Terms } from '../../api/types';
import {
  bodyOf,
  decidingOf,
  emptyWish,
  found,
  mayAsk,
  presetDuration,
  problemsOf,
  runsScripts,
  wishFor,
} from './wish';

const terms: Terms = {
  rules: ['production'],
  covered: true,
  may_ask: true,
  max_duration: '4h',
  default_duration: '1h',
  break_glass_duration: '30m',
  reason_required: false,
  reason_patterns: [],
  allowed_times: [],
  reviewing_groups: ['dba'],
  skips_review: false,
  may_break_glass: true,
};
const rule = {
  name: 'production',
  description: 'Changes',
  approval_groups: ['dba', 'security'],
  require_all_groups: true,
  min_approvals: 1,
  force_approval_groups: [],
} as unknown as Rule;
const explanation: Explanation = {
  user: 'alice',
  resource: 'prod',
  type: 'jit',
  administrator: false,
  rules: [
    { rule, applies: 'yes' },
    { rule: { ...rule, name: 'other' }, applies: 'other_resource' },
  ],
  terms,
};
const now = Date.parse('2026-11-24T12:00:00Z');
const wish = { ...emptyWish, resource: 'prod', duration: '2h' };

describe('a script', () => {
  const closed = { ...terms, may_ask: false, default_duration: null, max_duration: null };
  const byCommand = {
    resource: 'careful',
    login: 'managed',
    terms: closed,
    command_terms: { ...terms, default_duration: '10m' },
  } as CatalogueEntry;
  const script = { ...wish, what: 'command' as const, sql: 'SELECT 1;\n', duration: '10m' };

  it('is what there is to ask for where no rule gives time', () => {
    expect(mayAsk(byCommand, 'time', false)).toBe(false);
    expect(wishFor(byCommand, 'time', false)).toMatchObject({ what: 'command', duration: '10m' });
    expect(wishFor(byCommand, 'time', true)).toMatchObject({ what: 'time' });
  });
  it('is run for nobody who logs in there by a password of their own', () => {
    expect(runsScripts(byCommand)).toBe(true);
    expect(runsScripts({ ...byCommand, login: 'passthrough' })).toBe(false);
  });
  it('is sent as it was written', () => {
    expect(bodyOf({ ...script, database: ' orders ' })).toEqual({
      resource: 'prod',
      type: 'command',
      duration: '10m',
      command: { sql: 'SELECT 1;\n', database: 'orders' },
    });
    expect(bodyOf(script).command).toEqual({ sql: 'SELECT 1;\n' });
  });
  it('is refused where there is none, or more than anybody reads', () => {
    expect(problemsOf(script, terms, now)).toEqual({});
    expect(problemsOf({ ...script, sql: ' \n' }, terms, now).sql).toContain('Write the SQL');
    expect(problemsOf({ ...script, sql: 'ä'.repeat(524_289) }, terms, now).sql).toContain('At most 1 MiB');
  });
});

describe('presetDuration', () => {
  it('is the default of the rules', () => expect(presetDuration(terms, false)).toBe('1h'));
  it('is never beyond the maximum', () => {
    expect(presetDuration(terms, true)).toBe('30m');
    expect(presetDuration({ ...terms, default_duration: null, max_duration: '10m' }, false)).toBe('10m');
  });
});

describe('problemsOf', () => {
  it('finds nothing in what can be sent', () => expect(problemsOf(wish, terms, now)).toEqual({}));
  it('refuses what is too long, by break-glass as well', () => {
    expect(problemsOf({ ...wish, duration: '5h' }, terms, now).duration).toBe('At most 4 h.');
    expect(problemsOf({ ...wish, breakGlass: true, reason: 'x' }, terms, now).duration).toBe(
      'At most 30 min.',
    );
  });
  it('wants a reason where the rules do, and always by break-glass', () => {
    expect(problemsOf(wish, { ...terms, reason_required: true }, now).reason).toBeDefined();
    expect(problemsOf({ ...wish, breakGlass: true, duration: '10m' }, terms, now).reason).toBeDefined();
  });
  it('wants a start that is ahead, where one is to start later', () => {
    expect(problemsOf({ ...wish, later: true }, terms, now).starts_at).toBeDefined();
    expect(problemsOf({ ...wish, later: true, startsAt: '2020-01-01T10:00' }, terms, now).starts_at).toMatch(
      /passed/,
    );
    expect(problemsOf({ ...wish, later: true, startsAt: '2126-01-01T10:00' }, terms, now)).toEqual({});
  });
});

describe('bodyOf', () => {
  it('says no more than what was chosen', () =>
    expect(bodyOf(wish)).toEqual({ resource: 'prod', duration: '2h' }));
  it('writes a duration as the API takes it', () =>
    expect(bodyOf({ ...wish, duration: ' 1H 30m' }).duration).toBe('1h30m'));
  it('gives the start in UTC, and none by break-glass', () => {
    const later = { ...wish, later: true, startsAt: '2126-01-01T10:00' };
    expect(bodyOf(later).starts_at).toBe(new Date('2126-01-01T10:00').toISOString().replace('.000Z', 'Z'));
    expect(bodyOf({ ...later, breakGlass: true })).not.toHaveProperty('starts_at');
  });
});

describe('decidingOf', () => {
  it('names each rule that has to be satisfied, and no other', () => {
    const deciding = decidingOf(explanation, false);
    expect(deciding.outcome).toBe('review');
    expect(deciding.rules.map((one) => one.rule)).toEqual(['production']);
    expect(deciding.rules[0]?.wants).toMatch(/dba and security/);
  });
  it('says who reviews afterwards where the glass is broken', () =>
    expect(decidingOf(explanation, true)).toMatchObject({ outcome: 'break_glass', rules: [] }));
  it('knows who needs no review', () => {
    expect(decidingOf({ ...explanation, administrator: true }, true).outcome).toBe('at_once');
    expect(decidingOf({ ...explanation, terms: { ...terms, skips_review: true } }, false).outcome).toBe(
      'at_once',
    );
  });
});

describe('found', () => {
  const entry = {
    resource: 'prod-orders',
    description: 'Orders',
    attributes: { env: 'prod' },
    terms,
  } as unknown as CatalogueEntry;
  it('looks for all words, in names, descriptions and attributes', () => {
    expect(found([entry], 'orders env=prod')).toEqual([entry]);
    expect(found([entry], 'orders staging')).toEqual([]);
    expect(found([entry], '')).toEqual([entry]);
  });
});
