import { useState } from 'preact/hooks';
import { getAll } from '../../api/client';
import { useEvents } from '../../api/events';
import type { Session } from '../../api/types';
import { useLoaded } from '../../api/use';
import { isAuditor, useMe } from '../../me';
import { Button, LinkButton } from '../../ui/Button';
import { Countdown, CountdownBar } from '../../ui/Countdown';
import { EmptyState } from '../../ui/EmptyState';
import { TextField } from '../../ui/Field';
import { Loading, Page } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { Badge } from '../../ui/StatusBadge';
import { Table, type Column } from '../../ui/Table';
import { Time } from '../../ui/Time';
import { Address } from './Address';
import { KillDialog } from './KillDialog';
import { byEnd, matching, phaseOf, severalNodes } from './live';
import { RecordingOfSession } from './RecordingOfSession';
import { SessionTabs } from './SessionTabs';
import './sessions.css';

const manyRows = 8; // from here on a field to find some of them

// Who is connected now. What the events say is the whole list, so nothing is put together here.
export function Sessions() {
  const me = useMe();
  const loaded = useLoaded((signal) => getAll<Session>('/sessions', 10_000, { signal }), []);
  useEvents({ sessions: (items) => loaded.set({ items, next: null }), reset: loaded.reload });
  const [words, setWords] = useState('');
  const [killing, setKilling] = useState<string | null>(null);
  const all = loaded.value?.items;
  const shown = all && matching(byEnd(all), words);
  const chosen = all?.find(({ id }) => id === killing);
  return (
    <Page
      title="Sessions"
      live
      lead={isAuditor(me) ? 'Who is connected, on all nodes.' : 'Your own connections.'}
    >
      <SessionTabs current="live" live={all?.length} />
      <ProblemNote error={loaded.error} onRetry={loaded.reload} />
      {!all && !loaded.error && <Loading what="sessions" />}
      {all && all.length >= manyRows && (
        <div class="filters">
          <TextField
            label="Find"
            type="search"
            value={words}
            onValue={setWords}
            placeholder="Name, resource, address or node"
          />
        </div>
      )}
      {all?.length === 0 && <Nobody everybody={isAuditor(me)} />}
      {shown && all && all.length > 0 && shown.length === 0 && (
        <EmptyState icon="sessions" title="None of them is like that">
          {all.length} live sessions have other words.
        </EmptyState>
      )}
      {shown && shown.length > 0 && (
        <Table
          caption="Live sessions, the next to end first"
          rows={shown}
          rowKey={({ id }) => id}
          columns={columnsFor(severalNodes(all ?? []), isAuditor(me), me.administrator ? setKilling : null)}
        />
      )}
      {chosen && chosen.phase !== 'ending' && (
        <KillDialog session={chosen} onClose={() => setKilling(null)} />
      )}
    </Page>
  );
}

function Nobody({ everybody }: { everybody: boolean }) {
  return everybody ? (
    <EmptyState icon="sessions" title="Nobody is connected">
      Each connection through Curfew stands here while it lasts, with the time that its grant leaves it.
    </EmptyState>
  ) : (
    <EmptyState
      icon="sessions"
      title="You are not connected"
      action={
        <LinkButton tone="primary" icon="add" href="/requests/new">
          Ask for access
        </LinkButton>
      }
    >
      Once a request of yours is approved you can connect, with psql or any other program:{' '}
      <code>curfew connect</code> does it for you. The connection stands here while it lasts.
    </EmptyState>
  );
}

function columnsFor(
  nodes: boolean,
  readable: boolean,
  kill: ((id: string) => void) | null,
): Column<Session>[] {
  const columns: Column<Session>[] = [
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
    { head: 'Left', cell: (session) => <Left session={session} /> },
    { head: 'State', cell: (session) => <Phase session={session} /> },
    { head: 'Since', cell: (session) => <Time at={session.started_at} seconds /> },
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
      head: 'Recording',
      cell: (session) => <RecordingOfSession session={session} link={readable} />,
    },
    { head: 'Node', cell: (session) => session.node },
  ];
  if (!nodes) columns.pop();
  if (kill) {
    columns.push({
      head: 'Act',
      end: true,
      cell: (session) =>
        session.phase === 'ending' ? (
          <span class="muted">ends</span>
        ) : (
          <Button tone="danger" small icon="stop" onClick={() => kill(session.id)}>
            Kill
            <span class="unseen">
              {' '}
              {session.user}’s session on {session.resource}
            </span>
          </Button>
        ),
    });
  }
  return columns;
}

function Left({ session }: { session: Session }) {
  return (
    <div class="left">
      <span>
        <Countdown until={session.ends_at} over="time is up" />{' '}
        <span class="muted">
          until <Time at={session.ends_at} />
        </span>
      </span>
      <CountdownBar from={session.started_at} until={session.ends_at} />
    </div>
  );
}

function Running({ statement }: { statement: { sql: string; since: string } }) {
  return (
    <div class="running">
      <code class="running-sql">{statement.sql}</code>
      <span class="muted">
        {' since '}
        <Time at={statement.since} seconds />
      </span>
    </div>
  );
}

// Each of its commands is approved before it runs.
function ByCommand({ session }: { session: Session }) {
  return (
    <div class="by-command">
      <Badge tone="info" icon="rules">
        By command
      </Badge>{' '}
      {session.waiting_for && (
        <a href={`/requests/${encodeURIComponent(session.waiting_for)}`}>waits for {session.waiting_for}</a>
      )}
    </div>
  );
}

function Phase({ session }: { session: Session }) {
  const { tone, word, means } = phaseOf(session);
  return (
    <>
      <Badge tone={tone} icon={tone === 'ok' ? 'check' : tone === 'bad' ? 'warning' : 'clock'}>
        {word}
      </Badge>
      {(session.phase !== 'live' || session.winding_down) && <div class="muted">{means}</div>}
      {session.by_command && <ByCommand session={session} />}
      {session.statement && <Running statement={session.statement} />}
    </>
  );
}
