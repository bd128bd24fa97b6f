import { useEffect, useState } from 'preact/hooks';
import { get } from '../../api/client';
import { usePages } from '../../api/pages';
import type { AuditEvent, AuditHead } from '../../api/types';
import { useAction } from '../../api/use';
import { replaceQuery, usePlace } from '../../router';
import { Button, LinkButton } from '../../ui/Button';
import { classes } from '../../ui/classes';
import { CopyText } from '../../ui/CopyButton';
import { Actions, Dialog } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { CheckField, TextField } from '../../ui/Field';
import { FromUntil } from '../../ui/FromUntil';
import { Facts, Loading, Page } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { Select } from '../../ui/Select';
import { Table, type Column } from '../../ui/Table';
import { saveFile } from '../../ui/saveFile';
import { Time } from '../../ui/Time';
import '../sessions/sessions.css';
import './audit.css';
import {
  fileName,
  headName,
  isTrailNarrowed,
  jsonLines,
  kindChoices,
  pathOfEvent,
  shortOf,
  trailFilterOf,
  trailPath,
  trailProblem,
  wordsOf,
  type TrailFilter,
} from './trail';

export function Audit() {
  const { query } = usePlace();
  const filter = trailFilterOf(query);
  const pages = usePages<AuditEvent>(trailPath(filter), 100);
  const [shown, setShown] = useState<AuditEvent | null>(null);
  const [signed, setSigned] = useState<AuditHead | null>(null);
  const { items } = pages;
  const signing = useAction(async () => {
    const head = await get<AuditHead>('/audit-heads/latest');
    saveFile(headName(head), 'application/x-ndjson', JSON.stringify(head) + '\n');
    setSigned(head);
  });
  return (
    <Page
      title="Audit trail"
      lead="Every change that Curfew made, written in the transaction that made it, each chained to the one before by its hash."
      actions={
        <>
          <Button small onClick={pages.reload}>
            Look again
          </Button>
          {items && items.length > 0 && (
            <Button small onClick={() => saveFile(fileName(items), 'application/x-ndjson', jsonLines(items))}>
              Save the {items.length} shown
            </Button>
          )}
          <Button small busy={signing.busy} onClick={() => void signing.run()}>
            Save a signed head
          </Button>
        </>
      }
    >
      <ProblemNote error={signing.error} />
      {signed && (
        <p role="status">
          {signed.node} signed that the trail has come to event {signed.number}. Keep the file elsewhere:{' '}
          <code>curfew audit verify --heads</code> shows by it whether the trail is still the same.
        </p>
      )}
      <Filters filter={filter} />
      <ProblemNote error={pages.error} onRetry={pages.reload} />
      {!items && !pages.error && <Loading what="the audit trail" />}
      {items?.length === 0 && !pages.next && <Nothing narrowed={isTrailNarrowed(filter)} />}
      {items && items.length > 0 && (
        <Table
          caption={`Events, ${filter.oldest ? 'oldest' : 'newest'} first`}
          rows={items}
          rowKey={({ number }) => String(number)}
          columns={columnsFor(setShown)}
        />
      )}
      {items && pages.next && (
        <div class="more">
          <Button busy={pages.loading} onClick={pages.more}>
            Show more
          </Button>
        </div>
      )}
      {shown && <EventDialog event={shown} onClose={() => setShown(null)} />}
    </Page>
  );
}

function Filters({ filter }: { filter: TrailFilter }) {
  const [id, setId] = useState(filter.id);
  const [actor, setActor] = useState(filter.actor);
  useEffect(() => setId(filter.id), [filter.id]);
  useEffect(() => setActor(filter.actor), [filter.actor]);
  const commit = () => replaceQuery({ id: id.trim(), actor: actor.trim() });
  const known = kindChoices.some(({ value }) => value === filter.kind);
  return (
    <form
      class="filters"
      aria-label="Narrow the audit trail"
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
    >
      <Select
        label="What"
        value={filter.kind}
        choices={known ? kindChoices : [...kindChoices, { value: filter.kind, label: filter.kind }]}
        onValue={(kind) => replaceQuery({ kind })}
      />
      <TextField
        label="About"
        value={id}
        onValue={setId}
        onBlur={commit}
        placeholder="r-7k3mq9xd, or a name"
        spellcheck={false}
      />
      <TextField label="Who did it" value={actor} onValue={setActor} onBlur={commit} spellcheck={false} />
      <FromUntil from={filter.from} to={filter.to} problem={trailProblem(filter)} />
      <div class="filters-end">
        <CheckField
          label="Oldest first"
          checked={filter.oldest}
          onValue={(oldest) => replaceQuery({ order: oldest ? 'oldest' : null })}
        />
        {isTrailNarrowed(filter) && (
          <Button
            tone="quiet"
            small
            onClick={() => replaceQuery({ kind: null, id: null, actor: null, from: null, to: null })}
          >
            Show all
          </Button>
        )}
      </div>
      <button type="submit" class="unseen" tabIndex={-1}>
        Narrow
      </button>
    </form>
  );
}

function Nothing({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <EmptyState icon="audit" title="No event is like that">
      What an event is about is an identifier such as <code>r-7k3mq9xd</code>, or the name of a user, group,
      resource or rule, as it is written.
    </EmptyState>
  ) : (
    <EmptyState icon="audit" title="Nothing has happened yet">
      The first request, grant, session or sign-in is also the first event. Nothing that is written here is
      ever changed or removed.
    </EmptyState>
  );
}

// Identifiers are not broken; long names have to be.
function Name({ text }: { text: string }) {
  return <span class={classes(text.length <= 16 && 'whole')}>{text}</span>;
}

function columnsFor(show: (event: AuditEvent) => void): Column<AuditEvent>[] {
  return [
    {
      head: 'What',
      title: true,
      cell: (event) => (
        <button type="button" class="link" onClick={() => show(event)}>
          {wordsOf(event.kind)}
          <span class="unseen">, event {event.number}</span>
        </button>
      ),
    },
    {
      head: 'About',
      cell: (event) => {
        const path = pathOfEvent(event);
        return path ? (
          <a href={path}>
            <Name text={event.id} />
          </a>
        ) : (
          <Name text={event.id} />
        );
      },
    },
    {
      head: 'Who',
      cell: ({ actor }) =>
        actor === null ? <span class="muted">nobody: its time came</span> : <Name text={actor} />,
    },
    { head: 'Number', cell: ({ number }) => <span class="number">{number}</span> },
    { head: 'When', cell: ({ at }) => <Time at={at} seconds /> },
    { head: 'Facts', cell: ({ summary }) => <span class="muted">{shortOf(summary)}</span> },
  ];
}

function EventDialog({ event, onClose }: { event: AuditEvent; onClose: () => void }) {
  const path = pathOfEvent(event);
  return (
    <Dialog title={`Event ${event.number}: ${wordsOf(event.kind)}`} onClose={onClose}>
      <Facts
        facts={[
          ['When', <Time at={event.at} seconds />],
          ['Kind', <code>{event.kind}</code>],
          ['About', event.id],
          ['Who', event.actor ?? 'nobody: its time came'],
        ]}
      />
      <h3 class="gap-above">What was written</h3>
      <pre class="audit-summary" tabIndex={0}>
        {JSON.stringify(event.summary, null, 2)}
      </pre>
      <h3>Hash</h3>
      <p class="muted">
        Of this event and the hash of the one before. Note it elsewhere from time to time: who finds it
        changed later knows that the trail was.
      </p>
      <CopyText text={event.hash} label={`The hash of event ${event.number}`} />
      {path && (
        <Actions>
          <LinkButton href={path}>Open {event.id}</LinkButton>
        </Actions>
      )}
    </Dialog>
  );
}
