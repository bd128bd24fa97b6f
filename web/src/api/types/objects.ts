// Users, groups and resources, as they are kept. What the configuration file declares is read-only here.
import type { Kept, Login, RecordingMode, SecretReference, ShownSecret } from './common';

export interface UserSettings {
  display_name?: string;
  email?: string;
  oidc_subject?: string;
  aliases?: string[];
  scram_verifier?: SecretReference;
  certificate_name?: string;
}
export interface NewUser extends UserSettings {
  name: string;
}
export interface User extends Kept {
  name: string;
  display_name: string | null;
  email: string | null;
  oidc_subject: string | null;
  aliases: string[];
  scram_verifier: ShownSecret | null;
  certificate_name: string;
  groups: string[];
  administrator: boolean;
  has_password: boolean;
}

export interface GroupSettings {
  members: string[];
}
export interface NewGroup {
  name: string;
  members?: string[];
}
export interface Group extends Kept {
  name: string;
  members: string[];
}

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

export interface UpstreamTls {
  sslmode?: SslMode;
  root_certificate?: string;
  certificate?: string;
  key?: string;
}
export interface ResourceSettings {
  description?: string;
  host: string;
  port?: number;
  tls?: UpstreamTls;
  databases?: string[];
  default_database?: string;
  login?: Login;
  authentication?: 'scram' | 'certificate' | 'scram_or_certificate';
  role?: { user: string; password?: SecretReference };
  ephemeral?: { member_of: string[]; owner: string };
  admin_login?: { user: string; password?: SecretReference; database?: string };
  ungoverned?: { enforce?: 'report' | 'terminate'; interval?: string };
  prepared_transactions?: 'report' | 'rollback';
  on_store_loss?: 'keep-until-deadline' | 'end';
  recording?: RecordingMode;
  wind_down?: string;
  attributes?: Record<string, string>;
}
export interface NewResource extends ResourceSettings {
  name: string;
}
export interface Resource extends Kept {
  name: string;
  description: string;
  host: string;
  port: number;
  tls: {
    sslmode: SslMode;
    root_certificate: string | null;
    certificate: string | null;
    key: string | null;
  } | null;
  databases: string[];
  default_database: string;
  login: Login;
  authentication: 'scram' | 'certificate' | 'scram_or_certificate' | null;
  role: { user: string; password: ShownSecret | null } | null;
  ephemeral: { member_of: string[]; owner: string } | null;
  admin_login: { user: string; password: ShownSecret | null; database: string } | null;
  ungoverned: { enforce: 'report' | 'terminate'; interval: string } | null;
  prepared_transactions: 'report' | 'rollback' | null;
  on_store_loss: 'keep-until-deadline' | 'end';
  recording: RecordingMode;
  wind_down: string | null;
  attributes: Record<string, string>;
}

export interface Diagnosis {
  resource: string;
  at: string;
  server_version: string | null;
  findings: {
    check: string;
    severity: 'serious' | 'warning' | 'unchecked';
    problem: string;
    remedy: string;
  }[];
}
