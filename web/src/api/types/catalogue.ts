// What may be asked for, and on which terms.
import type { AllowedTimes, Login } from './common';

export interface Terms {
  rules: string[];
  covered: boolean;
  may_ask: boolean;
  max_duration: string | null;
  default_duration: string | null;
  break_glass_duration: string | null;
  reason_required: boolean;
  reason_patterns: string[];
  allowed_times: AllowedTimes[];
  reviewing_groups: string[];
  skips_review: boolean;
  may_break_glass: boolean;
}

export interface Connection {
  host: string;
  port: number;
  database: string;
  tls: 'disable' | 'allow' | 'require';
}

export interface CatalogueEntry {
  resource: string;
  description: string;
  attributes: Record<string, string>;
  databases: string[];
  login: Login;
  credential: boolean;
  connection: Connection | null;
  terms: Terms;
  command_terms: Terms; // the same for requests of type command
}
