// Grants, and the sessions under them.
import type { RecordingMode } from './common';

// What may be done under it: connect; connect, with each command approved before it runs; or nothing but what a node runs of
// one approved script.
export type GrantUse = 'sessions' | 'commands' | 'script' | 'preview';

export interface Grant {
  id: string;
  subject: string;
  resource: string;
  state: 'upcoming' | 'active' | 'ended' | 'revoked';
  starts_at: string;
  ends_at: string;
  starts_in_seconds: number;
  remaining_seconds: number;
  replication: boolean;
  reason: string;
  given_by: string;
  given_at: string;
  revoked: { at: string; by: string; reason: string } | null;
  use: GrantUse;
}

export type EndCause =
  | 'grant_expired'
  | 'grant_revoked'
  | 'session_killed'
  | 'user_removed'
  | 'resource_removed'
  | 'store_lost'
  | 'recording_failed'
  | 'node_stopping'
  | 'node_crashed'
  | 'client_closed'
  | 'server_closed'
  | 'failed';

// Of a session that is there, and of one that was.
interface SessionFacts {
  id: string;
  grant: string;
  user: string;
  resource: string;
  database: string;
  node: string;
  client_address: string;
  application_name: string;
}

export interface Session extends SessionFacts {
  phase: 'handshake' | 'live' | 'ending';
  winding_down: boolean | null;
  recording: RecordingMode;
  tls: boolean | null;
  backend_pid: number | null;
  started_at: string;
  ends_at: string;
  remaining_seconds: number; // below zero: overdue, and the backend is not known to be gone
  bytes_from_client: number | null;
  bytes_to_client: number | null;
  statement: { sql: string; since: string } | null; // that runs now, where it is recorded
  cause: EndCause | null;
  by_command: boolean | null; // each command is approved before it runs; null: not known of another node's
  waiting_for: string | null; // the request that it waits for
}

export interface SessionRecord extends SessionFacts {
  backend: { pid: number | null; started: string | null };
  started_at: string;
  state: 'live' | 'ending' | 'ended';
  ended_at: string | null;
  deadline: string; // the end of its grant, by its time or as it was revoked
  overstay_ms: number | null; // null: it is not over
  cause: EndCause | null;
  confirmation: 'pending' | 'activity' | 'eof' | 'never_started' | 'unconfirmed';
  detail: string;
  // What was seen of it. null: not known, or no such thing.
  client_closed_at: string | null;
  backend_gone_at: string | null;
  client_overstay_ms: number | null; // null also: it ended by itself
  backend_overstay_ms: number | null;
  bytes_from_client: number | null;
  bytes_to_client: number | null;
  last_statement: string | null; // empty: none
  transaction_outcome: TransactionOutcome | null;
  recording: RecordingMode | null;
  recording_hash: string | null;
  recording_bytes: number | null;
}

// What became of the last transaction; none: nothing was asked for.
export type TransactionOutcome = 'none' | 'committed' | 'rolled_back' | 'unknown';

export type SessionOutcome = 'not_over' | 'by_itself' | 'enforced' | 'unconfirmed' | 'overstayed';
