// What there is to say of a grant on the timeline: the same for those who see the bar, hear it, or read the table.
import type { Grant, GrantOnTimeline, Request, SessionRecord, Timeline } from '../../api/types';
import { sayForm, sayRun } from '../../commands/words';
import { sayDuration } from '../../duration';
import { localTime } from '../../ui/instants';
import { hasOverstayed, notableOverstay, overstayOf, sayOverstay } from '../sessions/words';

const instant = (iso: string) => Date.parse(iso);

// `alice`, `the group dba`, `everybody`.
export function whoOf(subject: string): string {
  if (subject === '*') return 'everybody';
  return subject.startsWith('group:') ? `the group ${subject.slice(6)}` : subject;
}

// What may be done under a grant, where that is not everything: `by command`.
export function sayUse({ use }: Pick<Grant, 'use'>): string {
  switch (use) {
    case 'sessions':
      return '';
    case 'commands':
      return 'by command';
    case 'script':
      return 'for one script';
    case 'preview':
      return 'for a preview';
  }
}

// Curfew itself, where a right was lost, or a node was done with it.
export function sayRevoker({ by }: { by: string }): string {
  return by || 'Curfew';
}

// `alice on prod, by command`.
export function titleOfGrant(grant: Pick<Grant, 'subject' | 'resource' | 'use'>): string {
  const use = sayUse(grant);
  return `${whoOf(grant.subject)} on ${grant.resource}${use && `, ${use}`}`;
}

// When the right to be there ended, or will.
export function endOfRight({ grant }: Pick<GrantOnTimeline, 'grant'>): string {
  return grant.revoked && instant(grant.revoked.at) < instant(grant.ends_at)
    ? grant.revoked.at
    : grant.ends_at;
}

// A session that was there when it might not be: after the end, or before the beginning.
export function sticksOut(
  session: SessionRecord,
  shown: Pick<GrantOnTimeline, 'grant'>,
  now: number,
): boolean {
  return (
    hasOverstayed(session, now) ||
    instant(session.started_at) < instant(shown.grant.starts_at) - notableOverstay
  );
}

export interface Judged {
  grants: number;
  sessions: number;
  out: number; // sessions that stick out of their window
  unconfirmed: number; // over, and nobody knows that the backend is
}

export function judge(timeline: Timeline): Judged {
  const now = instant(timeline.as_of);
  const judged: Judged = { grants: timeline.grants.length, sessions: 0, out: 0, unconfirmed: 0 };
  for (const shown of timeline.grants) {
    for (const session of shown.sessions) {
      judged.sessions += 1;
      if (sticksOut(session, shown, now)) judged.out += 1;
      if (session.confirmation === 'unconfirmed') judged.unconfirmed += 1;
    }
  }
  return judged;
}

const counted = (n: number, one: string, many: string) => `${n === 0 ? 'no' : n} ${n === 1 ? one : many}`;

// `3 grants and 5 sessions. Nothing stuck out of its window.`
export function verdictOf({ grants, sessions, out, unconfirmed }: Judged): string {
  const amounts = `${counted(grants, 'grant', 'grants')} and ${counted(sessions, 'session', 'sessions')}`;
  const first = `${amounts.charAt(0).toUpperCase()}${amounts.slice(1)}. `;
  const sticks =
    out === 0
      ? 'Nothing stuck out of its window.'
      : `${counted(out, 'session', 'sessions')} stuck out of the window.`;
  const unsure =
    unconfirmed === 0
      ? ''
      : ` Of ${counted(unconfirmed, 'session', 'sessions')} it is not known that the backend is gone.`;
  return first + sticks + unsure;
}

// Who let it be, in a few words.
export function approvalOf({ grant, request }: Pick<GrantOnTimeline, 'grant' | 'request'>): string {
  if (grant.use === 'commands') return `given by ${grant.given_by}: each command is approved by itself`;
  if (grant.use === 'preview') return `given by ${grant.given_by}, to show approvers what a command would do`;
  if (!request) return `given by ${grant.given_by}, without a request`;
  const approvers = request.reviews
    .filter(({ verdict }) => verdict === 'approve')
    .map(({ reviewer }) => reviewer);
  const by = [...new Set(approvers)].join(', ');
  switch (request.approval) {
    case 'break_glass':
      return 'glass was broken: nobody approved it beforehand';
    case 'review_skipped':
      return 'approved without a review, as the rule allows';
    case 'administrator':
      return `asked by ${request.requester}, an administrator: it needed no review`;
    case 'signed_offline':
      return 'signed offline while the store was away';
    default:
      return by ? `approved by ${by}` : 'approved';
  }
}

export function extensionsOf({ extensions }: Pick<GrantOnTimeline, 'extensions'>, now: number): string {
  const last = extensions.at(-1);
  if (!last) return 'never';
  const by = [...new Set(extensions.map((one) => one.by ?? 'somebody'))].join(', ');
  const times = extensions.length === 1 ? 'once' : `${extensions.length} times`;
  return `${times}, by ${by}, to ${localTime(last.to, now)}`;
}

export function sessionLine(session: SessionRecord, now: number): string {
  const from = localTime(session.started_at, now, true);
  const until = session.ended_at ? `to ${localTime(session.ended_at, now, true)}` : 'and is not over';
  const late = hasOverstayed(session, now)
    ? `, ${sayOverstay(overstayOf(session, now))} past its deadline`
    : '';
  return `${session.user} from ${from} ${until}${late}`;
}

// One sentence or two: the name of the bar.
export function sentenceOf(shown: GrantOnTimeline, now: number): string {
  const { grant, sessions } = shown;
  const window = `${localTime(grant.starts_at, now)} to ${localTime(grant.ends_at, now)}`;
  const revoked = grant.revoked
    ? ` Revoked by ${sayRevoker(grant.revoked)} at ${localTime(grant.revoked.at, now)}.`
    : '';
  const extended = shown.extensions.length > 0 ? ` Extended ${extensionsOf(shown, now)}.` : '';
  const out = sessions.filter((session) => sticksOut(session, shown, now)).length;
  const sticks = out > 0 ? ` ${counted(out, 'session sticks', 'sessions stick')} out of the window!` : '';
  const there = counted(sessions.length, 'session', 'sessions');
  return `${titleOfGrant(grant)}, ${window}, ${approvalOf(shown)}.${extended}${revoked} ${there.charAt(0).toUpperCase()}${there.slice(1)}.${sticks}`;
}

// Of one that came to nothing, or has not come to anything yet.
export function sentenceOfRequest(request: Request, now: number): string {
  const what = request.command ? sayForm(request.command.form) : sayDuration(request.duration);
  const asked = `${request.requester} asked for ${what} on ${request.resource} at ${localTime(request.asked_at, now)}`;
  return `${asked}: ${becameOf(request)}.`;
}

export function becameOf(request: Request): string {
  if (request.status === 'PENDING') return 'waits for a review';
  const run = request.command ? sayRun(request) : '';
  if (run) return run.charAt(0).toLowerCase() + run.slice(1);
  switch (request.decision) {
    case 'cancelled':
      return 'cancelled by the requester';
    case 'review_timed_out':
      return 'nobody reviewed it in time';
    case 'right_lost':
      return 'the right to ask was lost';
    case 'not_run':
      return 'approved, and not run: nobody was there any more';
    default:
      return request.decided_by ? `rejected by ${request.decided_by}` : 'rejected';
  }
}
