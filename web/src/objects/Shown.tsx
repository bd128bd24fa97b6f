import type { ComponentChildren } from 'preact';
import { Note } from '../ui/ProblemNote';
import { Card, Facts } from '../ui/Page';
import { Badge } from '../ui/StatusBadge';
import { Time } from '../ui/Time';
import type { Shown } from './editor';
import { formOf, sayValue, type FieldSpec } from './fields';

// Where an object comes from, in a list.
export function Origin({ of }: { of: Shown }) {
  if (of.declared) return <Badge tone="plain">declared in the file</Badge>;
  return (
    <span class="muted">
      {of.changed_by ? `by ${of.changed_by}` : 'live'}
      {of.changed_at && ', '}
      {of.changed_at && <Time at={of.changed_at} />}
    </span>
  );
}

// The same, above its form.
export function Changed({ of }: { of: Shown }) {
  return (
    <>
      Kept in the store, changed <Origin of={of} />
    </>
  );
}

// A declared object: to be read, and changed elsewhere.
export function Declared({
  word,
  specs,
  shown,
  more = [],
}: {
  word: string;
  specs: FieldSpec[];
  shown: object;
  more?: [string, ComponentChildren][];
}) {
  const form = formOf(specs, shown);
  const facts = specs
    .filter(({ path }) => form[path] !== '' && !(Array.isArray(form[path]) && form[path].length === 0))
    .map(({ path, label, kind }): [string, ComponentChildren] => [
      label,
      kind === 'lines'
        ? String(form[path])
            .split('\n')
            .map((line) => <div key={line}>{line}</div>)
        : sayValue(form[path]),
    ]);
  return (
    <>
      <Note>
        This {word} is declared in the configuration file. It is changed there, followed by{' '}
        <code>curfew reload</code>, and cannot be changed here.
      </Note>
      <Card>
        <Facts facts={[...facts, ...more]} />
      </Card>
    </>
  );
}
