// Nodes.

export interface NodeStatus {
  version: string;
  node: string;
  started_at: string;
  ready: boolean;
  not_ready_because: string[];
  sessions: number;
  unconfirmed_backends: number;
  listeners: string[];
  resources: string[];
  admin_logins: { resource: string; up: boolean; since: string; problem: string | null }[];
  config_file: string;
}

export interface FleetNode {
  node: string;
  state: 'up' | 'gone';
  version: string;
  address: string;
  resources: string[];
  sessions: number;
  started_at: string;
  seen_at: string;
  seen_seconds_ago: number;
}
