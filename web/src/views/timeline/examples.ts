// Objects for the tests of the timeline: alice's hour on prod, from 10:00 to 11:00.
import type { Grant, GrantOnTimeline, Request, SessionRecord, Timeline } from '../../api/types';

export const at = (time: string) => `2026-11-24T${time}:00Z`;

export function aRequest(more: Partial<Request> = {}): Request {
  return {
    id: 'r-00000001',
    kind: 'access',
    type: 'jit',
    requester: 'alice',
    resource: 'prod',
    duration: '1h',
    starts_at: null,
    reason: 'ticket 4711',
    replication: false,
    asked_at: at('09:50'),
    review_ends_at: at('10:50'),
    status: 'APPROVED',
    decision: 'reviewed',
    decided_by: 'carol',
    decided_at: at('10:00'),
    decision_comment: '',
    approval: 'reviewed',
    approved_at: at('10:00'),
    reviews: [
      { reviewer: 'carol', group: 'dba', verdict: 'approve', comment: '', duration: null, at: at('10:00') },
    ],
    rules: ['prod'],
    granted: '1h',
    grant: 'g-00000001',
    review_due: false,
    command: null,
    command_result: null,
    view: null,
    ...more,
  };
}

export function theGrant(more: Partial<Grant> = {}): Grant {
  return {
    id: 'g-00000001',
    subject: 'alice',
    resource: 'prod',
    state: 'ended',
    starts_at: at('10:00'),
    ends_at: at('11:00'),
    starts_in_seconds: 0,
    remaining_seconds: 0,
    replication: false,
    reason: 'ticket 4711',
    given_by: 'carol',
    given_at: at('10:00'),
    revoked: null,
    use: 'sessions',
    ...more,
  };
}

export function aGrant(more: Partial<GrantOnTimeline> = {}): GrantOnTimeline {
  return { grant: theGrant(), request: aRequest(), extensions: [], sessions: [], ...more };
}

export function aSession(more: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: 's-00000001',
    grant: 'g-00000001',
    user: 'alice',
    resource: 'prod',
    database: 'orders',
    node: 'db-1',
    client_address: '192.0.2.7:51234',
    application_name: 'psql',
    backend: { pid: 4711, started: '2026-11-24 10:10:00+00' },
    started_at: at('10:10'),
    state: 'ended',
    ended_at: at('10:40'),
    deadline: at('11:00'),
    overstay_ms: 0,
    cause: 'client_closed',
    confirmation: 'eof',
    detail: '',
    client_closed_at: at('10:40'),
    backend_gone_at: at('10:40'),
    client_overstay_ms: null,
    backend_overstay_ms: null,
    bytes_from_client: 100,
    bytes_to_client: 1_000,
    last_statement: null,
    transaction_outcome: 'committed',
    recording: 'off',
    recording_hash: null,
    recording_bytes: null,
    ...more,
  };
}

export function aTimeline(more: Partial<Timeline> = {}): Timeline {
  return {
    from: at('00:00'),
    to: '2026-11-25T00:00:00Z',
    as_of: at('12:00'),
    grants: [],
    not_approved: [],
    cut: false,
    ...more,
  };
}
