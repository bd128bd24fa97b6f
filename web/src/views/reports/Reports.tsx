import { useEffect, useMemo, useState } from 'preact/hooks';
import { get, getAll } from '../../api/client';
import type { ReviewedGrant, StandingPrivilege } from '../../api/reports';
import type { List } from '../../api/types';
import { useLoaded } from '../../api/use';
import { serverNow } from '../../clock';
import { sayDuration } from '../../duration';
import { replaceQuery, usePlace } from '../../router';
import { Button } from '../../ui/Button';
import { classes } from '../../ui/classes';
import { EmptyState } from '../../ui/EmptyState';
import { TextField } from '../../ui/Field';
import { FromUntil } from '../../ui/FromUntil';
import { Card, Facts, Loading, Page } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { saveFile } from '../../ui/saveFile';
import { Select } from '../../ui/Select';
import { Badge } from '../../ui/StatusBadge';
import { Table, type Column } from '../../ui/Table';
import { Time } from '../../ui/Time';
import { sayUse } from '../timeline/facts';
import '../sessions/sessions.css';
import {
  csvOf,
  findingWords,
  isSerious,
  privilegeWords,
  reportFilterOf,
  reportProblem,
  reviewPath,
  timeChoices,
  totalsOf,
  type ReportFilter,
} from './report';

// More is for `curfew report`.
const mostShown = 2000;

export function Reports() {
  const { query } = usePlace();
  const filter = reportFilterOf(query);
  const [looked, setLooked] = useState(serverNow);
  const path = useMemo(
    () => reviewPath(filter, looked),
    [filter.time, filter.from, filter.to, filter.resource, filter.user, looked],
  );
  const review = useLoaded(
    (signal) =>
      path === null
        ? Promise.resolve({ items: [], next: null })
        : getAll<ReviewedGrant>(path, mostShown, { signal }),
    [path],
  );
  const standing = useLoaded(
    (signal) => get<List<StandingPrivilege>>('/standing-privileges', { signal }),
    [looked],
  );
  const items = path === null ? undefined : review.value?.items;
  return (
    <Page
      title="Reports"
      lead="Who had what, by whose approval, and what it was used for; and who could get in without asking."
      actions={
        <>
          <Button small onClick={() => setLooked(serverNow())}>
            Look again
          </Button>
          {items && items.length > 0 && (
            <Button small onClick={() => saveFile('curfew-accesses.csv', 'text/csv', csvOf(items))}>
              Save as CSV
            </Button>
          )}
        </>
      }
    >
      <Filters filter={filter} />
      <ProblemNote error={review.error} onRetry={review.reload} />
      {path !== null && !items && !review.error && <Loading what="the accesses" />}
      {items?.length === 0 && (
        <EmptyState icon="reports" title="Nobody had access in that time">
          A grant is in a report if its window touches the time, or a session was there under it.
        </EmptyState>
      )}
      {items && items.length > 0 && (
        <>
          <Sums items={items} />
          <Table
            caption="Grants, given last first"
            rows={items}
            rowKey={({ grant }) => grant.id}
            columns={columns}
          />
          {review.value?.next && (
            <p class="muted">
              These are the {items.length} given last. <code>curfew report</code> has all of them.
            </p>
          )}
        </>
      )}
      <Standing loaded={standing} />
    </Page>
  );
}

function Filters({ filter }: { filter: ReportFilter }) {
  const [resource, setResource] = useState(filter.resource);
  const [user, setUser] = useState(filter.user);
  useEffect(() => setResource(filter.resource), [filter.resource]);
  useEffect(() => setUser(filter.user), [filter.user]);
  const commit = () => replaceQuery({ resource: resource.trim(), user: user.trim() });
  return (
    <form
      class="filters"
      aria-label="Narrow the report"
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
    >
      <Select
        label="When"
        value={filter.time}
        choices={timeChoices}
        onValue={(time) => replaceQuery({ time })}
      />
      {filter.time === 'between' && (
        <FromUntil from={filter.from} to={filter.to} problem={reportProblem(filter)} />
      )}
      <TextField
        label="Resource"
        value={resource}
        onValue={setResource}
        onBlur={commit}
        spellcheck={false}
        autocapitalize="none"
      />
      <TextField
        label="User"
        value={user}
        onValue={setUser}
        onBlur={commit}
        spellcheck={false}
        autocapitalize="none"
      />
      <button type="submit" class="unseen" tabIndex={-1}>
        Narrow
      </button>
    </form>
  );
}

const seconds = (count: number) => sayDuration(count * 1000);
const usedIn = (time: number, sessions: number) =>
  `${seconds(time)} in ${sessions} ${sessions === 1 ? 'session' : 'sessions'}`;

function Sums({ items }: { items: ReviewedGrant[] }) {
  const totals = totalsOf(items);
  const shouldBeNone = (count: number) =>
    count === 0 ? (
      <Badge tone="ok" icon="check">
        none
      </Badge>
    ) : (
      <Badge tone="bad" icon="warning">
        {count}
      </Badge>
    );
  return (
    <Card title="In short">
      <Facts
        facts={[
          ['Grants', `${totals.grants}: ${totals.used} used, ${totals.unused} over and never used`],
          ['Asked for', seconds(totals.askedSeconds)],
          ['Given', seconds(totals.givenSeconds)],
          ['Used', usedIn(totals.usedSeconds, totals.sessions)],
          ['Given by hand', totals.byHand],
          [
            'Glass broken',
            totals.reviewsDue > 0
              ? `${totals.brokeGlass}; a review is due of ${totals.reviewsDue}`
              : totals.brokeGlass,
          ],
          ['Overstayed', shouldBeNone(totals.overstayed)],
          ['End not confirmed', shouldBeNone(totals.unconfirmed)],
        ]}
      />
    </Card>
  );
}

const columns: Column<ReviewedGrant>[] = [
  {
    head: 'Who',
    title: true,
    cell: ({ grant, request }) =>
      request ? (
        <a href={`/requests/${request.id}`}>
          {grant.subject}
          <span class="unseen">, request {request.id}</span>
        </a>
      ) : (
        grant.subject
      ),
  },
  {
    head: 'Resource',
    cell: ({ grant }) => (
      <>
        {grant.resource}
        {sayUse(grant) && <div class="muted">{sayUse(grant)}</div>}
      </>
    ),
  },
  { head: 'From', cell: ({ grant }) => <Time at={grant.starts_at} /> },
  {
    head: 'Asked',
    cell: ({ asked_seconds }) =>
      asked_seconds === null ? <span class="muted">not</span> : seconds(asked_seconds),
  },
  { head: 'Given', cell: ({ given_seconds }) => seconds(given_seconds) },
  {
    head: 'Used',
    cell: ({ use }) =>
      use.sessions === 0 ? <span class="muted">not</span> : usedIn(use.used_seconds, use.sessions),
  },
  { head: 'Approved by', cell: ({ approvers }) => approvers.join(', ') },
  {
    head: 'Findings',
    cell: ({ findings }) =>
      findings.length === 0 ? (
        <span class="muted">none</span>
      ) : (
        findings.map((finding) => (
          <Badge
            key={finding}
            tone={isSerious(finding) ? 'bad' : 'warn'}
            {...(isSerious(finding) ? { icon: 'warning' as const } : {})}
          >
            {findingWords[finding]}
          </Badge>
        ))
      ),
  },
  { head: 'Reason', cell: ({ grant }) => grant.reason || <span class="muted">none</span> },
];

function Standing({
  loaded,
}: {
  loaded: { value: List<StandingPrivilege> | undefined; error: unknown; reload: () => void };
}) {
  const items = loaded.value?.items;
  return (
    <section aria-labelledby="standing">
      <h2 id="standing" class="gap-above">
        Standing privileges
      </h2>
      <p class="muted">
        What somebody can do now without having asked: by the rules, by grants that were given by hand, and by
        what is found at each PostgreSQL.
      </p>
      <ProblemNote error={loaded.error} onRetry={loaded.reload} />
      {!items && !loaded.error && <Loading what="what PostgreSQL says" />}
      {items && (
        <Table
          caption="Standing privileges"
          rows={items}
          rowKey={({ kind, resource, who, source, detail }) =>
            [kind, resource, who, source, detail].join(' ')
          }
          columns={privilegeColumns}
        />
      )}
    </section>
  );
}

const privilegeColumns: Column<StandingPrivilege>[] = [
  {
    head: 'What',
    title: true,
    cell: ({ kind }) => <span class="whole">{privilegeWords[kind] ?? kind}</span>,
  },
  { head: 'Resource', cell: ({ resource }) => resource ?? 'all' },
  {
    head: 'Who',
    cell: ({ who }) =>
      who ? (
        <span class={classes(who.length <= 24 && 'whole')}>{who}</span>
      ) : (
        <span class="muted">see there</span>
      ),
  },
  {
    head: 'By',
    cell: ({ source }) =>
      source ? <code class="whole">{source}</code> : <span class="muted whole">Curfew itself</span>,
  },
  { head: 'In words', cell: ({ detail }) => detail },
];
