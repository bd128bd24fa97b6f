// Two people change the same object: what the other one changed, and one's own changes on top of it.
import { isSame, sayValue, type FieldSpec, type Form } from './fields';

export interface Change {
  path: string;
  label: string;
  before: string;
  after: string;
}

export function changesBetween(specs: FieldSpec[], before: Form, after: Form): Change[] {
  return specs
    .filter(({ path }) => !isSame(before[path], after[path]))
    .map(({ path, label }) => ({
      path,
      label,
      before: sayValue(before[path]),
      after: sayValue(after[path]),
    }));
}

export interface Rebased {
  form: Form; // theirs, with what I changed on top
  theirs: Change[]; // what they changed
  both: string[]; // paths that both of us changed, each to something else: mine is in the form
}

// `seen`: what I began with; `now`: as it stands; `mine`: what I have typed.
export function rebased(specs: FieldSpec[], seen: Form, now: Form, mine: Form): Rebased {
  const form: Form = { ...now };
  const both: string[] = [];
  for (const { path } of specs) {
    const iChanged = !isSame(seen[path], mine[path]);
    if (!iChanged) continue;
    form[path] = mine[path] ?? '';
    if (!isSame(seen[path], now[path]) && !isSame(now[path], mine[path])) both.push(path);
  }
  return { form, theirs: changesBetween(specs, seen, now), both };
}
