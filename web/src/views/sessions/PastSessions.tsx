import { useEffect, useMemo, useState } from 'preact/hooks';
import { usePages } from '../../api/pages';
import type { SessionRecord } from '../../api/types';
import { serverNow } from '../../clock';
import { isAuditor, useMe } from '../../me';
import { replaceQuery, usePlace } from '../../router';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { TextField } from '../../ui/Field';
import { FromUntil } from '../../ui/FromUntil';
import { Loading, Page } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { Select } from '../../ui/Select';
import { Badge } from '../../ui/StatusBadge';
import { Table, type Column } from '../../ui/Table';
import { Time } from '../../ui/Time';
import {
  betweenProblem,
  filterOf,
  howChoices,
  isNarrowed,
  pastPath,
  whenChoices,
  type PastFilter,
} from './past';
import { Address } from './Address';
import { Receipt } from './Receipt';
import { RecordingOfSession } from './RecordingOfSession';
import { SessionTabs } from './SessionTabs';
import { confirmationOf, endOf, hasOverstayed, lasted, overstayOf, sayOutcome, sayOverstay } from './words';
import './sessions.css';

export function PastSessions() {
  const me = useMe();
  const { query } = usePlace();
  const filter = filterOf(query);
  // `Last hour` is counted from when it was chosen: pages that follow go on from the first one.
  const path = useMemo(() => pastPath(filter, serverNow()), [JSON.stringify(filter)]);
  const pages = usePages<SessionRecord>(path, 50);
  return (
    <Page
      title="Sessions"
      lead={
        isAuditor(me)
          ? 'Every connection that was ever admitted, how it ended, and how that is known.'
          : 'Your own connections, how they ended, and how that is known.'
      }
      actions={
        <Button small onClick={pages.reload}>
          Look again
        </Button>
      }
    >
      <SessionTabs current="past" />
      <Filters filter={filter} everybody={isAuditor(me)} />
      <ProblemNote error={pages.error} onRetry={pages.reload} />
      {!pages.items && !pages.error && <Loading what="sessions" />}
      {pages.items?.length === 0 && !pages.next && <Nothing narrowed={isNarrowed(filter)} />}
      {pages.items && pages.items.length > 0 && (
        <Table
          caption="Past sessions, started last first"
          rows={pages.items}
          rowKey={({ id }) => id}
          columns={columnsFor(isAuditor(me))}
        />
      )}
      {pages.items && pages.next && (
        <div class="more">
          <Button busy={pages.loading} onClick={pages.more}>
            Show older ones
          </Button>
        </div>
      )}
    </Page>
  );
}

function Filters({ filter, everybody }: { filter: PastFilter; everybody: boolean }) {
  // What is typed counts when it is left, or by Enter: not each letter of it.
  const [user, setUser] = useState(filter.user);
  const [resource, setResource] = useState(filter.resource);
  useEffect(() => setUser(filter.user), [filter.user]);
  useEffect(() => setResource(filter.resource), [filter.resource]);
  const commit = () => replaceQuery({ user: user.trim(), resource: resource.trim() });
  return (
    <form
      class="filters"
      aria-label="Narrow the list"
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
    >
      {everybody && (
        <TextField label="User" value={user} onValue={setUser} onBlur={commit} spellcheck={false} />
      )}
      <TextField label="Resource" value={resource} onValue={setResource} onBlur={commit} spellcheck={false} />
      <Select
        label="When"
        value={filter.when}
        choices={whenChoices}
        onValue={(when) => replaceQuery({ when, ...(when === 'between' ? {} : { from: null, to: null }) })}
      />
      {filter.when === 'between' && (
        <FromUntil from={filter.from} to={filter.to} problem={betweenProblem(filter)} />
      )}
      <Select
        label="How it ended"
        value={filter.how}
        choices={howChoices}
        onValue={(how) => replaceQuery({ how })}
      />
      {isNarrowed(filter) && (
        <Button
          tone="quiet"
          class="filters-clear"
          onClick={() =>
            replaceQuery({ user: null, resource: null, when: null, from: null, to: null, how: null })
          }
        >
          Show all
        </Button>
      )}
      <button type="submit" class="unseen" tabIndex={-1}>
        Narrow
      </button>
    </form>
  );
}

function Nothing({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <EmptyState icon="sessions" title="No session was like that">
      Names are compared as they are written: <code>alice</code> is not <code>Alice</code>. Take a filter away
      to see more.
    </EmptyState>
  ) : (
    <EmptyState icon="sessions" title="Nobody has connected yet">
      A connection is written down before its first statement, and stays here for good: who, from where, under
      which grant, how it ended, and how it is known that nothing of it is left.
    </EmptyState>
  );
}

function Ended({ session }: { session: SessionRecord }) {
  const late = hasOverstayed(session, serverNow());
  return (
    <>
      {endOf(session)}
      {late && (
        <div>
          <Badge tone="bad" icon="warning">
            {sayOverstay(overstayOf(session, serverNow()))} late
          </Badge>
        </div>
      )}
      {session.detail && <div class="muted">{session.detail}</div>}
      {sayOutcome(session) && <div class="muted">{sayOutcome(session)}</div>}
    </>
  );
}

function Confirmed({ session }: { session: SessionRecord }) {
  const { tone, word, means } = confirmationOf(session);
  return (
    <span title={means}>
      <Badge tone={tone} icon={tone === 'ok' ? 'check' : tone === 'bad' ? 'warning' : 'clock'}>
        {word}
      </Badge>
      {session.confirmation === 'unconfirmed' && (
        <div class="muted">
          pid {session.backend.pid ?? 'not known'}
          {session.backend.started && `, started ${session.backend.started}`}
        </div>
      )}
    </span>
  );
}

// Whoever may not read a recording sees that there is one.
const recordingColumn = (link: boolean): Column<SessionRecord> => ({
  head: 'Recording',
  cell: (session) => <RecordingOfSession session={session} link={link} />,
});

const columnsFor = (link: boolean): Column<SessionRecord>[] => [
  ...columns.slice(0, -1),
  recordingColumn(link),
  ...columns.slice(-1),
];

const columns: Column<SessionRecord>[] = [
  {
    head: 'Who',
    title: true,
    cell: (session) => (
      <>
        <strong>{session.user}</strong> <span class="muted">on</span> {session.resource}
        {session.database && session.database !== session.resource && (
          <span class="muted">/{session.database}</span>
        )}
      </>
    ),
  },
  { head: 'Started', cell: (session) => <Time at={session.started_at} seconds /> },
  { head: 'Lasted', cell: (session) => <span class="nowrap">{lasted(session)}</span> },
  { head: 'How it ended', cell: (session) => <Ended session={session} /> },
  { head: 'Backend', cell: (session) => <Confirmed session={session} /> },
  {
    head: 'Client',
    cell: (session) => (
      <>
        <Address of={session.client_address} />
        {session.application_name && <div class="muted">{session.application_name}</div>}
      </>
    ),
  },
  {
    head: 'Node, grant',
    cell: (session) => (
      <>
        {session.node}
        <div class="muted nowrap">{session.grant}</div>
      </>
    ),
  },
  { head: 'Receipt', end: true, cell: (session) => <Receipt session={session} /> },
];
