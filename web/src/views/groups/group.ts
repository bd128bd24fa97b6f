// What a group consists of, and which rules it matters to.
import type { Rule } from '../../api/types';
import type { FieldSpec, Form } from '../../objects/fields';
import { wrongName } from '../../objects/object_names';
import type { Problems } from '../../objects/problems';

export const groupFields: FieldSpec[] = [{ path: 'members', kind: 'names', label: 'Members' }];

export function problemsOfGroup(_form: Form, name?: string): Problems {
  const wrong = name === undefined ? undefined : wrongName(name);
  return wrong ? { name: wrong } : {};
}

const roles: [keyof Rule, string][] = [
  ['required_groups', 'may ask'],
  ['approval_groups', 'approves'],
  ['force_approval_groups', 'approves alone'],
  ['skip_review_groups', 'needs no review'],
  ['break_glass_groups', 'may break the glass'],
];

export interface Use {
  rule: string;
  roles: string[]; // what the rule lets its members do
}

// The rules that name the group, and what for.
export function usesOf(group: string, rules: Rule[]): Use[] {
  return rules
    .map((rule) => ({
      rule: rule.name,
      roles: roles.filter(([member]) => (rule[member] as string[]).includes(group)).map(([, word]) => word),
    }))
    .filter(({ roles: found }) => found.length > 0);
}
