import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Me, Request, Status } from '../../api/types';
import { useMe } from '../../me';
import { replaceQuery, usePlace } from '../../router';
import { Button, LinkButton } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { TextField } from '../../ui/Field';
import { Loading, Page, Tabs } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { Select } from '../../ui/Select';
import { type LiveList, useRequests } from './live';
import { RequestTable } from './RequestTable';
import { useWaiting } from './waiting';
import { WaitingCard } from './WaitingCard';
import { waitsForReader } from './words';
import './requests.css';

type Tab = 'waiting' | 'mine' | 'all';

const isTab = (text: string | null): text is Tab => text === 'waiting' || text === 'mine' || text === 'all';

function NewRequest() {
  return (
    <LinkButton href="/requests/new" tone="primary" icon="add">
      New request
    </LinkButton>
  );
}

// What is read, why it could not be, and the way to older ones.
function ListBody({
  list,
  empty,
  children,
}: {
  list: LiveList;
  empty: ComponentChildren;
  children: (items: Request[]) => ComponentChildren;
}) {
  return (
    <>
      <ProblemNote error={list.error} onRetry={list.reload} />
      {!list.items && list.busy && <Loading what="requests" />}
      {list.items && (list.items.length > 0 ? children(list.items) : empty)}
      {list.items && list.more && (
        <Button busy={list.busy} onClick={list.readMore}>
          Show older ones
        </Button>
      )}
    </>
  );
}

function Waiting() {
  const list = useWaiting();
  const decided = (request: Request) => {
    list.put(request);
    // Its card goes, and the button that had the focus with it.
    if (!waitsForReader(request))
      requestAnimationFrame(() => document.querySelector<HTMLElement>('main h1')?.focus());
  };
  return (
    <ListBody
      list={list}
      empty={
        <EmptyState icon="done" title="Nothing waits for you">
          When somebody asks for access and you are in a group that approves, the request stands here, with
          its reason and the buttons to decide. It comes by itself: this page is live.
        </EmptyState>
      }
    >
      {(items) => (
        <ul class="waiting-list">
          {items.map((request) => (
            <WaitingCard key={request.id} request={request} onDone={decided} />
          ))}
        </ul>
      )}
    </ListBody>
  );
}

function Mine({ me }: { me: Me }) {
  const list = useRequests({ view: 'mine' }, (request) => request.requester === me.user);
  return (
    <ListBody
      list={list}
      empty={
        <EmptyState icon="requests" title="You have asked for nothing yet" action={me.user && <NewRequest />}>
          {me.user
            ? 'Say which resource, for how long and why. You see beforehand who has to approve, and are told here when they have.'
            : 'You came by the Unix socket and are no user of Curfew: only users ask for access.'}
        </EmptyState>
      }
    >
      {(items) => <RequestTable requests={items} own />}
    </ListBody>
  );
}

const statuses: { value: string; label: string }[] = [
  { value: '', label: 'Any' },
  { value: 'PENDING,APPROVED', label: 'Open: pending or approved' },
  { value: 'PENDING', label: 'Pending' },
  { value: 'APPROVED', label: 'Approved' },
  { value: 'REJECTED', label: 'Rejected' },
  { value: 'REVOKED', label: 'Revoked' },
  { value: 'EXECUTED', label: 'Executed' },
];

interface Filters {
  status: string;
  resource: string;
  requester: string;
}

function AllFilters({ filters }: { filters: Filters }) {
  const [typed, setTyped] = useState(filters);
  const apply = (now: Filters) => replaceQuery({ ...now });
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter the requests"
      onSubmit={(event) => {
        event.preventDefault();
        apply(typed);
      }}
    >
      <Select
        label="Status"
        value={typed.status}
        choices={statuses}
        onValue={(status) => {
          setTyped({ ...typed, status });
          apply({ ...typed, status });
        }}
      />
      <TextField
        label="Resource"
        type="search"
        value={typed.resource}
        onValue={(resource) => setTyped({ ...typed, resource })}
      />
      <TextField
        label="Who asked"
        type="search"
        value={typed.requester}
        onValue={(requester) => setTyped({ ...typed, requester })}
      />
      <Button type="submit">Filter</Button>
    </form>
  );
}

function All({ filters }: { filters: Filters }) {
  const wanted = filters.status.split(',').filter(Boolean) as Status[];
  const list = useRequests(
    {
      view: 'all',
      ...(filters.status ? { status: filters.status } : {}),
      ...(filters.resource ? { resource: filters.resource } : {}),
      ...(filters.requester ? { requester: filters.requester } : {}),
    },
    (request) =>
      (wanted.length === 0 || wanted.includes(request.status)) &&
      (!filters.resource || request.resource === filters.resource) &&
      (!filters.requester || request.requester.toLowerCase() === filters.requester.toLowerCase()),
  );
  const filtered = filters.status || filters.resource || filters.requester;
  return (
    <>
      <AllFilters filters={filters} />
      <ListBody
        list={list}
        empty={
          filtered ? (
            <EmptyState icon="requests" title="No such requests">
              None that you may see has this status, resource and requester. Names have to be whole.
            </EmptyState>
          ) : (
            <EmptyState icon="requests" title="Nobody has asked for anything yet">
              Your own requests stand here, those that you may review, and for administrators all.
            </EmptyState>
          )
        }
      >
        {(items) => <RequestTable requests={items} own={false} />}
      </ListBody>
    </>
  );
}

export function Requests() {
  const me = useMe();
  const { query } = usePlace();
  const waiting = useWaiting();
  // Who comes without saying what for: to what waits, where something does, and else to one's own. Once: what is shown
  // does not change under one's hand.
  const [first, setFirst] = useState<Tab | null>(null);
  const asked = query.get('view');
  if (first === null && waiting.items) setFirst(waiting.items.length > 0 || !me.user ? 'waiting' : 'mine');
  const tab = isTab(asked) ? asked : first;
  const filters = {
    status: query.get('status') ?? '',
    resource: query.get('resource') ?? '',
    requester: query.get('requester') ?? '',
  };
  const count = waiting.items?.length;
  return (
    <Page title="Requests" live actions={me.user && <NewRequest />}>
      <Tabs
        label="Which requests"
        current={tab ?? ''}
        tabs={[
          { key: 'waiting', href: '/requests?view=waiting', label: 'Waits for me', count },
          { key: 'mine', href: '/requests?view=mine', label: 'Mine' },
          { key: 'all', href: '/requests?view=all', label: 'All' },
        ]}
      />
      {tab === null && (waiting.error ? <Waiting /> : <Loading what="requests" />)}
      {tab === 'waiting' && <Waiting />}
      {tab === 'mine' && <Mine me={me} />}
      {tab === 'all' && <All filters={filters} />}
    </Page>
  );
}
