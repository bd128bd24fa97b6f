import { describe, expect, it } from 'vitest';
import type { Explanation, Rule, Terms } from '../../api/types';
import { stepsOf } from './steps';

const rule = (name: string, more: Partial<Rule> = {}): Rule => ({
  name,
  description: '',
  types: ['jit'],
  resources: ['prod'],
  attributes: {},
  required_groups: [],
  approval_groups: ['dba'],
  require_all_groups: false,
  min_approvals: 1,
  force_approval_groups: [],
  skip_review_groups: [],
  break_glass_groups: [],
  max_duration: '8h',
  default_duration: '1h',
  break_glass_duration: '30m',
  reason_required: false,
  reason_pattern: null,
  allowed_times: null,
  recording: 'off',
  allowed_statements: { select: [], functions: [] },
  preview: 'off',
  declared: true,
  changed_at: null,
  changed_by: null,
  ...more,
});
const terms: Terms = {
  rules: ['production', 'cards'],
  covered: true,
  may_ask: true,
  max_duration: '1h',
  default_duration: '1h',
  break_glass_duration: '30m',
  reason_required: true,
  reason_patterns: ['PAY-[0-9]+'],
  allowed_times: [],
  reviewing_groups: ['dba', 'security'],
  skips_review: false,
  may_break_glass: false,
};
const production = rule('production');
const cards = rule('cards', {
  required_groups: ['payments'],
  approval_groups: ['security'],
  max_duration: '1h',
  reason_pattern: 'PAY-[0-9]+',
  allowed_times: { time_zone: 'UTC', windows: ['Mon 08:00-10:00'] },
});
const explanation: Explanation = {
  user: 'paul',
  resource: 'prod',
  type: 'jit',
  administrator: false,
  rules: [
    { rule: rule('elsewhere', { resources: ['dev'] }), applies: 'other_resource' },
    { rule: production, applies: 'yes' },
    { rule: cards, applies: 'yes' },
    { rule: rule('commands', { types: ['command'] }), applies: 'other_type' },
    { rule: rule('leads', { required_groups: ['leads'] }), applies: 'not_in_groups' },
  ],
  terms,
};
const members = new Map([
  ['dba', ['bob', 'paul']],
  ['security', ['sue']],
]);

describe('the steps of a decision', () => {
  it('say first whether somebody may ask', () => {
    expect(stepsOf(explanation, null).verdict).toEqual({ may: true, said: 'paul may ask for prod.' });
    const closed = { ...explanation, terms: { ...terms, may_ask: false, covered: false } };
    expect(stepsOf(closed, null).verdict.said).toContain('no rule covers it');
    const others = { ...explanation, terms: { ...terms, may_ask: false } };
    expect(stepsOf(others, null).verdict.said).toContain('none of them is for a group of theirs');
    expect(stepsOf({ ...closed, administrator: true }, null).verdict).toMatchObject({ may: true });
  });

  it('name the rules that apply first, and why the others do not', () => {
    const { rules } = stepsOf(explanation, null);
    expect(rules.map(({ rule: name }) => name)).toEqual([
      'production',
      'cards',
      'elsewhere',
      'commands',
      'leads',
    ]);
    expect(rules.map(({ applies }) => applies)).toEqual([true, true, false, false, false]);
    expect(rules[2]?.because).toBe('It covers dev, and not prod.');
    expect(rules[3]?.because).toContain('type command, and not jit');
    expect(rules[4]?.because).toContain('paul is in none of these groups');
  });

  it('say which rule a limit comes from', () => {
    expect(stepsOf(explanation, null).terms).toEqual([
      ['Longest duration', '1h (rule cards)'],
      ['Where none is named', '1h (rules production, cards)'],
      ['Reason', 'required, that matches PAY-[0-9]+ (rule cards)'],
      ['Only at these times', 'Mon 08:00-10:00, UTC (rule cards)'],
    ]);
  });

  it('say that sessions are recorded, and by which rule', () => {
    const recorded = [rule('quiet'), rule('seen', { recording: 'full' })];
    const steps = stepsOf(
      { ...explanation, rules: recorded.map((one) => ({ rule: one, applies: 'yes' as const })) },
      null,
    );
    expect(steps.terms).toContainEqual(['Recorded', 'statements and results (rule seen)']);
    expect(stepsOf(explanation, null).terms.map(([head]) => head)).not.toContain('Recorded');
  });

  it('say what approvers see of a command beforehand, and by which rule', () => {
    const rules = [
      rule('plain'),
      rule('planned', { preview: 'explain' }),
      rule('tried', { preview: 'dry_run' }),
    ];
    const previews = (type: 'jit' | 'command') =>
      stepsOf(
        { ...explanation, type, rules: rules.map((one) => ({ rule: one, applies: 'yes' as const })) },
        null,
      )
        .terms.filter(([head]) => head === 'Preview for approvers')
        .map(([, said]) => said);
    expect(previews('command')).toEqual(['the plan (rule planned)', 'a dry run (rule tried)']);
    expect(previews('jit')).toEqual([]);
  });

  it('say who could approve, without who asks', () => {
    const { review } = stepsOf(explanation, members);
    expect(review.rules).toEqual([
      { rule: 'production', wants: 'one of dba', people: ['bob'], lacks: null },
      { rule: 'cards', wants: 'one of security', people: ['sue'], lacks: null },
    ]);
    expect(stepsOf(explanation, null).review.rules.map(({ people }) => people)).toEqual([null, null]);
  });

  it('say where nobody could approve', () => {
    const alone = new Map([['dba', ['paul']]]);
    expect(stepsOf(explanation, alone).review.rules[0]?.lacks).toContain('besides paul there are 0');
    const each = rule('each', { approval_groups: ['dba', 'security'], require_all_groups: true });
    const lacks = (groups: Map<string, string[]>) =>
      stepsOf({ ...explanation, rules: [{ rule: each, applies: 'yes' }] }, groups).review.rules[0]?.lacks;
    expect(lacks(members)).toBeNull();
    expect(lacks(new Map([['dba', ['bob']]]))).toContain('security has nobody');
    const forced = rule('forced', { force_approval_groups: ['leads'] });
    const withLead = stepsOf(
      { ...explanation, rules: [{ rule: forced, applies: 'yes' }] },
      new Map([['leads', ['lea']]]),
    );
    expect(withLead.review.rules[0]?.lacks).toBeNull();
  });

  it('say that no review is needed, and why', () => {
    expect(stepsOf({ ...explanation, administrator: true }, members).review).toMatchObject({ needed: false });
    const trusted = { ...explanation, terms: { ...terms, skips_review: true } };
    expect(stepsOf(trusted, members).review.said).toContain('needs no review');
  });

  it('say what break-glass gives', () => {
    expect(stepsOf(explanation, null).breakGlass).toBeNull();
    expect(
      stepsOf({ ...explanation, terms: { ...terms, may_break_glass: true } }, null).breakGlass,
    ).toContain('30m');
  });
});
