// The audit trail: what its events mean in words, what it is narrowed by, and how it is taken along.
import { withQuery } from '../../api/client';
import type { AuditEvent, AuditHead } from '../../api/types';
import { fromLocalInput } from '../../ui/instants';

// As docs/store.md has them. One that is not here is shown by its name.
const words: Record<string, string> = {
  'request.submitted': 'asked for access',
  'request.reviewed': 'reviewed a request',
  'request.approved': 'request approved',
  'request.rejected': 'request rejected',
  'request.revoked': 'request revoked',
  'request.executed': 'window of a request passed, or its command was run',
  'request.command_ended': 'what came of a command is known',
  'request.changed': 'request changed',
  'request.break_glass': 'glass broken',
  'offline_grant.taken': 'grant signed offline was taken',
  'grant.given': 'grant given',
  'grant.extended': 'grant extended',
  'grant.revoked': 'grant revoked',
  'grant.ended': 'grant ended',
  'grant.credential_issued': 'password for a grant issued',
  'session.started': 'session began',
  'session.ending': 'session is being ended',
  'session.ended': 'session ended',
  'session.kill_asked': 'session to be killed',
  'recording.read': 'read a recording',
  'recording.searched': 'searched in recordings',
  'receipt.issued': 'receipt of a session issued',
  'user.changed': 'user changed',
  'user.removed': 'user removed',
  'group.changed': 'group changed',
  'group.removed': 'group removed',
  'resource.changed': 'resource changed',
  'resource.removed': 'resource removed',
  'rule.changed': 'rule changed',
  'rule.removed': 'rule removed',
  'password.changed': 'password changed',
  'token.made': 'token made',
  'token.revoked': 'token revoked',
  'sign_in.began': 'signed in',
  'sign_in.ended': 'signed out',
  'claims.changed': 'provider said something else',
  'link.made': 'one-time link made',
  'link.used': 'one-time link used',
  'person.forgotten': 'person forgotten',
};

const families: Record<string, string> = {
  request: 'Requests',
  grant: 'Grants',
  session: 'Sessions',
  recording: 'Recordings',
  offline_grant: 'Signed offline',
  user: 'Users',
  group: 'Groups',
  resource: 'Resources',
  rule: 'Rules',
  sign_in: 'Signing in',
  password: 'Passwords',
  token: 'Tokens',
  link: 'One-time links',
};

export function wordsOf(kind: string): string {
  return words[kind] ?? kind;
}

export const kindChoices: { value: string; label: string }[] = [
  { value: '', label: 'Everything' },
  ...Object.entries(families).map(([value, label]) => ({ value, label: `${label}: all` })),
  ...Object.entries(words).map(([value, label]) => ({
    value,
    label: label.charAt(0).toUpperCase() + label.slice(1),
  })),
];

export interface TrailFilter {
  kind: string;
  id: string;
  actor: string;
  from: string; // as <input type="datetime-local"> has it
  to: string;
  oldest: boolean; // first
}

export function trailFilterOf(query: URLSearchParams): TrailFilter {
  const kind = query.get('kind') ?? '';
  return {
    kind: /^[a-z_.]*$/.test(kind) ? kind : '',
    id: query.get('id') ?? '',
    actor: query.get('actor') ?? '',
    from: query.get('from') ?? '',
    to: query.get('to') ?? '',
    oldest: query.get('order') === 'oldest',
  };
}

export function isTrailNarrowed({ kind, id, actor, from, to }: TrailFilter): boolean {
  return Boolean(kind || id || actor || from || to);
}

export function trailProblem({ from, to }: TrailFilter): string | undefined {
  const begin = fromLocalInput(from);
  const end = fromLocalInput(to);
  return begin !== null && end !== null && begin >= end ? 'It must be later than the beginning.' : undefined;
}

// The trail as the API takes it; of times that make no sense it has neither.
export function trailPath(filter: TrailFilter): string {
  const sensible = trailProblem(filter) === undefined;
  return withQuery('/audit-trail', {
    kind: filter.kind,
    id: filter.id.trim(),
    actor: filter.actor.trim(),
    from: sensible ? fromLocalInput(filter.from) : null,
    to: sensible ? fromLocalInput(filter.to) : null,
    order: filter.oldest ? 'oldest' : null,
  });
}

// Where in the page what the event is about is shown; null: nowhere.
export function pathOfEvent({ kind, id }: Pick<AuditEvent, 'kind' | 'id'>): string | null {
  const at = encodeURIComponent(id);
  switch (kind.split('.')[0]) {
    case 'request':
      return /^r-/.test(id) ? `/requests/${at}` : null;
    case 'recording':
      return /^s-/.test(id) ? `/sessions/${at}/recording` : null;
    case 'user':
      return kind === 'user.removed' ? null : `/users?name=${at}`;
    case 'group':
      return kind === 'group.removed' ? null : `/groups?name=${at}`;
    case 'resource':
      return kind === 'resource.removed' ? null : `/resources/${at}`;
    case 'rule':
      return kind === 'rule.removed' ? null : `/rules/${at}`;
    default:
      return null;
  }
}

const shownFirst = ['requester', 'user', 'subject', 'resource', 'status', 'cause', 'reason'];

// The first few facts of an event, for a line: `alice, prod, grant_expired`.
export function shortOf(summary: Record<string, unknown>, most = 4): string {
  const known = shownFirst.filter((name) => name in summary);
  const others = Object.keys(summary).filter((name) => !known.includes(name));
  return [...known, ...others]
    .map((name) => summary[name])
    .filter(
      (value): value is string | number =>
        (typeof value === 'string' && value !== '') || typeof value === 'number',
    )
    .map((value) =>
      typeof value === 'string' && value.length > 60 ? `${value.slice(0, 59)}…` : String(value),
    )
    .slice(0, most)
    .join(', ');
}

// One event a line, as the API has it: for `jq`, and to compare with the store.
export function jsonLines(events: AuditEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

// `curfew-audit-17-42.jsonl`, of the numbers that are in it.
export function fileName(events: AuditEvent[]): string {
  const numbers = events.map(({ number }) => number);
  return events.length === 0
    ? 'curfew-audit.jsonl'
    : `curfew-audit-${Math.min(...numbers)}-${Math.max(...numbers)}.jsonl`;
}

// What a signed head is kept as.
export function headName({ node, number }: Pick<AuditHead, 'node' | 'number'>): string {
  return `curfew-head-${node.replace(/[^A-Za-z0-9._-]/g, '_')}-${number}.jsonl`;
}
