import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { CatalogueEntry } from '../../api/types';
import { sayDuration } from '../../duration';
import { Button } from '../../ui/Button';
import { Badge } from '../../ui/StatusBadge';
import { found } from './wish';

const searchable = 6; // fewer are seen at a glance

function Attributes({ entry }: { entry: CatalogueEntry }) {
  const attributes = Object.entries(entry.attributes);
  if (attributes.length === 0) return null;
  return (
    <span class="badges">
      {attributes.map(([name, value]) => (
        <Badge key={name} tone="plain">
          {name}={value}
        </Badge>
      ))}
    </span>
  );
}

function About({ entry }: { entry: CatalogueEntry }) {
  return (
    <span class="resource-about">
      <strong>{entry.resource}</strong>
      {entry.description && <span class="muted"> {entry.description}</span>}
      <Attributes entry={entry} />
    </span>
  );
}

// The resources that one may ask for, to choose one of. What is chosen folds the list away.
export function ChooseResource({
  entries,
  chosen,
  onChoose,
}: {
  entries: CatalogueEntry[];
  chosen: string;
  onChoose: (resource: string) => void;
}) {
  const id = useId();
  const [words, setWords] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const opened = useRef(false);
  const entry = entries.find((one) => one.resource === chosen);
  useEffect(() => {
    // Whoever wants another one goes on where they were.
    if (!entry && opened.current) list.current?.querySelector<HTMLElement>('input')?.focus();
  }, [entry]);
  if (entry) {
    return (
      <div class="resource-chosen">
        <div>
          <p class="field-label">Resource</p>
          <About entry={entry} />
        </div>
        {entries.length > 1 && (
          <Button
            small
            onClick={() => {
              opened.current = true;
              onChoose('');
            }}
          >
            Choose another
          </Button>
        )}
      </div>
    );
  }
  const shown = found(entries, words);
  return (
    <div ref={list}>
      {entries.length > searchable && (
        <div class="field resource-search">
          <label class="field-label" for={`${id}-words`}>
            Find a resource
          </label>
          <input
            id={`${id}-words`}
            type="search"
            placeholder="prod orders"
            autocomplete="off"
            value={words}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
          <p class="unseen" role="status">
            {shown.length} found
          </p>
        </div>
      )}
      <p class="field-label" id={id}>
        Which resource
      </p>
      {shown.length === 0 && <p class="muted">None has all of these words.</p>}
      <ul class="resource-list" aria-labelledby={id}>
        {shown.map((one) => (
          <li key={one.resource}>
            <button type="button" class="resource-choice" onClick={() => onChoose(one.resource)}>
              <About entry={one} />
              {one.terms.max_duration ? (
                <span class="muted nowrap">up to {sayDuration(one.terms.max_duration)}</span>
              ) : (
                one.command_terms.may_ask && <span class="muted nowrap">by command</span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
