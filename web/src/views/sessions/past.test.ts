import { describe, expect, it } from 'vitest';
import { betweenProblem, filterOf, howChoices, isNarrowed, pastPath, type PastFilter } from './past';

const now = Date.parse('2026-11-24T12:00:00Z');
const none: PastFilter = { user: '', resource: '', when: '', from: '', to: '', how: '' };

describe('the filters of past sessions', () => {
  it('are what the address says', () => {
    const filter = filterOf(new URLSearchParams('user=alice&when=7d&how=outcome:unconfirmed'));
    expect(filter).toEqual({ ...none, user: 'alice', when: '7d', how: 'outcome:unconfirmed' });
    expect(isNarrowed(filter)).toBe(true);
    expect(isNarrowed(filterOf(new URLSearchParams('')))).toBe(false);
  });

  it('pass over what they do not know', () => {
    expect(filterOf(new URLSearchParams('when=ever&how=cause:bored&more=1'))).toEqual(none);
  });

  it('come to what the API takes', () => {
    expect(pastPath(none, now)).toBe('/sessions/past');
    expect(pastPath({ ...none, user: ' a&b ', resource: 'prod' }, now)).toBe(
      '/sessions/past?user=a%26b&resource=prod',
    );
    expect(pastPath({ ...none, when: '24h' }, now)).toBe('/sessions/past?from=2026-11-23T12%3A00%3A00.000Z');
    expect(pastPath({ ...none, how: 'outcome:overstayed' }, now)).toBe('/sessions/past?outcome=overstayed');
    expect(pastPath({ ...none, how: 'cause:node_crashed' }, now)).toBe('/sessions/past?cause=node_crashed');
  });

  it('have a time of their own', () => {
    const between: PastFilter = {
      ...none,
      when: 'between',
      from: '2026-11-24T10:00',
      to: '2026-11-24T11:00',
    };
    const query = new URLSearchParams(pastPath(between, now).split('?')[1]);
    expect(query.get('from')).toBe(new Date('2026-11-24T10:00').toISOString());
    expect(query.get('to')).toBe(new Date('2026-11-24T11:00').toISOString());
    expect(pastPath({ ...between, when: '' }, now)).toBe('/sessions/past');
    expect(pastPath({ ...between, to: '' }, now)).not.toContain('to=');
  });

  it('say what is wrong with that, and do not ask for it', () => {
    const wrong: PastFilter = { ...none, when: 'between', from: '2026-11-24T11:00', to: '2026-11-24T11:00' };
    expect(betweenProblem(wrong)).toContain('later');
    expect(pastPath(wrong, now)).toBe('/sessions/past');
    expect(betweenProblem({ ...wrong, when: '7d' })).toBeUndefined();
  });

  it('offer each way to end once', () => {
    const values = howChoices.map(({ value }) => value);
    expect(new Set(values).size).toBe(values.length);
    expect(values).toContain('cause:client_closed');
  });
});
