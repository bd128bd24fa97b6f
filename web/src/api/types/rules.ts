// Rules, and what they come to for somebody.
import type { Terms } from './catalogue';
import type { AllowedTimes, Kept, PreviewMode, RecordingMode, RequestType } from './common';

export interface RuleSettings {
  description?: string;
  types?: RequestType[];
  resources?: string[];
  attributes?: Record<string, string>;
  required_groups?: string[];
  approval_groups?: string[];
  require_all_groups?: boolean;
  min_approvals?: number;
  force_approval_groups?: string[];
  skip_review_groups?: string[];
  break_glass_groups?: string[];
  max_duration?: string;
  default_duration?: string;
  break_glass_duration?: string;
  reason_required?: boolean;
  reason_pattern?: string;
  allowed_times?: AllowedTimes;
  recording?: RecordingMode;
  allowed_statements?: { select?: string[]; functions?: string[] };
  preview?: PreviewMode;
}
export interface NewRule extends RuleSettings {
  name: string;
}
export interface Rule extends Kept {
  name: string;
  description: string;
  types: RequestType[];
  resources: string[];
  attributes: Record<string, string>;
  required_groups: string[];
  approval_groups: string[];
  require_all_groups: boolean;
  min_approvals: number;
  force_approval_groups: string[];
  skip_review_groups: string[];
  break_glass_groups: string[];
  max_duration: string;
  default_duration: string;
  break_glass_duration: string;
  reason_required: boolean;
  reason_pattern: string | null;
  allowed_times: AllowedTimes | null;
  recording: RecordingMode;
  allowed_statements: { select: string[]; functions: string[] }; // that run without asking; of type command
  preview: PreviewMode; // of type command
}

export interface Explanation {
  user: string;
  resource: string;
  type: RequestType;
  administrator: boolean;
  rules: { rule: Rule; applies: 'yes' | 'other_resource' | 'other_type' | 'not_in_groups' }[];
  terms: Terms;
}
