import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { classes } from './classes';

export interface FieldProps {
  label: ComponentChildren;
  hint?: ComponentChildren;
  problem?: string | undefined; // what is wrong with it, and what to do
  optional?: boolean; // says so beside the label
}

interface Wiring {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

// A label, a hint and what is wrong, tied to the control that `children` makes of what it is given.
export function Field({
  label,
  hint,
  problem,
  optional,
  children,
}: FieldProps & { children: (wiring: Wiring) => ComponentChildren }) {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', problem ? `${id}-problem` : ''].filter(Boolean).join(' ');
  return (
    <div class={classes('field', problem && 'field-wrong')}>
      <label class="field-label" for={id}>
        {label}
        {optional && <span class="field-optional"> (optional)</span>}
      </label>
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': problem ? true : undefined,
      })}
      {problem && (
        <p class="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}

type InputProps = Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'value' | 'onInput' | 'label'>;

export function TextField({
  label,
  hint,
  problem,
  optional,
  value,
  onValue,
  ...rest
}: FieldProps & InputProps & { value: string; onValue: (value: string) => void }) {
  return (
    <Field label={label} hint={hint} problem={problem} optional={optional ?? false}>
      {(wiring) => (
        <input
          type="text"
          autocomplete="off"
          {...rest}
          {...wiring}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

type AreaProps = Omit<JSX.TextareaHTMLAttributes<HTMLTextAreaElement>, 'value' | 'onInput' | 'label'>;

export function TextArea({
  label,
  hint,
  problem,
  optional,
  value,
  onValue,
  ...rest
}: FieldProps & AreaProps & { value: string; onValue: (value: string) => void }) {
  return (
    <Field label={label} hint={hint} problem={problem} optional={optional ?? false}>
      {(wiring) => (
        <textarea
          rows={3}
          {...rest}
          {...wiring}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export function CheckField({
  label,
  hint,
  checked,
  onValue,
  ...rest
}: {
  label: ComponentChildren;
  hint?: ComponentChildren;
  checked: boolean;
  onValue: (checked: boolean) => void;
} & Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'label' | 'checked'>) {
  const id = useId();
  return (
    <div class="check">
      <input
        type="checkbox"
        {...rest}
        id={id}
        checked={checked}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onValue(event.currentTarget.checked)}
      />
      <div>
        <label for={id}>{label}</label>
        {hint && (
          <p class="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
