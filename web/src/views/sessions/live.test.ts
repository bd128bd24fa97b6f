import { describe, expect, it } from 'vitest';
import type { Session } from '../../api/types';
import { byEnd, matching, phaseOf, severalNodes } from './live';

function session(id: string, more: Partial<Session> = {}): Session {
  return {
    id,
    grant: 'g-00000001',
    user: 'alice',
    resource: 'prod',
    database: 'orders',
    node: 'db-1',
    client_address: '192.0.2.7:51234',
    application_name: 'psql',
    phase: 'live',
    winding_down: false,
    recording: 'off',
    statement: null,
    tls: true,
    backend_pid: 4711,
    started_at: '2026-11-24T10:00:00Z',
    ends_at: '2026-11-24T12:00:00Z',
    remaining_seconds: 3600,
    bytes_from_client: 1,
    bytes_to_client: 2,
    cause: null,
    by_command: false,
    waiting_for: null,
    ...more,
  };
}

const ids = (sessions: Session[]) => sessions.map(({ id }) => id);

describe('live sessions', () => {
  it('come in the order in which they end', () => {
    const late = session('s-1', { ends_at: '2026-11-24T12:00:00.250Z' });
    const soon = session('s-2');
    const older = session('s-3', { started_at: '2026-11-24T09:00:00Z' });
    const given = [late, soon, older];
    expect(ids(byEnd(given))).toEqual(['s-3', 's-2', 's-1']);
    expect(ids(given)).toEqual(['s-1', 's-2', 's-3']);
  });

  it('are found by words of whatever is known of them', () => {
    const all = [session('s-1'), session('s-2', { user: 'bob', node: 'db-2' })];
    expect(ids(matching(all, 'BOB'))).toEqual(['s-2']);
    expect(ids(matching(all, ' prod  db-2 '))).toEqual(['s-2']);
    expect(ids(matching(all, '192.0.2.7'))).toEqual(['s-1', 's-2']);
    expect(ids(matching(all, 'alice db-2'))).toEqual([]);
    expect(ids(matching([session('s-3', { waiting_for: 'r-7k3mq9xd' })], 'r-7k3'))).toEqual(['s-3']);
    expect(ids(matching(all, ''))).toEqual(['s-1', 's-2']);
  });

  it('say what they are doing', () => {
    expect(phaseOf(session('s-1')).word).toBe('Live');
    expect(phaseOf(session('s-1', { winding_down: true })).word).toBe('Winding down');
    expect(phaseOf(session('s-1', { phase: 'handshake' })).tone).toBe('info');
    const ending = session('s-1', { phase: 'ending', cause: 'grant_revoked' });
    expect(phaseOf(ending)).toMatchObject({ tone: 'warn', means: 'Being ended: the grant was revoked.' });
    expect(phaseOf({ ...ending, remaining_seconds: -1 })).toMatchObject({ tone: 'bad' });
  });

  it('are of several nodes, or of one', () => {
    expect(severalNodes([session('s-1'), session('s-2')])).toBe(false);
    expect(severalNodes([session('s-1'), session('s-2', { node: 'db-2' })])).toBe(true);
    expect(severalNodes([])).toBe(false);
  });
});
