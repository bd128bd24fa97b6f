// What past sessions are narrowed by: in the address of the view, and as the API takes it.
import { withQuery } from '../../api/client';
import type { EndCause, SessionOutcome } from '../../api/types';
import { fromLocalInput } from '../../ui/instants';
import { causeWords } from './words';

export interface PastFilter {
  user: string;
  resource: string;
  when: When;
  from: string; // as <input type="datetime-local"> has it; only where `when` is `between`
  to: string;
  how: string; // `outcome:enforced`, `cause:grant_expired`, or empty
}

export type When = '' | '1h' | '24h' | '7d' | '30d' | 'between';

export const whenChoices: { value: When; label: string }[] = [
  { value: '', label: 'Any time' },
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
  { value: 'between', label: 'Between…' },
];

const hour = 3_600_000;
const backBy: Record<string, number> = { '1h': hour, '24h': 24 * hour, '7d': 168 * hour, '30d': 720 * hour };

const outcomes: Record<SessionOutcome, string> = {
  enforced: 'Ended by Curfew',
  by_itself: 'Ended by itself',
  not_over: 'Not over',
  unconfirmed: 'End not confirmed',
  overstayed: 'Over after its deadline',
};

export const howChoices: { value: string; label: string }[] = [
  { value: '', label: 'However' },
  ...Object.entries(outcomes).map(([value, label]) => ({ value: `outcome:${value}`, label })),
  ...Object.entries(causeWords).map(([value, label]) => ({
    value: `cause:${value}`,
    label: `Because ${label}`,
  })),
];

// What the address says; what it does not know is as if it were not there.
export function filterOf(query: URLSearchParams): PastFilter {
  const known = (name: string, choices: { value: string }[]) => {
    const value = query.get(name) ?? '';
    return choices.some((choice) => choice.value === value) ? value : '';
  };
  return {
    user: query.get('user') ?? '',
    resource: query.get('resource') ?? '',
    when: known('when', whenChoices) as When,
    from: query.get('from') ?? '',
    to: query.get('to') ?? '',
    how: known('how', howChoices),
  };
}

export function isNarrowed(filter: PastFilter): boolean {
  return Boolean(filter.user || filter.resource || filter.when || filter.how);
}

// What is wrong with a time of its own; undefined: nothing.
export function betweenProblem({ when, from, to }: PastFilter): string | undefined {
  if (when !== 'between') return undefined;
  const begin = fromLocalInput(from);
  const end = fromLocalInput(to);
  if (begin !== null && end !== null && begin >= end) return 'It must be later than the beginning.';
  return undefined;
}

// The list as the API takes it. `now` is when somebody looked: an hour is counted from then.
export function pastPath(filter: PastFilter, now: number): string {
  const [kind, word] = filter.how.split(':') as [
    'outcome' | 'cause' | '',
    SessionOutcome | EndCause | undefined,
  ];
  const back = backBy[filter.when];
  const between = filter.when === 'between' && !betweenProblem(filter);
  return withQuery('/sessions/past', {
    user: filter.user.trim(),
    resource: filter.resource.trim(),
    from: back ? new Date(now - back).toISOString() : between ? fromLocalInput(filter.from) : null,
    to: between ? fromLocalInput(filter.to) : null,
    outcome: kind === 'outcome' ? word : null,
    cause: kind === 'cause' ? word : null,
  });
}
