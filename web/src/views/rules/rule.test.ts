import { describe, expect, it } from 'vitest';
import type { Rule } from '../../api/types';
import { formOf, settingsOf, type Form } from '../../objects/fields';
import {
  fieldsToRead,
  problemsOfRule,
  ruleFields,
  sayCoverage,
  sayForm,
  sayReview,
  settingsOfRule,
  wrongWindow,
} from './rule';

const rule: Rule = {
  name: 'prod',
  description: 'Production',
  types: ['command'],
  resources: ['prod'],
  attributes: { env: 'prod' },
  required_groups: ['developers'],
  approval_groups: ['dba', 'security'],
  require_all_groups: true,
  min_approvals: 2,
  force_approval_groups: ['leads'],
  skip_review_groups: [],
  break_glass_groups: ['oncall'],
  max_duration: '4h',
  default_duration: '1h',
  break_glass_duration: '30m',
  reason_required: true,
  reason_pattern: 'OPS-[0-9]+',
  allowed_times: { time_zone: 'Europe/Berlin', windows: ['Mon-Fri 08:00-18:00'] },
  recording: 'statements',
  allowed_statements: { select: ['public.orders'], functions: ['public.total'] },
  preview: 'explain',
  declared: false,
  changed_at: null,
  changed_by: null,
};

const good: Form = { ...formOf(ruleFields), types: ['jit'], resources: ['prod'], approval_groups: ['dba'] };
const wrong = (changes: Form, name?: string) => problemsOfRule({ ...good, ...changes }, name);

describe('the form of a rule', () => {
  it('has a field for each setting', () => {
    const { name, declared, changed_at, changed_by, ...settings } = rule;
    expect([name, declared, changed_at, changed_by]).toHaveLength(4);
    const covered = new Set(ruleFields.map(({ path }) => path.split('.')[0]));
    expect([...covered].sort()).toEqual(Object.keys(settings).sort());
  });
  it('sends what was shown', () => {
    const sent = settingsOf(ruleFields, formOf(ruleFields, rule), rule);
    const { name, declared, changed_at, changed_by, skip_review_groups, ...settings } = rule;
    expect([name, declared, changed_at, changed_by, skip_review_groups]).toHaveLength(5);
    expect(sent).toEqual(settings);
  });
  it('sends nothing about commands where it is for none', () => {
    const sent = settingsOfRule({ ...formOf(ruleFields, rule), types: ['jit'] }, rule);
    expect(sent).not.toHaveProperty('allowed_statements');
    expect(sent).not.toHaveProperty('preview');
    expect(settingsOfRule(formOf(ruleFields, rule), rule)).toMatchObject({
      allowed_statements: { select: ['public.orders'], functions: ['public.total'] },
      preview: 'explain',
    });
  });
  it('sends a preview that was chosen', () => {
    const chosen = (preview: string) =>
      settingsOfRule({ ...formOf(ruleFields, rule), preview }, rule)['preview'];
    expect(chosen('dry_run')).toBe('dry_run');
    expect(chosen('off')).toBe('off');
    expect(chosen('')).toBeUndefined();
  });
  it('shows no preview of a rule that is for no commands', () => {
    const read = (...types: Rule['types']) => fieldsToRead({ types }).map(({ path }) => path);
    expect(read('jit')).not.toContain('preview');
    expect(read('jit', 'command')).toEqual(ruleFields.map(({ path }) => path));
  });
  it('sends no section of times where there are none', () => {
    expect(settingsOf(ruleFields, good)).toEqual({
      types: ['jit'],
      resources: ['prod'],
      approval_groups: ['dba'],
    });
  });
});

describe('what is wrong with a rule', () => {
  it('is nothing of a good one', () => {
    expect(wrong({}, 'prod')).toEqual({});
    expect(problemsOfRule(formOf(ruleFields, rule))).toEqual({});
  });
  it('is a name that nobody can type', () => expect(wrong({}, 'a b')['name']).toBeDefined());
  it('is that it covers nothing', () => {
    expect(wrong({ resources: [] })['resources']).toContain('covers nothing');
    expect(wrong({ resources: [], attributes: [['env', 'prod']] })).toEqual({});
  });
  it('is that nobody could approve, or review what was done by break-glass', () => {
    expect(wrong({ approval_groups: [] })['approval_groups']).toContain('Nobody could approve');
    expect(wrong({ approval_groups: [], force_approval_groups: ['leads'] })).toEqual({});
    expect(wrong({ approval_groups: [], skip_review_groups: ['dba'] })).toEqual({});
    expect(
      wrong({ approval_groups: [], skip_review_groups: ['dba'], break_glass_groups: ['oncall'] })[
        'approval_groups'
      ],
    ).toContain('break-glass');
  });
  it('is a number of people that is none', () => {
    for (const people of ['0', '101', 'two', '-1', '1.5'])
      expect(wrong({ min_approvals: people })['min_approvals']).toBeDefined();
    expect(wrong({ min_approvals: '100' })).toEqual({});
  });
  it('is a duration beyond the longest one', () => {
    expect(wrong({ max_duration: '1h', default_duration: '2h' })['default_duration']).toContain(
      'which is 1h',
    );
    expect(wrong({ default_duration: '9h' })['default_duration']).toContain('which is 8h');
    expect(wrong({ break_glass_duration: '5h' })['break_glass_duration']).toBe('Expected 1s to 4h.');
    expect(wrong({ max_duration: 'soon', default_duration: '2h' })).toEqual({
      max_duration: expect.stringContaining('not a duration'),
    });
  });
  it('is a table that is written otherwise', () => {
    const allowed = (...select: string[]) =>
      wrong({ types: ['command'], 'allowed_statements.select': select })['allowed_statements.select'];
    expect(allowed('public.orders', 'analytics.*', 'lookup')).toBeUndefined();
    for (const one of ['*', '"Orders"', 'a.b.c', 'public orders', '.t', 'public.'])
      expect(allowed(one)).toContain(one);
  });
  it('is a time zone without windows, and windows without one', () => {
    expect(wrong({ 'allowed_times.time_zone': 'UTC' })['allowed_times.windows']).toBeDefined();
    expect(wrong({ 'allowed_times.windows': 'Mon 08:00-10:00' })['allowed_times.time_zone']).toBeDefined();
  });
  it('names each window that cannot be read', () => {
    const windows = wrong({
      'allowed_times.time_zone': 'UTC',
      'allowed_times.windows': 'Mo 8-10\nTue 08:00-10:00\nX',
    });
    expect(windows['allowed_times.windows']?.split('\n')).toHaveLength(2);
  });
});

describe('wrongWindow', () => {
  it.each(['Mon-Fri 08:00-18:00', 'Sat 10:00-12:00', 'Fri 22:00-06:00', 'Mon-Sun 00:00-24:00'])(
    'takes %s',
    (line) => expect(wrongWindow(line)).toBeUndefined(),
  );
  it.each([
    'Mon 8:00-10:00',
    'mon 08:00-10:00',
    'Mon 24:00-10:00',
    'Mon 08:00-24:30',
    'Mon 08:00',
    '08:00-10:00',
  ])('refuses %s', (line) => expect(wrongWindow(line)).toBeDefined());
});

describe('a rule in words', () => {
  it('says what it covers', () => {
    expect(sayCoverage(rule)).toBe('prod, and all with env=prod');
    expect(sayCoverage({ resources: [], attributes: { a: '1', b: '2' } })).toBe('all with a=1 and b=2');
  });
  it('says who decides, and how many', () => {
    expect(sayReview(rule)).toBe('one of each of dba and security, or one of leads alone');
    expect(sayReview({ ...rule, min_approvals: 3 })).toContain('3 people in all');
    expect(sayReview({ ...rule, require_all_groups: false, force_approval_groups: [] })).toBe(
      '2 people of dba or security',
    );
    expect(
      sayReview({ ...rule, approval_groups: ['dba'], min_approvals: 1, force_approval_groups: [] }),
    ).toBe('one of dba');
    expect(sayReview({ ...rule, approval_groups: [] })).toBe('one of leads');
    expect(sayReview({ ...rule, approval_groups: [], force_approval_groups: [] })).toContain('nobody');
  });
  it('says what is being written', () => {
    expect(sayForm(good)).toBe('Everybody may ask for prod, for 8h at most. Approved by one of dba.');
    expect(sayForm(formOf(ruleFields))).toContain('may ask for …');
    expect(sayForm({ ...good, types: ['command'] })).toBe(
      'Everybody may connect to prod and ask for each command. Approved by one of dba.',
    );
  });
});
