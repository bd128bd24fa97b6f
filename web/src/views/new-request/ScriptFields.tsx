import { useRef, useState } from 'preact/hooks';
import { problemOf } from '../../api/client';
import type { CatalogueEntry } from '../../api/types';
import '../../commands/commands.css';
import { Button } from '../../ui/Button';
import { DurationChips } from '../../ui/DurationChips';
import { TextArea, TextField } from '../../ui/Field';
import { Note } from '../../ui/ProblemNote';
import { Select } from '../../ui/Select';
import { reasonHint, runsScripts, type Wish, type WishForm } from './wish';

// A script from a file: what is sent is what stands in the field afterwards.
function FromFile({ onText }: { onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState('');
  const read = async (file: File | undefined) => {
    if (!file) return;
    try {
      onText(new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer()));
      setProblem('');
    } catch {
      setProblem(`${file.name} is not text in UTF-8.`);
    }
  };
  return (
    <div>
      <input
        ref={input}
        type="file"
        accept=".sql,.txt,text/plain"
        hidden
        onChange={(event) => {
          void read(event.currentTarget.files?.[0]);
          event.currentTarget.value = ''; // the same one again is read again
        }}
      />
      <Button small onClick={() => input.current?.click()}>
        Open a file
      </Button>
      {problem && (
        <p class="field-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function Database({
  entry,
  wish,
  change,
  problem,
}: {
  entry: CatalogueEntry;
  wish: Wish;
  change: (changes: Partial<Wish>) => void;
  problem: string | undefined;
}) {
  const onValue = (database: string) => change({ database });
  if (entry.databases.length === 0) {
    return (
      <TextField
        label="Database"
        hint="The resource's default one, if nothing is named"
        optional
        value={wish.database}
        onValue={onValue}
        problem={problem}
        spellcheck={false}
      />
    );
  }
  return (
    <Select
      label="Database"
      value={wish.database}
      onValue={onValue}
      problem={problem}
      choices={[
        { value: '', label: 'The default one' },
        ...entry.databases.map((name) => ({ value: name, label: name })),
      ]}
    />
  );
}

// What is asked for of one script.
export function ScriptFields({ entry, wish, change, problems, error }: WishForm) {
  const terms = entry.command_terms;
  const connect = (
    <>
      You can also connect without asking first: <code>curfew connect {entry.resource}</code>. What is not
      allowed there waits until it is approved, command by command.
    </>
  );
  if (!runsScripts(entry)) {
    return (
      <Note>
        Scripts are not run on {entry.resource}: one logs in there with a password of one’s own, which Curfew
        does not know. {connect}
      </Note>
    );
  }
  return (
    <>
      <TextArea
        label="SQL"
        hint="It runs once it is approved: once, as it stands here, and what it prints is kept with the request."
        class="sql-input"
        rows={10}
        spellcheck={false}
        autocapitalize="none"
        value={wish.sql}
        onValue={(sql) => change({ sql })}
        problem={problems.sql ?? problemOf(error, 'command.sql')}
      />
      <FromFile onText={(sql) => change({ sql })} />
      <Database entry={entry} wish={wish} change={change} problem={problemOf(error, 'command.database')} />
      <TextArea
        label="Reason"
        hint={reasonHint(terms, false)}
        optional={!terms.reason_required}
        maxLength={1000}
        value={wish.reason}
        onValue={(reason) => change({ reason })}
        problem={problems.reason ?? problemOf(error, 'reason')}
      />
      <DurationChips
        key={entry.resource}
        label="How long it may run"
        value={wish.duration}
        onValue={(duration) => change({ duration })}
        maximum={terms.max_duration}
        preset={terms.default_duration}
        problem={problems.duration ?? problemOf(error, 'duration')}
      />
      <p class="muted">{connect}</p>
    </>
  );
}
