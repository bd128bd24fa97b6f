import type { Request } from '../../api/types';
import { serverNow } from '../../clock';
import { Exact } from '../../commands/Exact';
import { sayRun, titleOf } from '../../commands/words';
import { sayDuration } from '../../duration';
import { Countdown } from '../../ui/Countdown';
import { Badge, StatusBadge } from '../../ui/StatusBadge';
import { Table, type Column } from '../../ui/Table';
import { Time } from '../../ui/Time';
import { sayDecision, sayWaiting } from './words';

// How it stands, beside its status: what is waited for, what is left, or how it came to an end.
export function Standing({ request }: { request: Request }) {
  if (request.status === 'PENDING') {
    return (
      <>
        {sayWaiting(request) || 'waits for review'} ·{' '}
        <span class="nowrap">
          <Countdown until={request.review_ends_at} over="no time" /> left
        </span>
      </>
    );
  }
  const run = request.command ? sayRun(request) : '';
  if (run) return <>{run}</>;
  const grant = request.view?.grant;
  if (request.status === 'APPROVED' && grant) {
    if (Date.parse(grant.starts_at) > serverNow()) {
      return (
        <>
          from <Time at={grant.starts_at} />
        </>
      );
    }
    return (
      <>
        until <Time at={grant.ends_at} /> ·{' '}
        <span class="nowrap">
          <Countdown until={grant.ends_at} /> left
        </span>
      </>
    );
  }
  return (
    <>
      {sayDecision(request)}
      {request.decision_comment && <span class="muted">: {request.decision_comment}</span>}
    </>
  );
}

function WishedFor({ request }: { request: Request }) {
  if (request.command) {
    return (
      <code class="sql-short">
        <Exact text={titleOf(request.command)} />
      </code>
    );
  }
  return (
    <span class="nowrap">
      {request.kind === 'extension' ? '+ ' : ''}
      {sayDuration(request.granted ?? request.duration)}
    </span>
  );
}

export function RequestTable({ requests, own }: { requests: Request[]; own: boolean }) {
  const columns: Column<Request>[] = [
    {
      head: 'Request',
      title: true,
      cell: (request) => (
        <a href={`/requests/${request.id}`} class="request-link">
          {request.resource}
          <span class="request-id">{request.id}</span>
        </a>
      ),
    },
    ...(own ? [] : [{ head: 'Who', cell: (request: Request) => request.requester }]),
    {
      head: 'For',
      cell: (request) => <WishedFor request={request} />,
    },
    {
      head: 'Status',
      cell: (request) => (
        <span class="badges">
          <StatusBadge status={request.status} />
          {request.review_due && (
            <Badge tone="bad" icon="glass">
              Review due
            </Badge>
          )}
        </span>
      ),
    },
    {
      head: 'How it stands',
      cell: (request) => (
        <span>
          <Standing request={request} />
        </span>
      ),
    },
    { head: 'Asked', cell: (request) => <Time at={request.asked_at} /> },
  ];
  return (
    <Table
      caption={own ? 'What you asked for, newest first' : 'Requests, newest first'}
      columns={columns}
      rows={requests}
      rowKey={(request) => request.id}
    />
  );
}
