import { describe, expect, it } from 'vitest';
import type { Request, RequestView, RuleProgress } from '../../api/types';
import { historyOf, isShorter, merged, progressOf, sayWaiting, sayWish, waitsForReader } from './words';

const view: RequestView = {
  progress: null,
  may_review_for: [],
  may_cancel: false,
  may_revoke: false,
  grant: null,
  url: null,
};

function request(more: Partial<Request> = {}): Request {
  return {
    id: 'r-7k3mq9xd',
    kind: 'access',
    type: 'jit',
    requester: 'alice',
    resource: 'prod',
    duration: '2h',
    starts_at: null,
    reason: 'ticket 7',
    replication: false,
    asked_at: '2026-11-24T12:00:00Z',
    review_ends_at: '2026-11-24T13:00:00Z',
    status: 'PENDING',
    decision: 'none',
    decided_by: null,
    decided_at: null,
    decision_comment: '',
    approval: 'none',
    approved_at: null,
    reviews: [],
    rules: [],
    granted: null,
    grant: null,
    review_due: false,
    command: null,
    command_result: null,
    view,
    ...more,
  };
}

function rule(more: Partial<RuleProgress> = {}): RuleProgress {
  return {
    rule: 'cards',
    approval_groups: ['dba', 'security'],
    approvals: 0,
    wanted: 1,
    missing_groups: [],
    satisfied: false,
    ...more,
  };
}

const waitingUnder = (...rules: RuleProgress[]) =>
  request({ view: { ...view, progress: { approved: false, rules } } });
const byBob = {
  reviewer: 'bob',
  group: 'dba',
  verdict: 'approve' as const,
  comment: '',
  duration: null,
  at: '2026-11-24T12:05:00Z',
};

describe('sayWish', () => {
  it('says what is asked for', () => expect(sayWish(request())).toBe('2 h on prod'));
  it('tells more time from access', () =>
    expect(sayWish(request({ kind: 'extension', duration: '30m' }))).toBe('30 min more on prod'));
});

const byCommand: Partial<Request> = {
  type: 'command',
  command: {
    form: 'query',
    database: 'orders',
    statements: [{ sql: 'UPDATE orders SET paid = true WHERE id = 7', parameters: [] }],
    cut: false,
    session: 's-7k3mq9xd',
    why_asked: 'it writes',
    preview: null,
  },
};

describe('a command', () => {
  it('is asked for without a time', () => expect(sayWish(request(byCommand))).toBe('a command on prod'));
  it('is run once, and its end is the last of its history', () => {
    const ran = request({
      ...byCommand,
      status: 'EXECUTED',
      decision: 'command_run',
      decided_at: '2026-11-24T12:06:00Z',
      reviews: [byBob],
      command_result: {
        outcome: 'succeeded',
        parts: [{ tag: 'UPDATE 1', columns: [], rows: [], rows_in_all: 0 }],
        notices: [],
        sqlstate: '',
        message: '',
        cut: false,
        ended_at: '2026-11-24T12:06:01Z',
      },
    });
    expect(historyOf(ran, 0).map(({ what }) => what)).toEqual([
      'asked for a command on prod',
      'approved for dba',
      'Handed to PostgreSQL, once',
      'Succeeded: UPDATE 1',
    ]);
  });
});

describe('waitsForReader', () => {
  const mine = { ...view, may_review_for: ['dba'] };
  it('is so where the reader may review it', () =>
    expect(waitsForReader(request({ view: mine }))).toBe(true));
  it('is not so for others', () => expect(waitsForReader(request())).toBe(false));
  it('is so after a break-glass that nobody has looked at', () =>
    expect(waitsForReader(request({ status: 'APPROVED', review_due: true, view: mine }))).toBe(true));
  it('is not so once it is decided', () =>
    expect(waitsForReader(request({ status: 'APPROVED', view: mine }))).toBe(false));
});

describe('progressOf', () => {
  it('says who approved and who is missing where each group has to', () => {
    const asked = {
      ...waitingUnder(rule({ approvals: 1, wanted: 2, missing_groups: ['security'] })),
      reviews: [byBob],
    };
    expect(progressOf(asked)[0]?.groups).toEqual([
      { group: 'dba', approvedBy: ['bob'], state: 'approved' },
      { group: 'security', approvedBy: [], state: 'waiting' },
    ]);
  });
  it('waits for any group where one is enough', () =>
    expect(progressOf(waitingUnder(rule()))[0]?.groups.map(({ state }) => state)).toEqual([
      'waiting',
      'waiting',
    ]));
  it('needs no other group once the rule is satisfied', () => {
    const asked = { ...waitingUnder(rule({ approvals: 1, satisfied: true })), reviews: [byBob] };
    expect(progressOf(asked)[0]?.groups.map(({ state }) => state)).toEqual(['approved', 'not_needed']);
  });
});

describe('sayWaiting', () => {
  it('names the groups that are missing', () =>
    expect(sayWaiting(waitingUnder(rule({ missing_groups: ['dba', 'security'] })))).toBe(
      'waits for dba and security',
    ));
  it('names the choice where one of several is enough', () =>
    expect(sayWaiting(waitingUnder(rule()))).toBe('waits for one of dba, security'));
  it('counts where more people are wanted', () =>
    expect(sayWaiting(waitingUnder(rule({ wanted: 3, approvals: 1 })))).toBe(
      'waits for 2 more of dba, security',
    ));
  it('says a group of two rules once', () =>
    expect(
      sayWaiting(
        waitingUnder(rule({ missing_groups: ['dba'] }), rule({ rule: 'all', approval_groups: ['dba'] })),
      ),
    ).toBe('waits for dba'));
  it('says nothing where nothing is missing', () =>
    expect(sayWaiting(waitingUnder(rule({ satisfied: true })))).toBe(''));
});

describe('historyOf', () => {
  const grant = {
    id: 'g-yhd4q6c3',
    subject: 'alice',
    resource: 'prod',
    state: 'active' as const,
    starts_at: '2026-11-24T12:05:00Z',
    ends_at: '2026-11-24T14:05:00Z',
    starts_in_seconds: 0,
    remaining_seconds: 60,
    replication: false,
    reason: '',
    given_by: 'bob',
    given_at: '2026-11-24T12:05:00Z',
    revoked: null,
    use: 'sessions' as const,
  };
  const approved = request({
    status: 'APPROVED',
    decision: 'reviewed',
    decided_at: byBob.at,
    decided_by: 'bob',
    reviews: [byBob],
    view: { ...view, grant },
  });
  const at = (time: string) => Date.parse(`2026-11-24T${time}Z`);
  const whats = (one: Request, now: number) => historyOf(one, now).map(({ what }) => what);

  it('tells what happened in its order, and what is to come', () => {
    expect(whats(approved, at('13:00:00'))).toEqual([
      'asked for 2 h on prod',
      'approved for dba',
      'Access began',
      'Access ends',
    ]);
    expect(historyOf(approved, at('13:00:00')).map(({ ahead }) => ahead)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
  it('says that it is over', () =>
    expect(whats(approved, at('15:00:00')).at(-1)).toBe('Access ended: its time was over'));
  it('ends with the revocation where there was one', () => {
    const revoked = request({
      ...approved,
      status: 'REVOKED',
      decision: 'revoked',
      decided_by: 'sue',
      decided_at: '2026-11-24T12:30:00Z',
      decision_comment: 'wrong database',
      view: { ...view, grant: { ...grant, revoked: { at: '2026-11-24T12:30:00Z', by: 'sue', reason: '' } } },
    });
    const last = historyOf(revoked, at('13:00:00')).at(-1);
    expect(last).toMatchObject({ what: 'Taken back', by: 'sue', said: 'wrong database', kind: 'revoke' });
  });
  it('calls a review after a break-glass by what it says', () => {
    const late = request({ decision: 'break_glass', reviews: [{ ...byBob, verdict: 'reject' }] });
    expect(whats(late, 0)[1]).toBe('found it not right for dba');
  });
});

describe('isShorter', () => {
  it('compares lengths, not how they are written', () => {
    expect(isShorter('90m', '2h')).toBe(true);
    expect(isShorter('120m', '2h')).toBe(false);
    expect(isShorter('soon', '2h')).toBe(false);
  });
});

describe('merged', () => {
  const older = request({ id: 'r-00000001', asked_at: '2026-11-24T11:00:00Z' });
  const newer = request({ id: 'r-00000002' });
  it('keeps the newest first', () =>
    expect(merged([older], newer, true).map(({ id }) => id)).toEqual([newer.id, older.id]));
  it('puts a change in its place', () =>
    expect(
      merged([newer, older], { ...older, status: 'APPROVED' }, true).map(({ status }) => status),
    ).toEqual(['PENDING', 'APPROVED']));
  it('drops what does not belong there any more', () =>
    expect(merged([newer, older], newer, false)).toEqual([older]));
});
