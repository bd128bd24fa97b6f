// Reviews of accesses, as the API gives them.
import type { Grant } from './types';

export type GrantFinding =
  | 'given_by_hand'
  | 'break_glass'
  | 'force_approved'
  | 'review_skipped'
  | 'administrator'
  | 'signed_offline'
  | 'review_due'
  | 'unused'
  | 'overstayed'
  | 'unconfirmed';

export interface ReviewedGrant {
  grant: Grant;
  request: { id: string; reason: string } | null; // null: it was given by hand
  asked_seconds: number | null;
  given_seconds: number;
  approvers: string[];
  use: {
    sessions: number;
    users: string[];
    used_seconds: number;
    first_at: string | null;
    not_over: number;
    enforced: number;
    overstayed: number;
    longest_overstay_ms: number;
    unconfirmed: number;
  };
  findings: GrantFinding[];
}

export type PrivilegeKind =
  'administrators' | 'skipped_review' | 'forced_review' | 'long_grant' | 'shared_grant' | 'database';

export interface StandingPrivilege {
  kind: PrivilegeKind;
  resource: string | null; // null: all
  who: string | null;
  detail: string;
  source: string | null;
}
