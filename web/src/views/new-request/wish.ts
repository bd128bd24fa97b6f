// What is being asked for, while the form is filled in.
import type { CatalogueEntry, Explanation, NewRequest, Terms } from '../../api/types';
import { parseDuration, sayDuration } from '../../duration';
import { fromLocalInput } from '../../ui/instants';
import { sayReview } from '../rules/rule';

export type For = 'time' | 'command';

export interface Wish {
  resource: string;
  what: For; // time to connect in, or one script to be run
  sql: string;
  database: string; // that it runs in; empty: the default one
  duration: string;
  reason: string;
  later: boolean;
  startsAt: string; // as <input type="datetime-local"> has it
  replication: boolean;
  breakGlass: boolean;
}

export const emptyWish: Wish = {
  resource: '',
  what: 'time',
  sql: '',
  database: '',
  duration: '',
  reason: '',
  later: false,
  startsAt: '',
  replication: false,
  breakGlass: false,
};

// What an administrator may ask for needs no rule.
export const mayAsk = (entry: CatalogueEntry, what: For, administrator: boolean): boolean =>
  administrator || (what === 'time' ? entry.terms : entry.command_terms).may_ask;

export const termsOf = (entry: CatalogueEntry, what: For): Terms =>
  what === 'time' ? entry.terms : entry.command_terms;

// Nobody runs a script for those who log in there with passwords that only they know.
export const runsScripts = (entry: CatalogueEntry): boolean => entry.login !== 'passthrough';

// What the form begins with for a resource: time, where that can be had.
export function wishFor(entry: CatalogueEntry, what: For, administrator: boolean): Partial<Wish> {
  const asked = mayAsk(entry, what, administrator) ? what : what === 'time' ? 'command' : 'time';
  return {
    resource: entry.resource,
    what: asked,
    database: '',
    breakGlass: false,
    duration: presetDuration(termsOf(entry, asked), false),
  };
}

// What limits the duration: the rules' own for break-glass.
export function maximumOf(terms: Terms, breakGlass: boolean): string | null {
  return breakGlass ? (terms.break_glass_duration ?? terms.max_duration) : terms.max_duration;
}

// What the form begins with for a resource.
export function presetDuration(terms: Terms, breakGlass: boolean): string {
  const maximum = maximumOf(terms, breakGlass);
  const preset = terms.default_duration ?? '1h';
  const most = maximum === null ? null : parseDuration(maximum);
  const length = parseDuration(preset);
  return most !== null && length !== null && length > most ? (maximum ?? preset) : preset;
}

export interface WishProblems {
  sql?: string;
  duration?: string;
  reason?: string;
  starts_at?: string;
}

const longestScript = 1_048_576; // bytes, as policy's longest_command

// What the server would refuse, as far as it can be seen here. `now`: milliseconds.
export function problemsOf(wish: Wish, terms: Terms, now: number): WishProblems {
  const problems: WishProblems = {};
  const isScript = wish.what === 'command';
  if (isScript && wish.sql.trim() === '') problems.sql = 'Write the SQL that is to be run, or open a file.';
  else if (isScript && new TextEncoder().encode(wish.sql).length > longestScript)
    problems.sql = 'At most 1 MiB: nobody reads more before it is approved.';
  const length = parseDuration(wish.duration);
  const maximum = maximumOf(terms, wish.breakGlass);
  const most = maximum === null ? null : parseDuration(maximum);
  if (length === null) problems.duration = 'Choose a duration, or write one as 45m, 2h or 1h30m.';
  else if (most !== null && length > most) problems.duration = `At most ${sayDuration(most)}.`;
  if ((terms.reason_required || wish.breakGlass) && wish.reason.trim() === '')
    problems.reason = wish.breakGlass
      ? 'Say why you need to get in now: the approvers read it afterwards.'
      : 'Say what for: the rules want a reason.';
  if (wish.later && !wish.breakGlass && !isScript) {
    const at = fromLocalInput(wish.startsAt);
    if (at === null) problems.starts_at = 'Choose a day and a time.';
    else if (Date.parse(at) <= now) problems.starts_at = 'This has passed. Choose a time ahead.';
  }
  return problems;
}

export function bodyOf(wish: Wish): NewRequest {
  if (wish.what === 'command') {
    return {
      resource: wish.resource,
      type: 'command',
      duration: wish.duration.replace(/\s+/g, '').toLowerCase(),
      ...(wish.reason.trim() ? { reason: wish.reason.trim() } : {}),
      command: { sql: wish.sql, ...(wish.database.trim() ? { database: wish.database.trim() } : {}) },
    };
  }
  const startsAt = wish.later && !wish.breakGlass ? fromLocalInput(wish.startsAt) : null;
  return {
    resource: wish.resource,
    duration: wish.duration.replace(/\s+/g, '').toLowerCase(),
    ...(wish.reason.trim() ? { reason: wish.reason.trim() } : {}),
    ...(startsAt ? { starts_at: startsAt.replace(/\.000Z$/, 'Z') } : {}),
    ...(wish.replication ? { replication: true } : {}),
    ...(wish.breakGlass ? { break_glass: true } : {}),
  };
}

// What the fields of a wish for one resource are made of.
export interface WishForm {
  entry: CatalogueEntry;
  wish: Wish;
  change: (changes: Partial<Wish>) => void;
  problems: WishProblems;
  error: unknown;
}

export interface Deciding {
  outcome: 'at_once' | 'break_glass' | 'review';
  said: string;
  rules: { rule: string; wants: string; description: string }[]; // each has to be satisfied
}

// Who will have to approve, and why.
export function decidingOf(explanation: Explanation, breakGlass: boolean): Deciding {
  const { administrator, terms } = explanation;
  const applying = explanation.rules.filter(({ applies }) => applies === 'yes').map(({ rule }) => rule);
  if (administrator)
    return {
      outcome: 'at_once',
      said: 'Nobody: you are an administrator, so it is approved at once, and recorded.',
      rules: [],
    };
  if (breakGlass)
    return {
      outcome: 'break_glass',
      said: `Nobody beforehand: you get in at once. ${
        terms.reviewing_groups.length
          ? `Everybody in ${terms.reviewing_groups.join(', ')} is told, and one of them`
          : 'One of the approvers'
      } reviews it afterwards.`,
      rules: [],
    };
  if (terms.skips_review)
    return {
      outcome: 'at_once',
      said: 'Nobody: the rules let you in without a review. It is recorded.',
      rules: [],
    };
  return {
    outcome: 'review',
    said:
      applying.length > 1
        ? 'Each of these rules has to be satisfied; one approval counts for all that name its group.'
        : '',
    rules: applying.map((rule) => ({
      rule: rule.name,
      wants: sayReview(rule),
      description: rule.description,
    })),
  };
}

// Those whose name, description or attributes have all of the words.
export function found(entries: CatalogueEntry[], words: string): CatalogueEntry[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => {
    const attributes = Object.entries(entry.attributes).map(([name, value]) => `${name}=${value}`);
    const text = [entry.resource, entry.description, ...attributes].join(' ').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

export function reasonHint(terms: Terms, breakGlass: boolean): string {
  const patterns = terms.reason_patterns;
  if (breakGlass || patterns.length === 0) return 'The approvers read it, and it stays on record.';
  return `The approvers read it. The rules want it to match ${patterns.join(' and ')}.`;
}
