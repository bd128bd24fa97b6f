// What a rule consists of, what can be seen to be wrong with it before it is sent, and how it reads in a sentence.
import type { Rule } from '../../api/types';
import { readDuration, wrongDuration } from '../../objects/durations';
import {
  flag,
  names,
  pairs,
  settingsOf,
  text,
  type FieldSpec,
  type Form,
  type Settings,
} from '../../objects/fields';
import { wrongPlainName } from '../../objects/object_names';
import type { Problems } from '../../objects/problems';

export const ruleFields: FieldSpec[] = [
  { path: 'description', kind: 'text', label: 'Description' },
  { path: 'types', kind: 'names', label: 'Types of request' },
  { path: 'resources', kind: 'names', label: 'Resources' },
  { path: 'attributes', kind: 'pairs', label: 'Attributes' },
  { path: 'required_groups', kind: 'names', label: 'Who may ask' },
  { path: 'approval_groups', kind: 'names', label: 'Who approves' },
  { path: 'require_all_groups', kind: 'flag', label: 'Each of these groups has to approve' },
  { path: 'min_approvals', kind: 'number', label: 'How many people have to approve' },
  { path: 'force_approval_groups', kind: 'names', label: 'Whose approval is enough alone' },
  { path: 'skip_review_groups', kind: 'names', label: 'Who needs no review' },
  { path: 'break_glass_groups', kind: 'names', label: 'Who may break the glass' },
  { path: 'max_duration', kind: 'duration', label: 'Longest duration' },
  { path: 'default_duration', kind: 'duration', label: 'Duration where none is named' },
  { path: 'break_glass_duration', kind: 'duration', label: 'Longest duration by break-glass' },
  { path: 'reason_required', kind: 'flag', label: 'A request has to say why' },
  { path: 'reason_pattern', kind: 'text', label: 'What the reason has to match' },
  { path: 'allowed_times.time_zone', kind: 'text', label: 'Time zone' },
  { path: 'allowed_times.windows', kind: 'lines', label: 'Weekly windows' },
  { path: 'recording', kind: 'choice', label: 'Recording' },
  { path: 'allowed_statements.select', kind: 'names', label: 'Tables that may be read without asking' },
  { path: 'allowed_statements.functions', kind: 'names', label: 'Functions that may be called there' },
  { path: 'preview', kind: 'choice', label: 'Preview for approvers' },
];

export const isByCommand = (form: Form): boolean => names(form, 'types').includes('command');

// What is sent of a form: a rule that is for no commands says nothing about them.
export function settingsOfRule(form: Form, shown?: Rule): Settings {
  const none = { 'allowed_statements.select': [], 'allowed_statements.functions': [], preview: '' };
  return settingsOf(ruleFields, isByCommand(form) ? form : { ...form, ...none }, shown);
}

// The fields of a rule that is only read: a preview is of commands.
export function fieldsToRead({ types }: Pick<Rule, 'types'>): FieldSpec[] {
  return ruleFields.filter(({ path }) => path !== 'preview' || types.includes('command'));
}

// What the server takes where nothing is said (policy/rule.hpp).
export const usual = { max: '8h', duration: '1h', breakGlass: '30m' };

const hour = 3_600_000;
const day = '(Sun|Mon|Tue|Wed|Thu|Fri|Sat)';
const time = '([01]\\d|2[0-3]):[0-5]\\d';
const window = new RegExp(`^${day}(-${day})? ${time}-(${time}|24:00)$`);

// As policy's: `public.orders`, `analytics.*` or `lookup`.
const part = '[^\\s."*]+';
const objectPattern = new RegExp(`^(${part}\\.)?${part}$|^${part}\\.\\*$`);

function checkAllowed(form: Form, problems: Problems): void {
  if (!isByCommand(form)) return;
  for (const path of ['allowed_statements.select', 'allowed_statements.functions']) {
    const wrong = names(form, path).filter((one) => !objectPattern.test(one));
    if (wrong.length > 0)
      put(
        problems,
        path,
        `${wrong.join(', ')}: write each as public.orders, analytics.* or lookup, without quotes.`,
      );
  }
}

export function wrongWindow(line: string): string | undefined {
  if (window.test(line)) return undefined;
  return `'${line}' is not a weekly window. Write it as Mon-Fri 08:00-18:00, Sat 10:00-12:00 or, past midnight, Fri 22:00-06:00.`;
}

function put(problems: Problems, path: string, problem: string | undefined): void {
  if (problem !== undefined && problems[path] === undefined) problems[path] = problem;
}

// `length` where it can be read, else `otherwise`.
function lengthOf(typed: string, otherwise: number): number {
  const read = readDuration(typed);
  return read.wrong === undefined ? read.milliseconds : otherwise;
}

function checkDurations(form: Form, problems: Problems): void {
  const most = lengthOf(text(form, 'max_duration'), text(form, 'max_duration') === '' ? 8 * hour : Infinity);
  const bounds = { least: 1_000, wholeSeconds: true };
  put(problems, 'max_duration', wrongDuration(text(form, 'max_duration'), bounds));
  put(problems, 'default_duration', wrongDuration(text(form, 'default_duration'), bounds));
  put(
    problems,
    'break_glass_duration',
    wrongDuration(text(form, 'break_glass_duration'), { ...bounds, most: 4 * hour }),
  );
  for (const path of ['default_duration', 'break_glass_duration']) {
    if (lengthOf(text(form, path), 0) > most)
      put(
        problems,
        path,
        `Longer than the longest duration, which is ${text(form, 'max_duration') || usual.max}.`,
      );
  }
}

function checkReviewers(form: Form, problems: Problems): void {
  const reviewed = names(form, 'approval_groups').length + names(form, 'force_approval_groups').length > 0;
  if (reviewed) return;
  if (names(form, 'skip_review_groups').length === 0)
    put(
      problems,
      'approval_groups',
      'Nobody could approve a request. Name the groups whose members approve.',
    );
  else if (names(form, 'break_glass_groups').length > 0)
    put(
      problems,
      'approval_groups',
      'Nobody could review what was done by break-glass. Name a group that approves.',
    );
}

function checkTimes(form: Form, problems: Problems): void {
  const lines = text(form, 'allowed_times.windows')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const zone = text(form, 'allowed_times.time_zone').trim();
  if (zone !== '' && lines.length === 0)
    put(
      problems,
      'allowed_times.windows',
      'Name at least one window, or clear the time zone: then access is allowed always.',
    );
  if (zone === '' && lines.length > 0)
    put(
      problems,
      'allowed_times.time_zone',
      'Say in which time zone the windows are, such as Europe/Berlin or UTC.',
    );
  const wrong = lines.map(wrongWindow).filter((one) => one !== undefined);
  if (wrong.length > 0) put(problems, 'allowed_times.windows', wrong.join('\n'));
}

// What can be seen here; the rest is the server's to say. `name` only of a new rule.
export function problemsOfRule(form: Form, name?: string): Problems {
  const problems: Problems = {};
  if (name !== undefined) put(problems, 'name', wrongPlainName(name));
  if (names(form, 'types').length === 0) put(problems, 'types', 'Choose at least one.');
  const attributes = pairs(form, 'attributes').filter(([key]) => key.trim() !== '');
  if (names(form, 'resources').length === 0 && attributes.length === 0)
    put(problems, 'resources', 'The rule covers nothing. Name resources here, or attributes below.');
  checkReviewers(form, problems);
  const people = text(form, 'min_approvals').trim();
  if (people !== '' && !(/^\d+$/.test(people) && Number(people) >= 1 && Number(people) <= 100))
    put(problems, 'min_approvals', 'Expected a number from 1 to 100.');
  checkDurations(form, problems);
  checkTimes(form, problems);
  checkAllowed(form, problems);
  return problems;
}

const list = (all: string[], word: string): string =>
  all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} ${word} ${all[all.length - 1]}`;

// What a rule covers.
export function sayCoverage(rule: Pick<Rule, 'resources' | 'attributes'>): string {
  const attributes = Object.entries(rule.attributes).map(([name, value]) => `${name}=${value}`);
  const parts = [
    ...(rule.resources.length ? [rule.resources.join(', ')] : []),
    ...(attributes.length ? [`all with ${attributes.join(' and ')}`] : []),
  ];
  return parts.join(', and ');
}

// Who decides, and how many of them: `2 people of dba or security`.
export function sayReview(
  rule: Pick<Rule, 'approval_groups' | 'require_all_groups' | 'min_approvals' | 'force_approval_groups'>,
): string {
  const parts: string[] = [];
  const { approval_groups: groups, min_approvals: people } = rule;
  if (groups.length > 0 && rule.require_all_groups && groups.length > 1) {
    const more = people > groups.length ? `, ${people} people in all` : '';
    parts.push(`one of each of ${list(groups, 'and')}${more}`);
  } else if (groups.length > 0) {
    parts.push(`${people === 1 ? 'one' : `${people} people`} of ${list(groups, 'or')}`);
  }
  if (rule.force_approval_groups.length > 0)
    parts.push(`one of ${list(rule.force_approval_groups, 'or')}${groups.length > 0 ? ' alone' : ''}`);
  return parts.length ? parts.join(', or ') : 'nobody: only those who need no review can ask';
}

export function sayAskers(rule: Pick<Rule, 'required_groups'>): string {
  return rule.required_groups.length ? `members of ${list(rule.required_groups, 'or')}` : 'everybody';
}

// The rule that a form stands for, as far as it can be read, to be said in a sentence while it is written.
export function sayForm(form: Form): string {
  const people = Number(text(form, 'min_approvals') || '1');
  const coverage = sayCoverage({
    resources: names(form, 'resources'),
    attributes: Object.fromEntries(pairs(form, 'attributes').filter(([name]) => name.trim() !== '')),
  });
  const review = sayReview({
    approval_groups: names(form, 'approval_groups'),
    require_all_groups: flag(form, 'require_all_groups'),
    min_approvals: Number.isInteger(people) && people > 0 ? people : 1,
    force_approval_groups: names(form, 'force_approval_groups'),
  });
  const askers = sayAskers({ required_groups: names(form, 'required_groups') });
  const who = askers.charAt(0).toUpperCase() + askers.slice(1);
  const most = `for ${text(form, 'max_duration') || usual.max} at most`;
  const may = [
    ...(names(form, 'types').includes('jit') || !isByCommand(form)
      ? [`ask for ${coverage || '…'}, ${most}`]
      : []),
    ...(isByCommand(form) ? [`connect to ${coverage || '…'} and ask for each command`] : []),
  ];
  return `${who} may ${may.join(', or ')}. Approved by ${review}.`;
}
