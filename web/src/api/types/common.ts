// What several subjects have in common.

export type Scope = 'read' | 'request' | 'review' | 'admin';
export type RequestType = 'jit' | 'command';
export type RecordingMode = 'off' | 'statements' | 'full';
export type PreviewMode = 'off' | 'explain' | 'dry_run';
export type Login = 'passthrough' | 'managed' | 'ephemeral';

export interface List<T> {
  items: T[];
  next: string | null;
}

export interface Kept {
  declared: boolean;
  changed_at: string | null;
  changed_by: string | null;
}

export type SecretReference = { file: string } | { env: string } | { credential: string };
export interface ShownSecret {
  file?: string;
  env?: string;
  credential?: string;
  declared?: true;
}

export interface AllowedTimes {
  time_zone: string;
  windows: string[];
}
