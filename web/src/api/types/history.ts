// What has been: the timeline and the audit trail.
import type { Request } from './requests';
import type { Grant, SessionRecord } from './sessions';

export interface GrantExtension {
  at: string;
  by: string | null; // null: not recorded
  request: string | null;
  from: string;
  to: string;
}

export interface GrantOnTimeline {
  grant: Grant;
  request: Request | null; // null: it was given by hand
  extensions: GrantExtension[];
  sessions: SessionRecord[]; // started last first
}

export interface Timeline {
  from: string;
  to: string;
  as_of: string; // the store's now
  grants: GrantOnTimeline[]; // given last first
  not_approved: Request[]; // asked last first
  cut: boolean; // there is more
}

export interface AuditEvent {
  number: number;
  at: string;
  kind: string;
  id: string;
  actor: string | null; // null: nobody's doing
  summary: Record<string, unknown>;
  hash: string;
}

// How far the audit trail has come, signed. As it is written, so it is kept.
export interface AuditHead {
  at: string;
  hash: string;
  installation: string;
  key: string;
  node: string;
  number: number;
  signature: string;
}
