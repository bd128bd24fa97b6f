import type { JSX } from 'preact';
import { Field, type FieldProps } from './Field';

export interface Choice {
  value: string;
  label: string;
  disabled?: boolean;
}

export function Select({
  label,
  hint,
  problem,
  optional,
  value,
  choices,
  onValue,
  ...rest
}: FieldProps &
  Omit<JSX.SelectHTMLAttributes<HTMLSelectElement>, 'label' | 'value' | 'onChange'> & {
    value: string;
    choices: Choice[];
    onValue: (value: string) => void;
  }) {
  return (
    <Field label={label} hint={hint} problem={problem} optional={optional ?? false}>
      {(wiring) => (
        <select {...rest} {...wiring} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value} disabled={choice.disabled ?? false}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
