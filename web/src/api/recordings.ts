// Recordings, as the API gives them. docs/recording-format.md has every kind of entry and its members.
import type { EndCause, RecordingMode } from './types';

export interface Recording {
  id: string; // of the session
  grant: string;
  user: string;
  resource: string;
  database: string;
  node: string;
  started_at: string;
  state: 'live' | 'ending' | 'ended';
  ended_at: string | null;
  cause: EndCause | null;
  mode: RecordingMode | null;
  bytes: number | null; // null: not known, as while it lives
  hash: string | null;
}

export type Condition = 'open' | 'complete' | 'cut' | 'broken';

export interface Integrity {
  condition: Condition;
  lost_bytes: number;
  what: string;
}

// A value as it went over the wire.
export type Value =
  null | string | { text?: string; text_base64?: string; binary?: string; redacted?: true; size?: number };

// Members that have their usual value are left out.
export interface Entry {
  at: number; // microseconds since the recording began
  kind: string;
  [member: string]: unknown;
}

export interface RecordingPage {
  recording: Recording;
  first: number; // of the first item, from 0
  items: Entry[];
  next: string | null;
  integrity: Integrity;
}

export interface Hit {
  recording: Recording;
  number: number;
  at: number;
  time: string;
  kind: string;
  member: string;
  before: string;
  match: string;
  after: string;
}

export interface SearchPage {
  items: Hit[];
  next: string | null;
  recordings: number; // in which it was looked
  missing: number;
  elsewhere: string[]; // nodes that have some
}

export function recordingPath(session: string): string {
  return `/sessions/${encodeURIComponent(session)}/recording`;
}
