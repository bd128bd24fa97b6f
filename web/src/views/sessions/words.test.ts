import { describe, expect, it } from 'vitest';
import {
  causeWords,
  confirmationOf,
  endOf,
  hasOverstayed,
  isEnforced,
  lasted,
  overstayOf,
  sayOutcome,
  sayOverstay,
} from './words';

const at = (time: string) => `2026-11-24T${time}Z`;

describe('the end of a session', () => {
  it('is said in words', () => {
    expect(endOf({ state: 'ended', cause: 'grant_expired' })).toBe('Its time was up');
    expect(endOf({ state: 'ending', cause: 'session_killed' })).toBe('Ending: an administrator killed it');
    expect(endOf({ state: 'live', cause: null })).toBe('Live');
  });

  it('was enforced, unless it ended by itself', () => {
    const own = Object.keys(causeWords).filter((cause) => !isEnforced(cause as keyof typeof causeWords));
    expect(own).toEqual(['client_closed', 'server_closed', 'failed']);
  });

  it('is bad where nobody knows that the backend is gone', () => {
    expect(confirmationOf({ confirmation: 'unconfirmed' }).tone).toBe('bad');
    expect(confirmationOf({ confirmation: 'activity' }).tone).toBe('ok');
    expect(confirmationOf({ confirmation: 'pending' }).tone).toBe('warn');
  });

  it('says how long it took until then', () => {
    expect(lasted({ started_at: at('10:00:00'), ended_at: at('10:47:00') })).toBe('47 min');
    expect(lasted({ started_at: at('10:00:00.500'), ended_at: at('10:00:00') })).toBe('0 s');
    expect(lasted({ started_at: at('10:00:00'), ended_at: null })).toBe('');
  });
});

describe('an overstay', () => {
  const over = { deadline: at('11:00:00'), ended_at: at('11:00:02'), overstay_ms: 2_000 };
  const live = { deadline: at('11:00:00'), ended_at: null, overstay_ms: null };
  const noon = Date.parse(at('12:00:00'));

  it('is what was recorded', () => {
    expect(overstayOf(over, noon)).toBe(2_000);
    expect(hasOverstayed(over, noon)).toBe(true);
    expect(hasOverstayed({ ...over, overstay_ms: 1_000 }, noon)).toBe(false);
    expect(hasOverstayed({ ...over, overstay_ms: 0 }, noon)).toBe(false);
  });

  it('grows while the session is not over', () => {
    expect(overstayOf(live, Date.parse(at('10:59:59')))).toBe(0);
    expect(overstayOf(live, Date.parse(at('11:00:30')))).toBe(30_000);
    expect(hasOverstayed(live, noon)).toBe(true);
  });

  it('is said to the millisecond where it is short', () => {
    expect(sayOverstay(340.7)).toBe('340 ms');
    expect(sayOverstay(90_000)).toBe('1 min 30 s');
  });
});

describe('the outcome of the last transaction', () => {
  it('is said where it is not what everybody would think', () => {
    expect(sayOutcome({ transaction_outcome: 'rolled_back' })).toContain('rolled back');
    expect(sayOutcome({ transaction_outcome: 'unknown' })).toContain('not known');
    expect(sayOutcome({ transaction_outcome: 'committed' })).toBe('');
    expect(sayOutcome({ transaction_outcome: null })).toBe('');
  });
});
