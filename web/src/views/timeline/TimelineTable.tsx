import type { GrantOnTimeline, Request, Timeline } from '../../api/types';
import { titleOf } from '../../commands/words';
import { sayDuration } from '../../duration';
import { Badge, StatusBadge } from '../../ui/StatusBadge';
import { Table, type Column } from '../../ui/Table';
import { Time } from '../../ui/Time';
import {
  approvalOf,
  becameOf,
  extensionsOf,
  sayRevoker,
  sessionLine,
  sticksOut,
  titleOfGrant,
} from './facts';

// The same as the chart, in words.
export function TimelineTable({
  timeline,
  onChoose,
}: {
  timeline: Timeline;
  onChoose: (key: string) => void;
}) {
  const now = Date.parse(timeline.as_of);
  return (
    <div class="timeline-tables">
      {timeline.grants.length > 0 && (
        <Table
          caption="Grants, with what was done under them"
          rows={timeline.grants}
          rowKey={({ grant }) => grant.id}
          columns={grantColumns(now, onChoose)}
        />
      )}
      {timeline.not_approved.length > 0 && (
        <>
          <h2>Not approved</h2>
          <Table
            caption="Requests that were not approved, or not yet"
            rows={timeline.not_approved}
            rowKey={({ id }) => id}
            columns={requestColumns}
          />
        </>
      )}
    </div>
  );
}

export function SessionLines({ shown, now }: { shown: GrantOnTimeline; now: number }) {
  if (shown.sessions.length === 0) return <span class="muted">nobody connected</span>;
  return (
    <ul class="plain-list">
      {shown.sessions.map((session) => (
        <li key={session.id}>
          {sessionLine(session, now)}{' '}
          {session.recording !== null && session.recording !== 'off' && (
            <a href={`/sessions/${encodeURIComponent(session.id)}/recording`}>Recording</a>
          )}{' '}
          {sticksOut(session, shown, now) && (
            <Badge tone="bad" icon="warning">
              out of its window
            </Badge>
          )}
          {session.confirmation === 'unconfirmed' && (
            <Badge tone="bad" icon="warning">
              end not confirmed
            </Badge>
          )}
        </li>
      ))}
    </ul>
  );
}

function grantColumns(now: number, onChoose: (key: string) => void): Column<GrantOnTimeline>[] {
  return [
    {
      head: 'Grant',
      title: true,
      cell: ({ grant }) => (
        <>
          <button type="button" class="link" onClick={() => onChoose(grant.id)}>
            {titleOfGrant(grant)}
          </button>
        </>
      ),
    },
    {
      head: 'Window',
      cell: ({ grant }) => (
        <>
          <Time at={grant.starts_at} /> to <Time at={grant.ends_at} />
          {grant.revoked && (
            <div class="muted">
              revoked by {sayRevoker(grant.revoked)} at <Time at={grant.revoked.at} />
            </div>
          )}
        </>
      ),
    },
    {
      head: 'Asked',
      cell: ({ request }) =>
        request ? <Time at={request.asked_at} /> : <span class="muted">without a request</span>,
    },
    { head: 'Approved', cell: (shown) => approvalOf(shown) },
    { head: 'Extended', cell: (shown) => extensionsOf(shown, now) },
    { head: 'Sessions', cell: (shown) => <SessionLines shown={shown} now={now} /> },
  ];
}

const requestColumns: Column<Request>[] = [
  {
    head: 'Request',
    title: true,
    cell: (request) => (
      <a href={`/requests/${encodeURIComponent(request.id)}`}>
        {request.requester} on {request.resource}
      </a>
    ),
  },
  { head: 'Asked', cell: (request) => <Time at={request.asked_at} /> },
  {
    head: 'For',
    cell: (request) =>
      request.command ? <code>{titleOf(request.command)}</code> : sayDuration(request.duration),
  },
  { head: 'State', cell: (request) => <StatusBadge status={request.status} /> },
  { head: 'Why', cell: becameOf },
];
