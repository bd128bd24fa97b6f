import { useEffect, useState } from 'preact/hooks';
import { get, getAll } from '../../api/client';
import type { Diagnosis, FleetNode, NodeStatus } from '../../api/types';
import { useAction, useLoaded, type Loaded } from '../../api/use';
import { Ago } from '../../ui/Countdown';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { Card, Facts, Loading, Page } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { Badge } from '../../ui/StatusBadge';
import { Table, type Column } from '../../ui/Table';
import { Time } from '../../ui/Time';
import { agoOf, byNeed, fleetLine, stateOf, troublesOf, versionsOf } from './fleet';

const lookAgainAfter = 10_000; // each node says that it is there at least as often

// Reads again every so often while somebody looks.
function useLive<T>(load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const loaded = useLoaded(load, []);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) loaded.reload();
    }, lookAgainAfter);
    return () => clearInterval(timer);
  }, [loaded.reload]);
  return loaded;
}

export function Nodes() {
  const fleet = useLive((signal) => getAll<FleetNode>('/nodes', 5_000, { signal }));
  const status = useLive((signal) => get<NodeStatus>('/status', { signal }));
  const nodes = fleet.value?.items;
  const versions = nodes ? versionsOf(nodes) : [];
  return (
    <Page
      title="Nodes"
      lead={nodes && nodes.length > 0 ? fleetLine(nodes) : 'The curfewd that share this store.'}
    >
      <ProblemNote error={fleet.error} title="The store does not answer" onRetry={fleet.reload} />
      {!nodes && !fleet.error && <Loading what="nodes" />}
      {versions.length > 1 && (
        <Note tone="warn">
          Nodes run different versions: {versions.join(', ')}. That is meant to be while they are upgraded one
          after the other, and no longer.
        </Note>
      )}
      {nodes?.length === 0 && (
        <EmptyState icon="nodes" title="No node has said that it is there">
          Each says so every few seconds, in the store.
        </EmptyState>
      )}
      {nodes && nodes.length > 0 && (
        <Table
          caption="Nodes, those that are gone first"
          rows={byNeed(nodes)}
          rowKey={({ node }) => node}
          columns={columnsFor(status.value?.node)}
        />
      )}
      <div class="gap-above">
        <ProblemNote error={status.error} onRetry={status.reload} />
        {status.value && <ThisNode status={status.value} storeAnswers={!fleet.error} />}
      </div>
    </Page>
  );
}

function columnsFor(own: string | undefined): Column<FleetNode>[] {
  return [
    {
      head: 'Node',
      title: true,
      cell: ({ node }) => (
        <>
          <strong>{node}</strong>
          {node === own && <div class="muted nowrap">answers here</div>}
        </>
      ),
    },
    {
      head: 'State',
      cell: (node) => {
        const { tone, word, means } = stateOf(node);
        return (
          <>
            <Badge tone={tone} icon={tone === 'ok' ? 'check' : 'warning'}>
              {word}
            </Badge>
            {node.state === 'gone' && <div class="muted">{means}</div>}
          </>
        );
      },
    },
    { head: 'Up since', cell: ({ started_at }) => <Time at={started_at} /> },
    { head: 'Heard', cell: (node) => <span class="nowrap">{agoOf(node)}</span> },
    { head: 'Sessions', cell: ({ sessions }) => <span class="number">{sessions}</span> },
    { head: 'Address', cell: ({ address }) => <span class="whole">{address}</span> },
    { head: 'Resources', cell: ({ resources }) => resources.join(', ') || <span class="muted">none</span> },
    { head: 'Version', cell: ({ version }) => version },
  ];
}

function ThisNode({ status, storeAnswers }: { status: NodeStatus; storeAnswers: boolean }) {
  const troubles = troublesOf(status);
  return (
    <Card title={`${status.node}, the node that answers`}>
      {troubles.length > 0 && (
        <Note tone="warn">
          <ul class="plain-list">
            {troubles.map((trouble) => (
              <li key={trouble}>{trouble.charAt(0).toUpperCase() + trouble.slice(1)}.</li>
            ))}
          </ul>
        </Note>
      )}
      <Facts
        facts={[
          [
            'New sessions',
            status.ready ? (
              <Badge tone="ok" icon="check">
                Taken
              </Badge>
            ) : (
              <Badge tone="bad" icon="warning">
                Refused
              </Badge>
            ),
          ],
          ['Store', storeAnswers ? 'answers' : 'does not answer'],
          ['Up since', <Time at={status.started_at} />],
          ['Sessions', String(status.sessions)],
          ['Backends not known to be gone', String(status.unconfirmed_backends)],
          ['Listeners', status.listeners.join(', ') || 'none'],
          ['Configuration', <code>{status.config_file}</code>],
          ['Version', status.version],
        ]}
      />
      {status.admin_logins.length > 0 && (
        <>
          <h3 class="gap-above">Administrative connections</h3>
          <p class="muted">By these a node ends what has to end, and proves that it is gone.</p>
          <Table
            caption="Administrative connections"
            rows={status.admin_logins}
            rowKey={({ resource }) => resource}
            columns={loginColumns}
          />
        </>
      )}
    </Card>
  );
}

const loginColumns: Column<NodeStatus['admin_logins'][number]>[] = [
  {
    head: 'Resource',
    title: true,
    cell: ({ resource }) => <a href={`/resources/${encodeURIComponent(resource)}`}>{resource}</a>,
  },
  {
    head: 'State',
    cell: ({ up, problem }) => (
      <>
        <Badge tone={up ? 'ok' : 'bad'} icon={up ? 'check' : 'warning'}>
          {up ? 'Up' : 'Down'}
        </Badge>
        {problem && <div class="muted">{problem}</div>}
      </>
    ),
  },
  {
    head: 'Since',
    cell: ({ since }) => (
      <>
        <Time at={since} />{' '}
        <span class="muted">
          (<Ago at={since} />)
        </span>
      </>
    ),
  },
  { head: 'Around Curfew', cell: ({ resource }) => <Ungoverned resource={resource} /> },
];

// Who works on a resource without a session of Curfew's, looked for now: PostgreSQL is asked, so not by itself.
function Ungoverned({ resource }: { resource: string }) {
  const [found, setFound] = useState<Diagnosis | null>(null);
  const look = useAction(async () =>
    setFound(await get<Diagnosis>(`/resources/${encodeURIComponent(resource)}/diagnosis`)),
  );
  const finding = found?.findings.find(({ check }) => check === 'ungoverned_backends');
  return (
    <>
      {found &&
        (finding ? (
          <div>
            <Badge tone="bad" icon="warning">
              Somebody is
            </Badge>
            <div class="muted">
              {finding.problem}. {finding.remedy}
            </div>
          </div>
        ) : (
          <Badge tone="ok" icon="check">
            Nobody
          </Badge>
        ))}
      <ProblemNote error={look.error} />
      <Button small busy={look.busy} onClick={() => void look.run()}>
        {found ? 'Look again' : 'Who works around it?'}
        <span class="unseen"> On {resource}</span>
      </Button>
    </>
  );
}
