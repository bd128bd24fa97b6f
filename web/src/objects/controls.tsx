// The fields of an object's form, each tied to its member: what is typed goes there, and what is wrong with it stands here.
import type { ComponentChildren } from 'preact';
import { CheckField, Field, TextArea, TextField } from '../ui/Field';
import { Select, type Choice } from '../ui/Select';
import type { Editor } from './editor';
import { flag, names, pairs, text } from './fields';
import { NamesField } from './NamesField';
import { PairsField } from './PairsField';

export const fieldId = (path: string) => `field-${path}`;

interface Of {
  editor: Editor;
  path: string;
  hint?: ComponentChildren;
  label?: string; // in place of the one that is usual
}

function labelOf({ editor, path, label }: Of): string {
  return label ?? editor.specs.find((spec) => spec.path === path)?.label ?? path;
}

// What ties a control of text to its member.
function tieOf(of: Of) {
  return {
    label: labelOf(of),
    hint: of.hint,
    problem: of.editor.problems[of.path],
    value: text(of.editor.form, of.path),
    onValue: (value: string) => of.editor.set(of.path, value),
  };
}

// Where the focus goes for a problem of this member.
function Spot({ path, children }: { path: string; children: ComponentChildren }) {
  return <div id={fieldId(path)}>{children}</div>;
}

export function NameOf({ editor, hint }: { editor: Editor; hint?: ComponentChildren }) {
  return (
    <Spot path="name">
      <TextField
        label="Name"
        hint={hint}
        problem={editor.problems['name']}
        value={editor.name}
        onValue={editor.setName}
        required
        maxLength={63}
        autocapitalize="none"
        spellcheck={false}
      />
    </Spot>
  );
}

export function TextOf({ placeholder, ...of }: Of & { placeholder?: string }) {
  return (
    <Spot path={of.path}>
      <TextField {...tieOf(of)} placeholder={placeholder} spellcheck={false} />
    </Spot>
  );
}

export function NumberOf({ placeholder, ...of }: Of & { placeholder?: string }) {
  return (
    <Spot path={of.path}>
      <TextField {...tieOf(of)} placeholder={placeholder} inputMode="numeric" />
    </Spot>
  );
}

// One of several lines, and with `suggestions` a field of one line that offers them.
export function LinesOf({ placeholder, ...of }: Of & { placeholder?: string }) {
  return (
    <Spot path={of.path}>
      <TextArea {...tieOf(of)} placeholder={placeholder} spellcheck={false} />
    </Spot>
  );
}

export function SuggestedOf({
  suggestions,
  placeholder,
  ...of
}: Of & { suggestions: string[]; placeholder?: string }) {
  const list = `${fieldId(of.path)}-list`;
  return (
    <Spot path={of.path}>
      <Field label={labelOf(of)} hint={of.hint} problem={of.editor.problems[of.path]}>
        {(wiring) => (
          <input
            {...wiring}
            type="text"
            list={list}
            autocomplete="off"
            spellcheck={false}
            placeholder={placeholder}
            value={text(of.editor.form, of.path)}
            onInput={(event) => of.editor.set(of.path, event.currentTarget.value)}
          />
        )}
      </Field>
      <datalist id={list}>
        {suggestions.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </Spot>
  );
}

export function ChoiceOf({ choices, ...of }: Of & { choices: Choice[] }) {
  return (
    <Spot path={of.path}>
      <Select {...tieOf(of)} choices={choices} />
    </Spot>
  );
}

export function FlagOf(of: Of) {
  const problem = of.editor.problems[of.path];
  return (
    <Spot path={of.path}>
      <CheckField
        label={labelOf(of)}
        hint={of.hint}
        checked={flag(of.editor.form, of.path)}
        onValue={(value) => of.editor.set(of.path, value)}
      />
      {problem && <p class="field-problem">{problem}</p>}
    </Spot>
  );
}

// `known`: what there is to choose from; absent: names that nobody here knows.
export function NamesOf({
  known,
  one,
  labels,
  ...of
}: Of & { known?: string[] | undefined; one: string; labels?: Record<string, string> }) {
  return (
    <Spot path={of.path}>
      <NamesField
        label={labelOf(of)}
        one={one}
        hint={of.hint}
        problem={of.editor.problems[of.path]}
        value={names(of.editor.form, of.path)}
        known={known}
        labels={labels}
        onValue={(value) => of.editor.set(of.path, value)}
      />
    </Spot>
  );
}

export function PairsOf(of: Of) {
  return (
    <Spot path={of.path}>
      <PairsField
        label={labelOf(of)}
        hint={of.hint}
        problem={of.editor.problems[of.path]}
        value={pairs(of.editor.form, of.path)}
        onValue={(value) => of.editor.set(of.path, value)}
      />
    </Spot>
  );
}
