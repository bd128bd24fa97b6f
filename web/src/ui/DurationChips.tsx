import { useId, useState } from 'preact/hooks';
import { formatDuration, offeredDurations, parseDuration, sayDuration } from '../duration';

// What is wrong with a duration that was typed; undefined: nothing.
export function durationProblem(text: string, maximum: string | null): string | undefined {
  const length = parseDuration(text);
  if (length === null) return 'Write a duration as 45m, 2h or 1h30m.';
  const most = maximum === null ? null : parseDuration(maximum);
  if (most !== null && length > most) return `At most ${sayDuration(most)}.`;
  return undefined;
}

// Chips for the usual durations up to `maximum`, and a field for another one. `value` is as the API writes it, or what was
// typed so far: look with durationProblem() before it is sent.
export function DurationChips({
  label,
  value,
  onValue,
  maximum = null,
  preset = null,
  problem,
}: {
  label: string;
  value: string;
  onValue: (value: string) => void;
  maximum?: string | null;
  preset?: string | null;
  problem?: string | undefined;
}) {
  const id = useId();
  const offered = offeredDurations(maximum, preset);
  const chosen = offered.find((text) => parseDuration(text) === parseDuration(value));
  const [other, setOther] = useState(value !== '' && chosen === undefined);
  const wrong = problem ?? (other && value !== '' ? durationProblem(value, maximum) : undefined);
  return (
    <fieldset class="field">
      <legend class="field-label">{label}</legend>
      <div class="chips">
        {offered.map((text) => (
          <label class="chip" key={text}>
            <input
              type="radio"
              name={id}
              checked={!other && text === chosen}
              onChange={() => {
                setOther(false);
                onValue(formatDuration(parseDuration(text) ?? 0));
              }}
            />
            <span>{sayDuration(text)}</span>
          </label>
        ))}
        <label class="chip">
          <input
            type="radio"
            name={id}
            checked={other}
            onChange={() => {
              setOther(true);
              onValue('');
            }}
          />
          <span>Other</span>
        </label>
        {other && (
          <input
            type="text"
            class="chip-other"
            aria-label={`${label}: another duration`}
            aria-describedby={wrong ? `${id}-problem` : undefined}
            aria-invalid={wrong ? true : undefined}
            placeholder="45m"
            autocomplete="off"
            spellcheck={false}
            value={value}
            onInput={(event) => onValue(event.currentTarget.value)}
          />
        )}
      </div>
      {maximum && !wrong && <p class="field-hint">At most {sayDuration(maximum)}</p>}
      {wrong && (
        <p class="field-problem" id={`${id}-problem`}>
          {wrong}
        </p>
      )}
    </fieldset>
  );
}
