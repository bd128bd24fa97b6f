import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import './objects.css';

// Names with a value each, as `env=prod`. A row without a name is not sent.
export function PairsField({
  label,
  hint,
  problem,
  value,
  onValue,
}: {
  label: string;
  hint?: ComponentChildren;
  problem?: string | undefined;
  value: [string, string][];
  onValue: (value: [string, string][]) => void;
}) {
  const id = useId();
  const rows: [string, string][] = value.length > 0 ? value : [['', '']];
  const described =
    [hint ? `${id}-hint` : '', problem ? `${id}-problem` : ''].filter(Boolean).join(' ') || undefined;
  const change = (place: number, row: [string, string]) =>
    onValue(rows.map((old, i) => (i === place ? row : old)));
  return (
    <fieldset class={classes('field', problem && 'field-wrong')}>
      <legend class="field-label">{label}</legend>
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {rows.map(([name, text], place) => (
        <div class="pair" key={place}>
          <input
            type="text"
            aria-label={`${label}: name ${place + 1}`}
            aria-describedby={described}
            placeholder="env"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={name}
            onInput={(event) => change(place, [event.currentTarget.value, text])}
          />
          <span aria-hidden="true">=</span>
          <input
            type="text"
            aria-label={`${label}: value ${place + 1}`}
            placeholder="prod"
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={(event) => change(place, [name, event.currentTarget.value])}
          />
          <Button
            tone="quiet"
            icon="cross"
            aria-label={`Remove ${name || `attribute ${place + 1}`}`}
            onClick={() => onValue(rows.filter((_, i) => i !== place))}
          />
        </div>
      ))}
      <Button small icon="add" onClick={() => onValue([...rows, ['', '']])}>
        Add one
      </Button>
      {problem && (
        <p class="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </fieldset>
  );
}
