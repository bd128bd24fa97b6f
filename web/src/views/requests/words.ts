// What a request is, how it stands and how it came to that, in words.
import type { Request, Review, RuleProgress } from '../../api/types';
import { outcomeOf, sayForm, sayResult } from '../../commands/words';
import { parseDuration, sayDuration } from '../../duration';

// `2 h on prod-postgres`, `30 min more on prod-postgres`, `a command on prod-postgres`.
export function sayWish(request: Request): string {
  if (request.command) return `${sayForm(request.command.form)} on ${request.resource}`;
  const length = sayDuration(request.duration);
  return request.kind === 'extension'
    ? `${length} more on ${request.resource}`
    : `${length} on ${request.resource}`;
}

// How it came to its status; empty where it is PENDING.
export function sayDecision(request: Request): string {
  const by = request.decided_by ? ` by ${request.decided_by}` : '';
  switch (request.decision) {
    case 'none':
      return '';
    case 'reviewed':
      return request.status === 'REJECTED' ? `Rejected${by}` : `Approved${by}`;
    case 'force_approved':
      return `Approved${by} alone, for a force-approval group`;
    case 'review_skipped':
      return 'Needed no review';
    case 'administrator':
      return "An administrator's own: approved at once";
    case 'break_glass':
      return 'Broke the glass: in at once, reviewed afterwards';
    case 'signed_offline':
      return 'Signed offline by approvers, while no store answered';
    case 'review_timed_out':
      return 'Nobody decided in time';
    case 'cancelled':
      return `Cancelled${by}`;
    case 'revoked':
      return `Taken back${by}`;
    case 'right_lost':
      return 'The right to it is gone: a user, a group, the resource or its rules changed';
    case 'window_passed':
      return 'Its time is over';
    case 'command_run':
      return 'Handed to PostgreSQL, once';
    case 'not_run':
      return 'Not run: nobody was there to run it any more';
  }
}

// Does it wait for the person that it was shown to?
export function waitsForReader(request: Request): boolean {
  if (!request.view || request.view.may_review_for.length === 0) return false;
  return request.status === 'PENDING' || request.review_due;
}

export interface GroupState {
  group: string;
  approvedBy: string[];
  state: 'approved' | 'waiting' | 'not_needed';
}

export interface RuleState {
  rule: string;
  approvals: number;
  wanted: number;
  satisfied: boolean;
  groups: GroupState[];
}

function groupState(group: string, rule: RuleProgress, reviews: Review[]): GroupState {
  const approvedBy = reviews
    .filter((review) => review.verdict === 'approve' && review.group === group)
    .map((review) => review.reviewer);
  if (approvedBy.length > 0) return { group, approvedBy, state: 'approved' };
  // Where not each group has to approve none is missing, and any of them can give what is still wanted.
  const wanted = rule.missing_groups.includes(group) || (rule.missing_groups.length === 0 && !rule.satisfied);
  return { group, approvedBy, state: wanted ? 'waiting' : 'not_needed' };
}

// Who has approved and who is missing, by rule; empty where it is not PENDING.
export function progressOf(request: Request): RuleState[] {
  return (request.view?.progress?.rules ?? []).map((rule) => ({
    rule: rule.rule,
    approvals: rule.approvals,
    wanted: rule.wanted,
    satisfied: rule.satisfied,
    groups: rule.approval_groups.map((group) => groupState(group, rule, request.reviews)),
  }));
}

// `waits for security`, `waits for one of dba, security`; empty: for nobody.
export function sayWaiting(request: Request): string {
  const missing = new Set<string>();
  const any: string[] = [];
  for (const rule of request.view?.progress?.rules ?? []) {
    if (rule.satisfied) continue;
    for (const group of rule.missing_groups) missing.add(group);
    if (rule.missing_groups.length > 0) continue;
    const left = rule.wanted - rule.approvals;
    const who = rule.approval_groups.join(', ');
    any.push(left > 1 ? `${left} more of ${who}` : rule.approval_groups.length > 1 ? `one of ${who}` : who);
  }
  const parts = [...missing, ...any.filter((one) => !missing.has(one))];
  return parts.length ? `waits for ${parts.join(' and ')}` : '';
}

export interface Happening {
  at: string;
  what: string;
  by: string | null;
  said: string; // a reason, a comment
  kind: 'asked' | 'approve' | 'reject' | 'begin' | 'end' | 'revoke' | 'decided';
  ahead: boolean; // has not happened yet
}

function reviewHappening(request: Request, review: Review): Happening {
  const late = request.decision === 'break_glass' || request.decision === 'signed_offline';
  const approved = late ? 'found it right' : 'approved';
  const rejected = late ? 'found it not right' : 'rejected';
  const verdict = review.verdict === 'approve' ? approved : rejected;
  const shorter = review.duration ? `, for ${sayDuration(review.duration)}` : '';
  return {
    at: review.at,
    what: `${verdict} for ${review.group}${shorter}`,
    by: review.reviewer,
    said: review.comment,
    kind: review.verdict,
    ahead: false,
  };
}

function decisionHappening(request: Request): Happening | null {
  if (request.decided_at === null || request.decision === 'none') return null;
  // A review that decided says it itself.
  if (request.decision === 'reviewed' || request.decision === 'force_approved') return null;
  if (request.decision === 'window_passed') return null; // the end of the grant says it
  const kind = request.status === 'REVOKED' ? 'revoke' : request.status === 'REJECTED' ? 'reject' : 'decided';
  return {
    at: request.decided_at,
    what: sayDecision({ ...request, decided_by: null }),
    by: request.decided_by,
    said: request.decision_comment,
    kind,
    ahead: false,
  };
}

function endOfCommand({ command_result: result }: Request): Happening[] {
  if (!result) return [];
  const { tone } = outcomeOf(result);
  return [
    {
      at: result.ended_at,
      what: sayResult(result),
      by: null,
      said: '',
      kind: tone === 'ok' ? 'end' : 'reject',
      ahead: false,
    },
  ];
}

// All that happened to it, and what is to come, in its order. `now`: milliseconds.
export function historyOf(request: Request, now: number): Happening[] {
  const happened: Happening[] = [
    {
      at: request.asked_at,
      what: `asked for ${sayWish(request)}`,
      by: request.requester,
      said: request.reason,
      kind: 'asked',
      ahead: false,
    },
    ...request.reviews.map((review) => reviewHappening(request, review)),
  ];
  const decision = decisionHappening(request);
  if (decision) happened.push(decision);
  happened.push(...endOfCommand(request));
  const grant = request.view?.grant;
  if (grant && request.kind === 'access' && !request.command) {
    const begins = Date.parse(grant.starts_at);
    const revoked = grant.revoked ? Date.parse(grant.revoked.at) : Infinity;
    if (begins < revoked)
      happened.push({
        at: grant.starts_at,
        what: begins > now ? 'Access begins' : 'Access began',
        by: null,
        said: '',
        kind: 'begin',
        ahead: begins > now,
      });
    if (!grant.revoked) {
      const over = Date.parse(grant.ends_at) <= now;
      happened.push({
        at: grant.ends_at,
        what: over ? 'Access ended: its time was over' : 'Access ends',
        by: null,
        said: '',
        kind: 'end',
        ahead: !over,
      });
    }
  }
  return happened
    .map((one, i) => ({ one, i }))
    .sort((a, b) => Date.parse(a.one.at) - Date.parse(b.one.at) || a.i - b.i)
    .map(({ one }) => one);
}

// Is this shorter than what was asked for? Then it is sent with the approval.
export function isShorter(duration: string, than: string): boolean {
  const given = parseDuration(duration);
  const asked = parseDuration(than);
  return given !== null && asked !== null && given < asked;
}

const order = (a: Request, b: Request) =>
  Date.parse(b.asked_at) - Date.parse(a.asked_at) || (a.id < b.id ? 1 : -1);

// The list with this request as it stands now: in its place, or gone where it does not belong there any more.
export function merged(list: Request[], changed: Request, belongs: boolean): Request[] {
  const others = list.filter((one) => one.id !== changed.id);
  return belongs ? [...others, changed].sort(order) : others;
}
