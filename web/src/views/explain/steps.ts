// How it comes that somebody may ask for a resource or not, and who would have to approve, step by step.
import type { Explanation, Rule } from '../../api/types';
import { readDuration, writeDuration } from '../../objects/durations';
import { sayAskers, sayCoverage, sayReview } from '../rules/rule';

export interface RuleLine {
  rule: string;
  applies: boolean;
  because: string;
}

export interface Reviewing {
  rule: string;
  wants: string; // `2 people of dba or security`
  people: string[] | null; // who could; null: not known to who asks
  lacks: string | null; // why it could not be satisfied
}

export interface Steps {
  verdict: { may: boolean; said: string };
  rules: RuleLine[]; // those that apply first
  terms: [string, string][]; // what holds, and by which rule
  review: { needed: boolean; said: string; rules: Reviewing[] };
  breakGlass: string | null; // null: may not
}

export type Members = ReadonlyMap<string, string[]>; // of groups

function because(
  user: string,
  resource: string,
  type: string,
  { rule, applies }: Explanation['rules'][number],
): string {
  switch (applies) {
    case 'yes':
      return `It covers ${resource}, and lets ${sayAskers(rule)} ask.`;
    case 'other_resource':
      return `It covers ${sayCoverage(rule)}, and not ${resource}.`;
    case 'other_type':
      return `It is for requests of type ${rule.types.join(' or ')}, and not ${type}.`;
    case 'not_in_groups':
      return `It is for ${sayAskers(rule)}, and ${user} is in none of these groups.`;
  }
}

// The rules that a limit comes from: those with the shortest.
function shortest(
  rules: Rule[],
  member: 'max_duration' | 'default_duration' | 'break_glass_duration',
): [string, string[]] {
  let least = Infinity;
  let by: string[] = [];
  for (const rule of rules) {
    const read = readDuration(rule[member]);
    const length = read.wrong === undefined ? read.milliseconds : Infinity;
    if (length < least) [least, by] = [length, [rule.name]];
    else if (length === least) by.push(rule.name);
  }
  return [Number.isFinite(least) ? writeDuration(least) : '', by];
}

const named = (rules: string[]) => `rule${rules.length === 1 ? '' : 's'} ${rules.join(', ')}`;

function termsOf(explanation: Explanation, applying: Rule[]): [string, string][] {
  const { terms } = explanation;
  const by = (member: 'max_duration' | 'default_duration') => {
    const [, rules] = shortest(applying, member);
    return rules.length && applying.length > 1 ? ` (${named(rules)})` : '';
  };
  const found: [string, string][] = [];
  if (terms.max_duration) found.push(['Longest duration', terms.max_duration + by('max_duration')]);
  if (terms.default_duration)
    found.push(['Where none is named', terms.default_duration + by('default_duration')]);
  const wants = applying
    .filter((rule) => rule.reason_required || rule.reason_pattern !== null)
    .map((rule) => rule.name);
  const patterns = terms.reason_patterns.map((pattern) => `, that matches ${pattern}`).join('');
  found.push(['Reason', terms.reason_required ? `required${patterns} (${named(wants)})` : 'may be left out']);
  for (const rule of applying) {
    if (rule.allowed_times)
      found.push([
        'Only at these times',
        `${rule.allowed_times.windows.join(', ')}, ${rule.allowed_times.time_zone} (${named([rule.name])})`,
      ]);
  }
  for (const rule of applying) {
    if (rule.recording !== 'off')
      found.push([
        'Recorded',
        `${rule.recording === 'full' ? 'statements and results' : 'statements'} (${named([rule.name])})`,
      ]);
  }
  for (const rule of explanation.type === 'command' ? applying : []) {
    if (rule.preview !== 'off')
      found.push([
        'Preview for approvers',
        `${rule.preview === 'explain' ? 'the plan' : 'a dry run'} (${named([rule.name])})`,
      ]);
  }
  return found;
}

// Who of these groups could approve: not the one who asks.
function peopleOf(groups: string[], members: Members, user: string): string[] {
  return [...new Set(groups.flatMap((group) => members.get(group) ?? []))]
    .filter((one) => one !== user)
    .sort();
}

function lacking(rule: Rule, members: Members, user: string): string | null {
  if (peopleOf(rule.force_approval_groups, members, user).length > 0) return null;
  const people = peopleOf(rule.approval_groups, members, user);
  if (people.length < rule.min_approvals)
    return `${rule.min_approvals === 1 ? 'One person has' : `${rule.min_approvals} people have`} to approve, and besides ${user} there ${
      people.length === 1 ? 'is one' : `are ${people.length}`
    } in these groups.`;
  const empty = rule.require_all_groups
    ? rule.approval_groups.filter((group) => peopleOf([group], members, user).length === 0)
    : [];
  if (empty.length > 0)
    return `Each group has to approve, and ${empty.join(' and ')} has nobody besides ${user}.`;
  return null;
}

function reviewOf(explanation: Explanation, applying: Rule[], members: Members | null): Steps['review'] {
  const { user, administrator, terms } = explanation;
  if (administrator)
    return { needed: false, said: `${user} is an administrator: approved at once, and recorded.`, rules: [] };
  if (terms.skips_review)
    return { needed: false, said: `${user} needs no review: every rule that applies says so.`, rules: [] };
  const rules = applying.map((rule) => ({
    rule: rule.name,
    wants: sayReview(rule),
    people: members
      ? peopleOf([...rule.approval_groups, ...rule.force_approval_groups], members, user)
      : null,
    lacks: members ? lacking(rule, members, user) : null,
  }));
  const all =
    rules.length > 1
      ? 'Each of these rules has to be satisfied; one review counts for all that name its group.'
      : '';
  return { needed: true, said: all, rules };
}

function verdictOf({ user, resource, administrator, terms }: Explanation): Steps['verdict'] {
  if (administrator)
    return { may: true, said: `${user} may ask for ${resource}: an administrator needs no rule.` };
  if (terms.may_ask) return { may: true, said: `${user} may ask for ${resource}.` };
  return {
    may: false,
    said: terms.covered
      ? `${user} may not ask for ${resource}: rules cover it, but none of them is for a group of theirs.`
      : `${user} may not ask for ${resource}: no rule covers it, so only administrators may.`,
  };
}

// `members`: of all groups, where who asks may know them.
export function stepsOf(explanation: Explanation, members: Members | null): Steps {
  const { user, resource, type, terms } = explanation;
  const lines = explanation.rules.map((line) => ({
    rule: line.rule.name,
    applies: line.applies === 'yes',
    because: because(user, resource, type, line),
  }));
  const applying = explanation.rules.filter(({ applies }) => applies === 'yes').map(({ rule }) => rule);
  const verdict = verdictOf(explanation);
  return {
    verdict,
    rules: [...lines.filter(({ applies }) => applies), ...lines.filter(({ applies }) => !applies)],
    terms: verdict.may ? termsOf(explanation, applying) : [],
    review: verdict.may
      ? reviewOf(explanation, applying, members)
      : { needed: false, said: 'There is nothing to review.', rules: [] },
    breakGlass: terms.may_break_glass
      ? `${user} may break the glass: access at once, for ${terms.break_glass_duration ?? 'a while'} at most, with a reason, reviewed afterwards.`
      : null,
  };
}
