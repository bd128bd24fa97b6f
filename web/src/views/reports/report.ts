// A review of accesses: the time that it is of, its sums, and its lines for a spreadsheet.
import { withQuery } from '../../api/client';
import type { GrantFinding, PrivilegeKind, ReviewedGrant } from '../../api/reports';
import { fromLocalInput } from '../../ui/instants';

export type ReportTime = '7d' | '30d' | '90d' | 'between';

export const timeChoices: { value: ReportTime; label: string }[] = [
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
  { value: '90d', label: 'Last 90 days' },
  { value: 'between', label: 'Between…' },
];

const day = 86_400_000;
const backBy: Record<string, number> = { '7d': 7 * day, '30d': 30 * day, '90d': 90 * day };

export interface ReportFilter {
  time: ReportTime;
  from: string; // as <input type="datetime-local"> has it; only where `time` is `between`
  to: string;
  resource: string;
  user: string;
}

export function reportFilterOf(query: URLSearchParams): ReportFilter {
  const time = query.get('time') ?? '';
  return {
    time: timeChoices.some(({ value }) => value === time) ? (time as ReportTime) : '30d',
    from: query.get('from') ?? '',
    to: query.get('to') ?? '',
    resource: query.get('resource') ?? '',
    user: query.get('user') ?? '',
  };
}

// What is wrong with a time of its own; undefined: nothing.
export function reportProblem({ time, from, to }: ReportFilter): string | undefined {
  if (time !== 'between') return undefined;
  const begin = fromLocalInput(from);
  const end = fromLocalInput(to);
  if (begin === null || end === null) return 'Both ends are needed.';
  return begin >= end ? 'It must be later than the beginning.' : undefined;
}

// The review as the API takes it; null: of no time yet. `now` is when somebody looked.
export function reviewPath(filter: ReportFilter, now: number): string | null {
  if (reportProblem(filter)) return null;
  const between = filter.time === 'between';
  return withQuery('/access-review', {
    from: between
      ? fromLocalInput(filter.from)
      : new Date(now - (backBy[filter.time] as number)).toISOString(),
    to: between ? fromLocalInput(filter.to) : new Date(now).toISOString(),
    resource: filter.resource.trim(),
    user: filter.user.trim(),
  });
}

export interface Totals {
  grants: number;
  used: number;
  unused: number;
  byHand: number;
  brokeGlass: number;
  reviewsDue: number;
  sessions: number;
  askedSeconds: number;
  givenSeconds: number;
  usedSeconds: number;
  overstayed: number;
  unconfirmed: number;
}

export function totalsOf(items: ReviewedGrant[]): Totals {
  const having = (finding: GrantFinding) => items.filter(({ findings }) => findings.includes(finding)).length;
  const sum = (of: (item: ReviewedGrant) => number) => items.reduce((total, item) => total + of(item), 0);
  return {
    grants: items.length,
    used: items.filter(({ use }) => use.sessions > 0).length,
    unused: having('unused'),
    byHand: having('given_by_hand'),
    brokeGlass: having('break_glass'),
    reviewsDue: having('review_due'),
    sessions: sum(({ use }) => use.sessions),
    askedSeconds: sum(({ asked_seconds }) => asked_seconds ?? 0),
    givenSeconds: sum(({ given_seconds }) => given_seconds),
    usedSeconds: sum(({ use }) => use.used_seconds),
    overstayed: sum(({ use }) => use.overstayed),
    unconfirmed: sum(({ use }) => use.unconfirmed),
  };
}

export const findingWords: Record<GrantFinding, string> = {
  given_by_hand: 'given by hand',
  break_glass: 'glass broken',
  force_approved: 'approved by one alone',
  review_skipped: 'no review by its rule',
  administrator: 'an administrator’s own',
  signed_offline: 'signed offline',
  review_due: 'review due',
  unused: 'never used',
  overstayed: 'overstayed',
  unconfirmed: 'end not confirmed',
};

export function isSerious(finding: GrantFinding): boolean {
  return finding === 'overstayed' || finding === 'unconfirmed';
}

export const privilegeWords: Record<PrivilegeKind, string> = {
  administrators: 'Administrators',
  skipped_review: 'No review by a rule',
  forced_review: 'One decides alone',
  long_grant: 'Long grant by hand',
  shared_grant: 'Grant to many by hand',
  database: 'In PostgreSQL',
};

const columns: [string, (item: ReviewedGrant) => string | number | null][] = [
  ['grant', ({ grant }) => grant.id],
  ['subject', ({ grant }) => grant.subject],
  ['resource', ({ grant }) => grant.resource],
  ['starts_at', ({ grant }) => grant.starts_at],
  ['ends_at', ({ grant }) => grant.ends_at],
  ['revoked_at', ({ grant }) => grant.revoked?.at ?? ''],
  ['request', ({ request }) => request?.id ?? ''],
  ['asked_seconds', ({ asked_seconds }) => asked_seconds],
  ['given_seconds', ({ given_seconds }) => given_seconds],
  ['used_seconds', ({ use }) => use.used_seconds],
  ['sessions', ({ use }) => use.sessions],
  ['users', ({ use }) => use.users.join(', ')],
  ['approvers', ({ approvers }) => approvers.join(', ')],
  ['findings', ({ findings }) => findings.join(', ')],
  ['overstayed', ({ use }) => use.overstayed],
  ['longest_overstay_ms', ({ use }) => use.longest_overstay_ms],
  ['unconfirmed', ({ use }) => use.unconfirmed],
  ['reason', ({ grant }) => grant.reason],
];

// A text that a spreadsheet would take for a formula gets a ' in front: others than the reader chose what it says.
function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}

// RFC 4180.
export function csvOf(items: ReviewedGrant[]): string {
  const lines = [
    columns.map(([name]) => field(name)),
    ...items.map((item) => columns.map(([, of]) => field(of(item)))),
  ];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}
