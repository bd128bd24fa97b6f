// The list of live sessions: its order, and what one of them is said to be doing.
import type { Session } from '../../api/types';
import { causeWords, type Said } from './words';

// What ends first is on top; of those that end together the oldest.
export function byEnd(sessions: Session[]): Session[] {
  const ends = (session: Session) => Date.parse(session.ends_at);
  return [...sessions].sort(
    (a, b) => ends(a) - ends(b) || a.started_at.localeCompare(b.started_at) || a.id.localeCompare(b.id),
  );
}

// Those in which each of the words occurs.
export function matching(sessions: Session[], words: string): Session[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return sessions.filter((session) => {
    const { user, resource, database, node, client_address, application_name, id, waiting_for } = session;
    const text = [user, resource, database, node, client_address, application_name, id, waiting_for]
      .join('\n')
      .toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

export function phaseOf(
  session: Pick<Session, 'phase' | 'winding_down' | 'cause' | 'remaining_seconds'>,
): Said {
  const why = session.cause ? causeWords[session.cause] : '';
  switch (session.phase) {
    case 'handshake':
      return { tone: 'info', word: 'Logging in', means: 'PostgreSQL has not taken it yet.' };
    case 'live':
      if (session.winding_down)
        return {
          tone: 'warn',
          word: 'Winding down',
          means: 'No new transaction begins; one that is open may be finished.',
        };
      return { tone: 'ok', word: 'Live', means: 'It may run statements.' };
    case 'ending':
      return session.remaining_seconds < 0
        ? { tone: 'bad', word: 'Ending, overdue', means: `Its backend is not known to be gone yet: ${why}.` }
        : { tone: 'warn', word: 'Ending', means: why ? `Being ended: ${why}.` : 'Being ended.' };
  }
}

// Whether which node has a session tells one from another.
export function severalNodes(sessions: Pick<Session, 'node'>[]): boolean {
  return new Set(sessions.map(({ node }) => node)).size > 1;
}
