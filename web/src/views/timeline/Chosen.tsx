import type { ComponentChildren } from 'preact';
import type { GrantOnTimeline, Request, Timeline } from '../../api/types';
import { titleOf } from '../../commands/words';
import { sayDuration } from '../../duration';
import { LinkButton } from '../../ui/Button';
import { Actions, Dialog } from '../../ui/Dialog';
import { Facts } from '../../ui/Page';
import { StatusBadge } from '../../ui/StatusBadge';
import { Time } from '../../ui/Time';
import { approvalOf, becameOf, extensionsOf, sayRevoker, titleOfGrant } from './facts';
import { SessionLines } from './TimelineTable';

// What was chosen on the timeline, in full: a grant, or a request that was not approved.
export function Chosen({
  timeline,
  chosen,
  onClose,
}: {
  timeline: Timeline;
  chosen: string;
  onClose: () => void;
}) {
  const shown = timeline.grants.find(({ grant }) => grant.id === chosen);
  if (shown) return <GrantDialog shown={shown} now={Date.parse(timeline.as_of)} onClose={onClose} />;
  const request = timeline.not_approved.find(({ id }) => id === chosen);
  return request ? <RequestDialog request={request} onClose={onClose} /> : null;
}

function ToRequest({ id }: { id: string }) {
  return (
    <Actions>
      <LinkButton tone="primary" href={`/requests/${encodeURIComponent(id)}`}>
        Open the request
      </LinkButton>
    </Actions>
  );
}

function GrantDialog({ shown, now, onClose }: { shown: GrantOnTimeline; now: number; onClose: () => void }) {
  const { grant, request } = shown;
  return (
    <Dialog title={titleOfGrant(grant)} onClose={onClose}>
      <Facts
        facts={[
          ['Reason', grant.reason || <span class="muted">none was given</span>],
          ['Asked', request ? <Time at={request.asked_at} seconds /> : 'without a request'],
          [
            'Approved',
            <>
              <Time at={request?.approved_at ?? grant.given_at} seconds />, {approvalOf(shown)}
            </>,
          ],
          [
            'Window',
            <>
              <Time at={grant.starts_at} seconds /> to <Time at={grant.ends_at} seconds />
            </>,
          ],
          ['Extended', extensionsOf(shown, now)],
          ...(grant.revoked
            ? ([
                [
                  'Revoked',
                  <>
                    <Time at={grant.revoked.at} seconds />, by {sayRevoker(grant.revoked)}
                    {grant.revoked.reason && `: ${grant.revoked.reason}`}
                  </>,
                ],
              ] as [string, ComponentChildren][])
            : []),
          ['Sessions', <SessionLines shown={shown} now={now} />],
          ['Grant', <code>{grant.id}</code>],
        ]}
      />
      {request && <ToRequest id={request.id} />}
    </Dialog>
  );
}

function RequestDialog({ request, onClose }: { request: Request; onClose: () => void }) {
  return (
    <Dialog title={`${request.requester} asked for ${request.resource}`} onClose={onClose}>
      <Facts
        facts={[
          ['State', <StatusBadge status={request.status} />],
          ['Why', becameOf(request)],
          ['Asked', <Time at={request.asked_at} seconds />],
          request.command
            ? ['SQL', <code>{titleOf(request.command)}</code>]
            : ['For', sayDuration(request.duration)],
          ['Reason', request.reason || <span class="muted">none was given</span>],
          ['Comment', request.decision_comment || <span class="muted">none</span>],
        ]}
      />
      <ToRequest id={request.id} />
    </Dialog>
  );
}
