// The state of a form for one object: what was seen, what was typed, what is wrong, and what somebody else changed meanwhile.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, create, getTagged, newKey, put, type Answer } from '../api/client';
import { useAction } from '../api/use';
import { rebased, type Change } from './changes';
import { formOf, isSame, type FieldSpec, type Form, type Settings, type Value } from './fields';
import { problemsOf, type Problems } from './problems';

export interface Shown {
  name: string;
  declared: boolean;
  changed_at: string | null;
  changed_by: string | null;
}

export interface Kind<T extends Shown> {
  word: string; // `rule`
  path: string; // `/rules`
  specs: FieldSpec[];
  problems: (form: Form, name?: string) => Problems; // what can be seen before it is sent; `name` of a new one
  settings: (form: Form, shown?: T) => Settings;
  prepare?: (shown: T) => T; // before it goes into the form
}

export interface Conflict {
  by: string | null;
  at: string | null;
  theirs: Change[];
  both: string[]; // paths
}

export interface Editor {
  specs: FieldSpec[];
  form: Form;
  isNew: boolean;
  name: string; // of a new one, as typed
  setName: (name: string) => void;
  set: (path: string, value: Value) => void;
  problems: Problems;
  attempts: number; // how often it was refused: the focus goes to the first problem each time
  conflict: Conflict | null;
  dirty: boolean;
  busy: boolean;
  save: () => void;
  takeTheirs: () => void;
}

export const pathOf = (collection: string, name: string) => `${collection}/${encodeURIComponent(name)}`;

interface Begun<T> {
  value: T;
  etag: string;
}

// What was typed and not saved is not left by accident: by a link, or with the page.
function useGuard(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    const onLeave = (event: BeforeUnloadEvent) => event.preventDefault();
    const onLink = (event: MouseEvent) => {
      const link = event.target instanceof Element && event.target.closest<HTMLAnchorElement>('a[href]');
      if (!link || link.target || link.getAttribute('href')?.startsWith('#')) return;
      if (
        event.metaKey ||
        event.ctrlKey ||
        event.shiftKey ||
        window.confirm('Leave without saving what you changed?')
      )
        return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener('beforeunload', onLeave);
    document.addEventListener('click', onLink, true);
    return () => {
      window.removeEventListener('beforeunload', onLeave);
      document.removeEventListener('click', onLink, true);
    };
  }, [dirty]);
}

// `begun`: the object as it was read; absent for a new one, which starts with `initial`.
export function useEditor<T extends Shown>(
  kind: Kind<T>,
  begun: Answer<T> | undefined,
  onSaved: (saved: T, etag: string | null) => void,
  initial: Form = {},
): Editor {
  const prepared = (shown: T) => (kind.prepare ? kind.prepare(shown) : shown);
  const formFor = (shown: T) => formOf(kind.specs, prepared(shown));
  const [seen, setSeen] = useState<Begun<T> | undefined>(
    begun && { value: begun.value, etag: begun.etag ?? '*' },
  );
  const start = useRef<Form>(begun ? formFor(begun.value) : { ...formOf(kind.specs), ...initial });
  const [form, setForm] = useState<Form>(start.current);
  const [name, setName] = useState('');
  const [problems, setProblems] = useState<Problems>({});
  const [attempts, setAttempts] = useState(0);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const paths = ['name', ...kind.specs.map(({ path }) => path)];
  const dirty = name !== '' || kind.specs.some(({ path }) => !isSame(form[path], start.current[path]));

  const refuse = (found: Problems) => {
    setProblems(found);
    setAttempts((before) => before + 1);
  };

  const begin = (value: T, etag: string | null, typed: Form) => {
    setSeen({ value, etag: etag ?? '*' });
    start.current = formFor(value);
    setForm(typed);
  };

  // Somebody else was faster: theirs is what it is now, with my changes on top, to be looked at and saved again.
  const rebase = async (mine: Begun<T>) => {
    const now = await getTagged<T>(pathOf(kind.path, mine.value.name));
    const {
      form: both,
      theirs,
      both: disputed,
    } = rebased(kind.specs, start.current, formFor(now.value), form);
    begin(now.value, now.etag, both);
    setConflict({ by: now.value.changed_by, at: now.value.changed_at, theirs, both: disputed });
    refuse({});
  };

  // The same thing tried again, after an answer was lost, is done once.
  const tried = useRef({ body: '', key: '' });
  const keyFor = (wanted: object): string => {
    const body = JSON.stringify(wanted);
    if (tried.current.body !== body) tried.current = { body, key: newKey() };
    return tried.current.key;
  };

  const action = useAction(async () => {
    const found = kind.problems(form, seen ? undefined : name);
    if (Object.keys(found).length > 0) return refuse(found);
    setProblems({});
    const shown = seen && prepared(seen.value);
    try {
      if (!seen) {
        const wanted = { name, ...kind.settings(form) };
        const made = await create<T>(kind.path, wanted, { key: keyFor(wanted) });
        start.current = form;
        return onSaved(made, null);
      }
      const saved = await put<T>(pathOf(kind.path, seen.value.name), kind.settings(form, shown), {
        ifMatch: seen.etag,
      });
      setConflict(null);
      begin(saved.value, saved.etag, formFor(saved.value));
      onSaved(saved.value, saved.etag);
    } catch (error) {
      if (seen && error instanceof ApiError && error.code === 'precondition_failed') return rebase(seen);
      const said = problemsOf(error, paths);
      // A name that is taken is a problem of the name.
      const taken = !seen && error instanceof ApiError && error.code === 'conflict';
      refuse(taken ? { name: error.detail } : said);
    }
  });
  useGuard(dirty && !action.busy);

  useEffect(() => {
    if (action.error !== undefined) refuse(problemsOf(action.error, paths));
  }, [action.error]);

  return {
    specs: kind.specs,
    form,
    isNew: !seen,
    name,
    setName,
    set: (path, value) => setForm((before) => ({ ...before, [path]: value })),
    problems,
    attempts,
    conflict,
    dirty,
    busy: action.busy,
    save: () => void action.run(),
    takeTheirs: () => {
      setForm(start.current);
      setConflict(null);
      setProblems({});
    },
  };
}
