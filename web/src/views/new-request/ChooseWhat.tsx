import { useId } from 'preact/hooks';
import type { For } from './wish';

const choices: { value: For; label: string }[] = [
  { value: 'time', label: 'Time to connect' },
  { value: 'command', label: 'Run one approved change' },
];

export function ChooseWhat({ what, onWhat }: { what: For; onWhat: (what: For) => void }) {
  const id = useId();
  return (
    <fieldset class="field">
      <legend class="field-label">What for</legend>
      <div class="chips">
        {choices.map(({ value, label }) => (
          <label class="chip" key={value}>
            <input type="radio" name={id} checked={what === value} onChange={() => onWhat(value)} />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
