import { describe, expect, test } from 'vitest';

import type { ReviewedGrant } from '../../api/reports';
import { csvOf, reportFilterOf, reportProblem, reviewPath, totalsOf } from './report';

const reviewed = (change: Partial<ReviewedGrant> = {}): ReviewedGrant => ({
  grant: {
    id: 'g-543r5r8b',
    subject: 'alice',
    resource: 'prod',
    state: 'ended',
    starts_at: '2026-11-01T10:00:00Z',
    ends_at: '2026-11-01T12:00:00Z',
    starts_in_seconds: 0,
    remaining_seconds: 0,
    replication: false,
    reason: 'ticket 7',
    given_by: 'bob',
    given_at: '2026-11-01T10:00:00Z',
    revoked: null,
    use: 'sessions',
  },
  request: { id: 'r-7k3mq9xd', reason: 'ticket 7' },
  asked_seconds: 7200,
  given_seconds: 7200,
  approvers: ['bob', 'carol'],
  use: {
    sessions: 2,
    users: ['alice'],
    used_seconds: 600,
    first_at: '2026-11-01T10:05:00Z',
    not_over: 0,
    enforced: 1,
    overstayed: 0,
    longest_overstay_ms: 0,
    unconfirmed: 0,
  },
  findings: [],
  ...change,
});
const filter = (query: string) => reportFilterOf(new URLSearchParams(query));
const noon = Date.parse('2026-11-25T12:00:00Z');

describe('The time of a report', () => {
  test('is the last 30 days, if nothing else is said', () => {
    expect(reviewPath(filter(''), noon)).toBe(
      '/access-review?from=2026-10-26T12%3A00%3A00.000Z&to=2026-11-25T12%3A00%3A00.000Z',
    );
    expect(filter('time=forever').time).toBe('30d');
  });

  test('is not asked for before both of its ends are there', () => {
    expect(reviewPath(filter('time=between&from=2026-11-01T00:00'), noon)).toBeNull();
    expect(reportProblem(filter('time=between&from=2026-11-02T00:00&to=2026-11-01T00:00'))).toMatch(/later/);
    expect(reviewPath(filter('time=between&from=2026-11-01T00:00&to=2026-11-02T00:00'), noon)).toMatch(
      /^\/access-review\?from=.*&to=/,
    );
  });

  test('is narrowed by resource and user', () => {
    expect(reviewPath(filter('resource=prod&user= alice '), noon)).toMatch(/&resource=prod&user=alice$/);
  });
});

describe('The sums of a report', () => {
  test('are of all grants in it', () => {
    const unused = reviewed({ findings: ['unused', 'given_by_hand'], asked_seconds: null });
    unused.use = { ...unused.use, sessions: 0, used_seconds: 0 };
    const totals = totalsOf([reviewed(), unused, reviewed({ findings: ['break_glass', 'review_due'] })]);
    expect(totals).toMatchObject({
      grants: 3,
      used: 2,
      unused: 1,
      byHand: 1,
      brokeGlass: 1,
      reviewsDue: 1,
      sessions: 4,
      askedSeconds: 14_400,
      usedSeconds: 1200,
      overstayed: 0,
    });
  });
});

describe('A report for spreadsheets', () => {
  test('has a line for each grant', () => {
    const lines = csvOf([reviewed()]).split('\r\n');
    expect(lines[0]).toMatch(/^"grant","subject"/);
    expect(lines[1]).toBe(
      '"g-543r5r8b","alice","prod","2026-11-01T10:00:00Z","2026-11-01T12:00:00Z","","r-7k3mq9xd",7200,7200,600,2,"alice","bob, carol","",0,0,0,"ticket 7"',
    );
    expect(lines).toHaveLength(3);
  });

  test('has no formulas', () => {
    const asked = reviewed();
    asked.grant.reason = '=HYPERLINK("http://evil")';
    expect(csvOf([asked])).toContain(`"'=HYPERLINK(""http://evil"")"`);
  });
});
