import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../ui/Button';
import { Actions } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { Note } from '../ui/ProblemNote';
import { Time } from '../ui/Time';
import { fieldId } from './controls';
import type { Editor } from './editor';
import './objects.css';

function focusField(path: string): boolean {
  const spot = document.getElementById(fieldId(path));
  const control = spot?.querySelector<HTMLElement>('input, select, textarea, button');
  if (!control) return false;
  // A part that is folded shows nothing of it.
  const folded = spot?.closest('details');
  if (folded) folded.open = true;
  control.focus();
  spot?.scrollIntoView({ block: 'center' });
  return true;
}

// All that is wrong, each with a way to its field. The focus goes to the first of them.
function Summary({ editor }: { editor: Editor }) {
  const box = useRef<HTMLDivElement>(null);
  const labels = new Map([
    ['name', 'Name'],
    ...editor.specs.map(({ path, label }): [string, string] => [path, label]),
  ]);
  const found = [...labels.keys()].filter((path) => editor.problems[path] !== undefined);
  const rest = editor.problems['']?.split('\n') ?? [];
  const count = found.length + rest.length;
  useEffect(() => {
    if (editor.attempts === 0) return;
    const first = found[0];
    if (first === undefined || !focusField(first)) box.current?.focus();
  }, [editor.attempts]);
  if (count === 0) return null;
  return (
    <div class="problem" role="alert" tabIndex={-1} ref={box}>
      <Icon name="warning" />
      <div>
        <p class="problem-title">
          {count === 1 ? 'Not saved: one thing to correct' : `Not saved: ${count} things to correct`}
        </p>
        <ul>
          {rest.map((said) => (
            <li key={said}>{said}</li>
          ))}
          {found.map((path) => (
            <li key={path}>
              <a
                href={`#${fieldId(path)}`}
                onClick={(event) => {
                  event.preventDefault();
                  focusField(path);
                }}
              >
                {labels.get(path)}
              </a>
              : {editor.problems[path]}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function ConflictNote({ editor }: { editor: Editor }) {
  const box = useRef<HTMLDivElement>(null);
  const { conflict } = editor;
  useEffect(() => {
    if (conflict) box.current?.focus();
  }, [conflict]);
  if (!conflict) return null;
  const { by, at, theirs, both } = conflict;
  return (
    <div tabIndex={-1} ref={box} class="conflict">
      <Note tone="warn">
        <p class="problem-title">
          {by ?? 'Somebody'} changed this while you were editing{at && ': '}
          {at && <Time at={at} />}
        </p>
        {theirs.length > 0 && (
          <ul>
            {theirs.map(({ path, label, before, after }) => (
              <li key={path}>
                <strong>{label}</strong>: {before} → {after}
                {both.includes(path) && ' (you changed it too: yours stands below)'}
              </li>
            ))}
          </ul>
        )}
        <p>Your changes stand below, on top of theirs. Nothing is saved yet: look at it, and save again.</p>
        <Button small onClick={editor.takeTheirs}>
          Discard mine
        </Button>
      </Note>
    </div>
  );
}

// The form around an object's fields: what is wrong at the top, and the button at the end.
export function ObjectForm({
  editor,
  label,
  save,
  cancel,
  children,
}: {
  editor: Editor;
  label: string; // of the form, to screen readers
  save: string;
  cancel?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <form
      class="form object-form"
      aria-label={label}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        editor.save();
      }}
    >
      <ConflictNote editor={editor} />
      <Summary editor={editor} />
      {children}
      <Actions>
        <Button type="submit" tone="primary" busy={editor.busy}>
          {save}
        </Button>
        {cancel}
      </Actions>
    </form>
  );
}

// A part of a form, with a heading of its own.
export function Part({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <fieldset class="card part">
      <legend class="part-title">{title}</legend>
      {lead && <p class="field-hint">{lead}</p>}
      <div class="form">{children}</div>
    </fieldset>
  );
}

// What is needed now and then: folded, but open where something in it is filled in.
export function Folded({
  title,
  open,
  children,
}: {
  title: string;
  open: boolean;
  children: ComponentChildren;
}) {
  return (
    <details class="card part" open={open}>
      <summary class="part-title">{title}</summary>
      <div class="form">{children}</div>
    </details>
  );
}
