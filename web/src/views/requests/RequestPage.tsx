import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { getAll } from '../../api/client';
import { useEvents } from '../../api/events';
import type { CatalogueEntry, Grant, Request, Session } from '../../api/types';
import { useLoaded } from '../../api/use';
import { CommandCard } from '../../commands/CommandCard';
import { ResultCard } from '../../commands/ResultCard';
import { isLong } from '../../commands/Sql';
import { sayRun } from '../../commands/words';
import { sayDuration } from '../../duration';
import { useMe } from '../../me';
import { navigate } from '../../router';
import type { ViewProps } from '../../routes';
import { Button } from '../../ui/Button';
import { CopyText } from '../../ui/CopyButton';
import { Countdown, CountdownBar } from '../../ui/Countdown';
import { EmptyState } from '../../ui/EmptyState';
import { useNow } from '../../ui/now';
import { Card, Facts, Loading, Page } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { Badge, StatusBadge } from '../../ui/StatusBadge';
import { Time } from '../../ui/Time';
import { Connect } from './Connect';
import { Decide, ExtendDialog } from './Decide';
import { History } from './History';
import { extendedBy, readRequest, useChanges } from './live';
import { Progress } from './Progress';
import { sayDecision, sayWaiting, sayWish } from './words';
import './requests.css';

type GrantState = 'upcoming' | 'active' | 'over';

function stateOf(grant: Grant, now: number): GrantState {
  if (grant.revoked || Date.parse(grant.ends_at) <= now) return 'over';
  return Date.parse(grant.starts_at) > now ? 'upcoming' : 'active';
}

// The live sessions under a grant, for who may see them. Their deadlines tell of an end that was moved by hand.
function Sessions({ grant, onMoved }: { grant: Grant; onMoved: () => void }) {
  const [sessions, setSessions] = useState<Session[]>([]);
  useEvents({
    sessions: (all) => {
      const own = all.filter((session) => session.grant === grant.id);
      setSessions(own);
      if (own.some((session) => Math.abs(Date.parse(session.ends_at) - Date.parse(grant.ends_at)) > 2_000))
        onMoved();
    },
  });
  if (sessions.length === 0) return <p class="muted">Nobody is connected under it right now.</p>;
  return (
    <ul class="request-sessions">
      {sessions.map((session) => (
        <li key={session.id}>
          <Badge tone={session.phase === 'ending' ? 'bad' : 'ok'} icon="sessions">
            {session.phase === 'ending' ? 'Ending' : 'Connected'}
          </Badge>{' '}
          {session.user} since <Time at={session.started_at} seconds /> from {session.client_address}
          {session.application_name && <span class="muted"> ({session.application_name})</span>}
        </li>
      ))}
    </ul>
  );
}

// How it stands, in the largest letters of the page.
function Standing({
  request,
  seesSessions,
  reload,
}: {
  request: Request;
  seesSessions: boolean;
  reload: () => void;
}) {
  const grant = request.view?.grant ?? null;
  const now = useNow(request.status === 'APPROVED');
  const state = grant && request.kind === 'access' && !request.command ? stateOf(grant, now) : null;
  if (request.status === 'PENDING') {
    return (
      <>
        <p class="standing">
          It {sayWaiting(request) || 'waits for review'}.{' '}
          <span class="nowrap">
            <Countdown until={request.review_ends_at} over="No time" /> left to review.
          </span>
        </p>
        <Progress request={request} />
      </>
    );
  }
  if (request.status === 'APPROVED' && grant && state === 'upcoming') {
    return (
      <p class="standing">
        Access begins <Time at={grant.starts_at} />, in <Countdown until={grant.starts_at} over="a moment" />,
        and ends <Time at={grant.ends_at} />.
      </p>
    );
  }
  if (request.status === 'APPROVED' && grant && state === 'active') {
    return (
      <>
        <p class="standing">
          Access until <Time at={grant.ends_at} />:{' '}
          <span class="nowrap">
            <Countdown until={grant.ends_at} /> left.
          </span>
        </p>
        <CountdownBar from={grant.starts_at} until={grant.ends_at} />
        {seesSessions && <Sessions grant={grant} onMoved={reload} />}
      </>
    );
  }
  const run = request.command ? sayRun(request) : '';
  if (run) return <p class="standing">{run}.</p>;
  return (
    <p class="standing">
      {sayDecision(request)}
      {request.decision_comment && `: ${request.decision_comment}`}
    </p>
  );
}

function factsOf(request: Request): [string, ComponentChildren][] {
  const grant = request.view?.grant;
  const facts: [string, ComponentChildren][] = [
    ['Who', request.requester],
    ['Resource', request.resource],
  ];
  if (request.command?.form === 'script') facts.push(['May run for', sayDuration(request.duration)]);
  if (!request.command)
    facts.push(['Asked for', sayDuration(request.duration) + (request.kind === 'extension' ? ' more' : '')]);
  if (request.granted && request.granted !== request.duration && !request.command)
    facts.push(['Granted', `${sayDuration(request.granted)}, shortened by an approver`]);
  if (request.starts_at) facts.push(['To start', <Time at={request.starts_at} />]);
  if (request.reason || !request.command)
    facts.push(['Reason', request.reason || <span class="muted">none</span>]);
  if (request.replication) facts.push(['Replication', 'yes']);
  facts.push(['Asked', <Time at={request.asked_at} seconds />]);
  if (request.status === 'PENDING') facts.push(['Lapses', <Time at={request.review_ends_at} />]);
  if (request.decision !== 'none') facts.push(['Decision', sayDecision(request)]);
  if (request.rules.length) facts.push(['Under the rules', request.rules.join(', ')]);
  if (grant) facts.push(['Grant', <code>{grant.id}</code>]);
  return facts;
}

function Extend({
  request,
  entry,
  own,
  onExtended,
}: {
  request: Request;
  entry: CatalogueEntry | undefined;
  own: boolean;
  onExtended: () => void;
}) {
  const [open, setOpen] = useState(false);
  const grant = request.view?.grant;
  if (!grant) return null;
  return (
    <>
      <Button icon="clock" onClick={() => setOpen(true)}>
        {own ? 'Ask for more time' : 'Extend'}
      </Button>
      {open && (
        <ExtendDialog
          request={request}
          grant={grant}
          entry={entry}
          own={own}
          onClose={() => setOpen(false)}
          onAsked={(extension) => navigate(`/requests/${extension.id}`)}
          onExtended={() => {
            setOpen(false);
            onExtended();
          }}
        />
      )}
    </>
  );
}

function Found({
  request,
  put,
  reload,
}: {
  request: Request;
  put: (request: Request) => void;
  reload: () => void;
}) {
  const me = useMe();
  const [unfolded, setUnfolded] = useState(false);
  const own = request.requester === me.user;
  const now = useNow(request.status === 'APPROVED');
  const grant = request.view?.grant ?? null;
  const running =
    request.status === 'APPROVED' &&
    request.kind === 'access' &&
    !request.command &&
    grant !== null &&
    stateOf(grant, now) !== 'over';
  const catalogue = useLoaded(
    async (signal) => (own ? (await getAll<CatalogueEntry>('/catalogue', 5_000, { signal })).items : []),
    [own],
  );
  const entry = catalogue.value?.find((one) => one.resource === request.resource);
  const link = request.view?.url ?? `${location.origin}/requests/${request.id}`;
  return (
    <div class="request">
      <div>
        <Card>
          <div class="badges">
            <StatusBadge status={request.status} />
            {request.kind === 'extension' && <Badge tone="info">More time</Badge>}
            {request.decision === 'break_glass' && (
              <Badge tone="bad" icon="glass">
                Break-glass
              </Badge>
            )}
            {request.decision === 'signed_offline' && (
              <Badge tone="warn" icon="rules">
                Signed offline
              </Badge>
            )}
            {request.review_due && (
              <Badge tone="bad" icon="warning">
                Review due
              </Badge>
            )}
          </div>
          <p class="unseen" role="status">
            {request.id} is {request.status}
          </p>
          <Standing request={request} seesSessions={own || me.administrator} reload={reload} />
          {request.review_due && (
            <Note tone="warn">
              {request.decision === 'signed_offline'
                ? 'Approvers signed it while no store answered.'
                : 'Somebody got in without being asked first.'}{' '}
              One of the approvers has to say afterwards whether it was right.
            </Note>
          )}
          {own && request.status === 'PENDING' && (
            <p class="muted">
              Nobody reviews what they asked for themselves. Send the link to whoever is to approve.
            </p>
          )}
          <div class="request-actions">
            {!request.command && <Decide request={request} onDone={put} />}
            {running && (own || me.administrator) && (
              <Extend request={request} entry={entry} own={own} onExtended={reload} />
            )}
          </div>
        </Card>
        {request.command && (
          <CommandCard
            command={request.command}
            waits={request.status === 'PENDING'}
            unfolded={unfolded}
            onUnfold={() => setUnfolded(true)}
          >
            {/* Below the SQL, so that this is seen first. */}
            <div class="request-actions">
              <Decide request={request} onDone={put} unread={isLong(request.command) && !unfolded} />
            </div>
          </CommandCard>
        )}
        {request.command_result && <ResultCard result={request.command_result} />}
        {own && running && entry && <Connect request={request} entry={entry} />}
        {own && running && <ProblemNote error={catalogue.error} onRetry={catalogue.reload} />}
        <History request={request} />
      </div>
      <Card title="About">
        <Facts facts={factsOf(request)} />
        <h3 class="link-title">Link</h3>
        <CopyText label="the link to this request" text={link} />
      </Card>
    </div>
  );
}

export function RequestPage({ params }: ViewProps) {
  const id = params['id'] ?? '';
  const request = useLoaded(() => readRequest(id), [id]);
  const found = request.value;
  useChanges((changed, now) => {
    if (changed === id) request.set(now);
    else if (now && found && extendedBy(now, [found]).length > 0) request.reload();
  }, request.reload);
  return (
    <Page
      title={found ? `${found.requester}: ${sayWish(found)}` : id}
      back={{ href: '/requests', label: 'Requests' }}
      live
    >
      <ProblemNote error={request.error} onRetry={request.reload} />
      {found === undefined && request.loading && <Loading what="the request" />}
      {found === null && (
        <EmptyState icon="requests" title={`There is no request ${id} that you may see`}>
          A request is seen by who made it, by the groups that review it, and by administrators. Is the
          address whole?
        </EmptyState>
      )}
      {found && <Found request={found} put={request.set} reload={request.reload} />}
    </Page>
  );
}
