// What recordings are narrowed by, and what is looked for in them: in the address of the view, and as the API takes it.
import { withQuery } from '../../api/client';

export interface RecordingFilter {
  text: string; // empty: the list of recordings
  regex: boolean;
  user: string;
  resource: string;
  when: string;
}

const hour = 3_600_000;
const backBy: Record<string, number> = { '24h': 24 * hour, '7d': 168 * hour, '30d': 720 * hour };

export const whenChoices: { value: string; label: string }[] = [
  { value: '', label: 'Any time' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
];

export function recordingFilterOf(query: URLSearchParams): RecordingFilter {
  const when = query.get('when') ?? '';
  return {
    text: query.get('q') ?? '',
    regex: query.get('regex') === 'true',
    user: query.get('user') ?? '',
    resource: query.get('resource') ?? '',
    when: when in backBy ? when : '',
  };
}

// `now` is when somebody looked: a day is counted from then.
export function recordingsPath(filter: RecordingFilter, now: number): string {
  const back = backBy[filter.when];
  const narrowed = {
    user: filter.user.trim(),
    resource: filter.resource.trim(),
    from: back ? new Date(now - back).toISOString() : null,
  };
  if (!filter.text) return withQuery('/recordings', narrowed);
  return withQuery('/recordings/search', { q: filter.text, regex: filter.regex || null, ...narrowed });
}
