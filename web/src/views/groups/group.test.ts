import { describe, expect, it } from 'vitest';
import type { Rule } from '../../api/types';
import { formOf, settingsOf } from '../../objects/fields';
import { groupFields, problemsOfGroup, usesOf } from './group';

const rule = (name: string, groups: Partial<Rule>): Rule =>
  ({
    name,
    required_groups: [],
    approval_groups: [],
    force_approval_groups: [],
    skip_review_groups: [],
    break_glass_groups: [],
    ...groups,
  }) as unknown as Rule;

describe('a group', () => {
  it('sends its members, and nothing where nobody is in it', () => {
    expect(settingsOf(groupFields, { members: ['bob'] })).toEqual({ members: ['bob'] });
    expect(settingsOf(groupFields, formOf(groupFields))).toEqual({});
  });
  it('has a name', () => {
    expect(problemsOfGroup({}, '')['name']).toBeDefined();
    expect(problemsOfGroup({}, 'ops team')).toEqual({});
    expect(problemsOfGroup({})).toEqual({});
  });
  it('matters to the rules that name it', () => {
    const rules = [
      rule('prod', { approval_groups: ['dba'], skip_review_groups: ['dba'] }),
      rule('dev', { required_groups: ['dba'] }),
      rule('other', { approval_groups: ['security'] }),
    ];
    expect(usesOf('dba', rules)).toEqual([
      { rule: 'prod', roles: ['approves', 'needs no review'] },
      { rule: 'dev', roles: ['may ask'] },
    ]);
    expect(usesOf('nobody', rules)).toEqual([]);
  });
});
