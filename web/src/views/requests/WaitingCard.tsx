import type { Request } from '../../api/types';
import { Exact } from '../../commands/Exact';
import { Sql } from '../../commands/Sql';
import { isSeenAtOnce, titleOf } from '../../commands/words';
import { LinkButton } from '../../ui/Button';
import { Ago, Countdown } from '../../ui/Countdown';
import { Badge } from '../../ui/StatusBadge';
import { Decide, Reason } from './Decide';
import { Progress } from './Progress';
import { sayWish } from './words';

// What waits for the reader: all that is needed to decide, and the buttons. A command that is too long to be read here is
// read, and decided about, at its own place.
export function WaitingCard({ request, onDone }: { request: Request; onDone: (request: Request) => void }) {
  const late = request.status !== 'PENDING';
  const { command } = request;
  const whole = !command || isSeenAtOnce(command);
  return (
    <li class="card waiting" aria-label={`${request.requester}: ${sayWish(request)}`}>
      <div class="waiting-head">
        <h2>
          <a href={`/requests/${request.id}`}>
            {request.requester}: {sayWish(request)}
          </a>
        </h2>
        {late && (
          <Badge tone="bad" icon="glass">
            {request.decision === 'signed_offline' ? 'Signed offline: review due' : 'Break-glass: review due'}
          </Badge>
        )}
        {request.kind === 'extension' && <Badge tone="info">More time</Badge>}
        {request.replication && <Badge tone="info">Replication</Badge>}
      </div>
      <Reason request={request} />
      {command &&
        (whole ? (
          <Sql command={command} unfolded />
        ) : (
          <code class="sql-line">
            <Exact text={titleOf(command)} />
          </code>
        ))}
      {command?.database && <p class="muted">In the database {command.database}</p>}
      <Progress request={request} />
      <p class="muted waiting-foot">
        <span class="nowrap">{request.id}</span> · asked <Ago at={request.asked_at} />
        {!late && (
          <>
            {' '}
            · <Countdown until={request.review_ends_at} over="no time" /> left to review
          </>
        )}
      </p>
      {whole ? (
        <Decide request={request} onDone={onDone} reviewOnly />
      ) : (
        <div class="actions">
          <LinkButton tone="primary" href={`/requests/${request.id}`}>
            Read all of it and decide
            <span class="unseen"> about {request.id}</span>
          </LinkButton>
        </div>
      )}
    </li>
  );
}
