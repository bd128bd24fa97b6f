import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { Icon } from '../ui/Icon';
import './objects.css';

// As many are shown at once, to be switched on and off; of more, a field offers them while one types.
const fewEnough = 14;

interface Props {
  label: string;
  one: string; // what each is: `group`
  hint?: ComponentChildren;
  problem?: string | undefined;
  value: string[];
  known?: string[] | undefined; // absent: any name
  labels?: Record<string, string> | undefined; // what known ones are called
  onValue: (value: string[]) => void;
}

function Toggles({
  value,
  all,
  known,
  labels = {},
  described,
  onValue,
}: Props & { all: string[]; described: string | undefined }) {
  return (
    <div class="chips">
      {all.map((name) => (
        <label class="chip" key={name}>
          <input
            type="checkbox"
            aria-describedby={described}
            checked={value.includes(name)}
            onChange={(event) =>
              onValue(
                event.currentTarget.checked ? [...value, name] : value.filter((other) => other !== name),
              )
            }
          />
          <span>
            {value.includes(name) && <Icon name="check" size={14} />}
            {labels[name] ?? name}
            {known && !known.includes(name) && <em class="muted"> (there is none)</em>}
          </span>
        </label>
      ))}
    </div>
  );
}

function Typed({
  label,
  one,
  value,
  known,
  described,
  problem,
  onValue,
}: Props & { described: string | undefined }) {
  const [typed, setTyped] = useState('');
  const list = useId();
  const take = () => {
    const added = typed
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !value.includes(name));
    if (added.length > 0) onValue([...value, ...new Set(added)]);
    setTyped('');
  };
  return (
    <>
      {value.length > 0 && (
        <ul class="picked">
          {value.map((name) => (
            <li key={name}>
              {name}
              <button
                type="button"
                aria-label={`Remove ${name}`}
                onClick={() => onValue(value.filter((other) => other !== name))}
              >
                <Icon name="cross" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="pick">
        <input
          type="text"
          aria-label={`${label}: add a ${one}`}
          aria-describedby={described}
          aria-invalid={problem ? true : undefined}
          list={known && list}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder={`Add a ${one}`}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
          onBlur={take}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || typed.trim() === '') return;
            event.preventDefault();
            take();
          }}
        />
        {known && (
          <datalist id={list}>
            {known
              .filter((name) => !value.includes(name))
              .map((name) => (
                <option key={name} value={name} />
              ))}
          </datalist>
        )}
        <Button onClick={take}>Add</Button>
      </div>
    </>
  );
}

// A list of names: chips to switch on and off where there are few to choose from, else a field to type into.
export function NamesField(props: Props) {
  const { label, hint, problem, value, known } = props;
  const id = useId();
  const described =
    [hint ? `${id}-hint` : '', problem ? `${id}-problem` : ''].filter(Boolean).join(' ') || undefined;
  const all = known && [...new Set([...known, ...value])];
  return (
    <fieldset class={classes('field', problem && 'field-wrong')}>
      <legend class="field-label">{label}</legend>
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {all && all.length > 0 && all.length <= fewEnough ? (
        <Toggles {...props} all={all} described={described} />
      ) : (
        <Typed {...props} described={described} />
      )}
      {problem && (
        <p class="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </fieldset>
  );
}
