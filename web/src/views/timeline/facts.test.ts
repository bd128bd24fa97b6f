import { describe, expect, it } from 'vitest';
import {
  approvalOf,
  becameOf,
  endOfRight,
  extensionsOf,
  judge,
  sayRevoker,
  sentenceOf,
  sentenceOfRequest,
  sessionLine,
  sticksOut,
  titleOfGrant,
  verdictOf,
  whoOf,
} from './facts';
import { aGrant, aRequest, aSession, aTimeline, at, theGrant } from './examples';

const now = Date.parse(at('12:00'));

describe('a grant on the timeline', () => {
  it('says who it is for', () => {
    expect(whoOf('alice')).toBe('alice');
    expect(whoOf('group:dba')).toBe('the group dba');
    expect(whoOf('*')).toBe('everybody');
  });

  it('says that it is not for everything', () => {
    expect(titleOfGrant(theGrant())).toBe('alice on prod');
    expect(titleOfGrant(theGrant({ use: 'commands' }))).toBe('alice on prod, by command');
    expect(titleOfGrant(theGrant({ use: 'script' }))).toBe('alice on prod, for one script');
    expect(titleOfGrant(theGrant({ use: 'preview' }))).toBe('alice on prod, for a preview');
    const byRule = theGrant({ use: 'commands', given_by: 'rule careful' });
    expect(approvalOf(aGrant({ grant: byRule, request: null }))).toContain('each command is approved');
  });

  it('says who let it be, whatever became of it since', () => {
    const request = aRequest({ status: 'EXECUTED', decision: 'window_passed', decided_by: null });
    expect(approvalOf(aGrant({ request }))).toBe('approved by carol');
    const glass = aRequest({ ...request, approval: 'break_glass', reviews: [] });
    expect(approvalOf(aGrant({ request: glass }))).toContain('glass was broken');
    expect(approvalOf(aGrant({ request: null }))).toBe('given by carol, without a request');
    const own = aRequest({ approval: 'administrator', reviews: [] });
    expect(approvalOf(aGrant({ request: own }))).toContain('alice, an administrator');
  });

  it('names each approver once, and none who rejected', () => {
    const [review] = aRequest().reviews;
    const request = aRequest({
      reviews: [
        review!,
        { ...review!, group: 'security' },
        { ...review!, reviewer: 'dan', verdict: 'reject' },
      ],
    });
    expect(approvalOf(aGrant({ request }))).toBe('approved by carol');
  });

  it('says who took it back', () => {
    expect(sayRevoker({ by: 'carol' })).toBe('carol');
    expect(sayRevoker({ by: '' })).toBe('Curfew');
  });

  it('ends with its window, or as it was revoked', () => {
    const shown = aGrant();
    expect(endOfRight(shown)).toBe(at('11:00'));
    const revoked = { at: at('10:30'), by: 'carol', reason: '' };
    expect(endOfRight(aGrant({ grant: { ...shown.grant, revoked } }))).toBe(at('10:30'));
    const afterwards = { ...revoked, at: at('11:30') };
    expect(endOfRight(aGrant({ grant: { ...shown.grant, revoked: afterwards } }))).toBe(at('11:00'));
  });

  it('says how often it was extended, and by whom', () => {
    const extension = { at: at('10:30'), by: 'carol', request: null, from: at('11:00'), to: at('11:30') };
    expect(extensionsOf({ extensions: [] }, now)).toBe('never');
    expect(extensionsOf({ extensions: [extension] }, now)).toMatch(/^once, by carol, to /);
    expect(extensionsOf({ extensions: [extension, { ...extension, by: null }] }, now)).toMatch(
      /^2 times, by carol, somebody, to /,
    );
  });

  it('is said in a sentence that has all of it', () => {
    const said = sentenceOf(aGrant({ sessions: [aSession()] }), now);
    expect(said).toMatch(/^alice on prod, .* to .*, approved by carol\. 1 session\.$/);
    const late = sentenceOf(aGrant({ sessions: [aSession({ overstay_ms: 5_000 })] }), now);
    expect(late).toContain('1 session sticks out of the window!');
  });
});

describe('a session on the timeline', () => {
  it('sticks out behind where it was over too late, or is not over', () => {
    const shown = aGrant();
    expect(sticksOut(aSession(), shown, now)).toBe(false);
    expect(sticksOut(aSession({ overstay_ms: 40 }), shown, now)).toBe(false);
    expect(sticksOut(aSession({ overstay_ms: 1_001 }), shown, now)).toBe(true);
    const live = aSession({ state: 'live', ended_at: null, overstay_ms: null, cause: null });
    expect(sticksOut(live, shown, Date.parse(at('10:59')))).toBe(false);
    expect(sticksOut(live, shown, now)).toBe(true);
  });

  it('sticks out in front where it began too early', () => {
    const early = aSession({ started_at: at('09:50') });
    expect(sticksOut(early, aGrant(), now)).toBe(true);
  });

  it('is said in a line', () => {
    expect(sessionLine(aSession({ overstay_ms: 5_000 }), now)).toMatch(
      /^alice from .* to .*, 5 s past its deadline$/,
    );
    expect(sessionLine(aSession({ ended_at: null, state: 'live', overstay_ms: null }), now)).toContain(
      'is not over',
    );
  });
});

describe('what an auditor sees at a glance', () => {
  it('is that nothing stuck out', () => {
    const timeline = aTimeline({ grants: [aGrant({ sessions: [aSession(), aSession()] })] });
    expect(verdictOf(judge(timeline))).toBe('1 grant and 2 sessions. Nothing stuck out of its window.');
    expect(verdictOf(judge(aTimeline()))).toBe('No grants and no sessions. Nothing stuck out of its window.');
  });

  it('is how much did, and of what nobody is sure', () => {
    const sessions = [aSession({ overstay_ms: 9_000 }), aSession({ confirmation: 'unconfirmed' })];
    const judged = judge(aTimeline({ grants: [aGrant({ sessions })] }));
    expect(judged).toEqual({ grants: 1, sessions: 2, out: 1, unconfirmed: 1 });
    expect(verdictOf(judged)).toContain('1 session stuck out of the window.');
    expect(verdictOf(judged)).toContain('not known that the backend is gone');
  });
});

describe('a request that came to nothing', () => {
  it('says why', () => {
    const rejected = aRequest({
      status: 'REJECTED',
      decision: 'reviewed',
      decided_by: 'carol',
      approval: 'none',
    });
    expect(becameOf(rejected)).toBe('rejected by carol');
    expect(becameOf({ ...rejected, decision: 'review_timed_out' })).toBe('nobody reviewed it in time');
    expect(becameOf({ ...rejected, status: 'PENDING', decision: 'none' })).toBe('waits for a review');
    expect(sentenceOfRequest(rejected, now)).toMatch(
      /^alice asked for 1 h on prod at .*: rejected by carol\.$/,
    );
  });
});
