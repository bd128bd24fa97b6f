// Requests and their reviews.
import type { Command, CommandResult } from './commands';
import type { RequestType } from './common';
import type { Grant } from './sessions';

export type Verdict = 'approve' | 'reject';
export type Status = 'PENDING' | 'APPROVED' | 'REJECTED' | 'REVOKED' | 'EXECUTED';
export type Decision =
  | 'none'
  | 'reviewed'
  | 'force_approved'
  | 'review_skipped'
  | 'administrator'
  | 'break_glass'
  | 'signed_offline'
  | 'review_timed_out'
  | 'cancelled'
  | 'revoked'
  | 'right_lost'
  | 'window_passed'
  | 'command_run'
  | 'not_run';

export interface Review {
  reviewer: string;
  group: string;
  verdict: Verdict;
  comment: string;
  duration: string | null;
  at: string;
}

export interface RuleProgress {
  rule: string;
  approval_groups: string[];
  approvals: number;
  wanted: number;
  missing_groups: string[];
  satisfied: boolean;
}

export interface Progress {
  approved: boolean;
  rules: RuleProgress[];
}

export interface RequestView {
  progress: Progress | null; // null unless PENDING
  may_review_for: string[];
  may_cancel: boolean;
  may_revoke: boolean;
  grant: Grant | null;
  url: string | null;
}

export interface Request {
  id: string;
  kind: 'access' | 'extension';
  type: RequestType;
  requester: string;
  resource: string;
  duration: string;
  starts_at: string | null; // null: at the final approval
  reason: string;
  replication: boolean;
  asked_at: string;
  review_ends_at: string;
  status: Status;
  decision: Decision;
  decided_by: string | null;
  decided_at: string | null;
  decision_comment: string;
  approval: Decision; // how it was approved, whatever became of it since; none: it was not
  approved_at: string | null;
  reviews: Review[];
  rules: string[];
  granted: string | null;
  grant: string | null;
  review_due: boolean;
  command: Command | null; // of type command
  command_result: CommandResult | null; // once its end is known
  view: RequestView | null; // null in lists and events
}

export interface NewRequest {
  resource?: string;
  extends?: string;
  type?: RequestType;
  duration?: string;
  starts_at?: string;
  reason?: string;
  replication?: boolean;
  break_glass?: boolean;
  command?: { sql: string; database?: string }; // of type command: a script
}

export interface NewReview {
  verdict: Verdict;
  group?: string;
  comment?: string;
  duration?: string;
}

export interface Credential {
  user: string;
  password: string;
  ends_at: string;
  host: string;
  port: number;
  database: string;
  uri: string;
  pgpass: string;
  service_file: string;
}
