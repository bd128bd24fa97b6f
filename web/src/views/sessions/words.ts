// How sessions end, in words that need no manual. docs/auditor-guide.md says what each proves.
import type { EndCause, SessionRecord } from '../../api/types';
import { sayDuration } from '../../duration';
import type { BadgeTone } from '../../ui/StatusBadge';

export const causeWords: Record<EndCause, string> = {
  grant_expired: 'its time was up',
  grant_revoked: 'the grant was revoked',
  session_killed: 'an administrator killed it',
  user_removed: 'the user was removed, or left the group',
  resource_removed: 'the resource was removed',
  store_lost: 'the store was away too long',
  recording_failed: 'it could not be recorded any more',
  node_stopping: 'its node was stopped',
  node_crashed: 'its node crashed',
  client_closed: 'the client closed it',
  server_closed: 'PostgreSQL closed it',
  failed: 'the connection failed',
};

const ownEnds: ReadonlySet<EndCause> = new Set(['client_closed', 'server_closed', 'failed']);

// Whether it was ended, and did not end by itself.
export function isEnforced(cause: EndCause): boolean {
  return !ownEnds.has(cause);
}

export interface Said {
  tone: BadgeTone;
  word: string; // short, for a badge
  means: string; // a sentence
}

export function confirmationOf(session: Pick<SessionRecord, 'confirmation'>): Said {
  switch (session.confirmation) {
    case 'activity':
      return {
        tone: 'ok',
        word: 'Gone, confirmed',
        means: 'Its row has left pg_stat_activity: the server process has ended, and nothing runs on.',
      };
    case 'eof':
      return {
        tone: 'ok',
        word: 'Gone',
        means: 'PostgreSQL closed its connection, as a backend does when it exits.',
      };
    case 'never_started':
      return {
        tone: 'plain',
        word: 'Never started',
        means: 'It ended before PostgreSQL gave it a backend: nothing was ever run.',
      };
    case 'unconfirmed':
      return {
        tone: 'bad',
        word: 'Not confirmed',
        means: 'It could not be established that its backend is gone. Look for its pid in pg_stat_activity.',
      };
    case 'pending':
      return { tone: 'warn', word: 'Not over', means: 'The session is live, or is being ended.' };
  }
}

// Beyond this an end came later than it takes to end a session and to record that: as the API's `overstayed`.
export const notableOverstay = 1_000;

// How far past its deadline it was, by what is known at `now`; 0: it was not.
export function overstayOf(
  session: Pick<SessionRecord, 'overstay_ms' | 'deadline' | 'ended_at'>,
  now: number,
): number {
  return session.overstay_ms ?? Math.max(0, now - Date.parse(session.deadline));
}

export function hasOverstayed(
  session: Pick<SessionRecord, 'overstay_ms' | 'deadline' | 'ended_at'>,
  now: number,
): boolean {
  return overstayOf(session, now) > notableOverstay;
}

// `2 s`, and `340 ms` below one.
export function sayOverstay(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.floor(milliseconds)} ms` : sayDuration(milliseconds);
}

// `47 min`, of a session that is over.
export function lasted(session: Pick<SessionRecord, 'started_at' | 'ended_at'>): string {
  if (session.ended_at === null) return '';
  return sayDuration(Math.max(0, Date.parse(session.ended_at) - Date.parse(session.started_at)));
}

// `its time was up`, with a capital; what is not over says so.
export function endOf(session: Pick<SessionRecord, 'cause' | 'state'>): string {
  if (session.state === 'live') return 'Live';
  const words = session.cause ? causeWords[session.cause] : 'not known';
  return session.state === 'ending' ? `Ending: ${words}` : words.charAt(0).toUpperCase() + words.slice(1);
}

// What became of its last transaction where that is not what everybody would think: '' otherwise.
export function sayOutcome(session: Pick<SessionRecord, 'transaction_outcome'>): string {
  switch (session.transaction_outcome) {
    case 'rolled_back':
      return 'Its last transaction was rolled back.';
    case 'unknown':
      return 'What became of its last transaction is not known.';
    default:
      return '';
  }
}
