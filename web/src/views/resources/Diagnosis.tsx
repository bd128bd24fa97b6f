import { get } from '../../api/client';
import { pathOf } from '../../objects/editor';
import type { Diagnosis as Found, NodeStatus, Resource } from '../../api/types';
import { useAction, useLoaded } from '../../api/use';
import { Button } from '../../ui/Button';
import { Card, Facts } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { Badge, type BadgeTone } from '../../ui/StatusBadge';
import { Time } from '../../ui/Time';
import { useState } from 'preact/hooks';
import type { IconName } from '../../ui/Icon';
import { adminState } from './resource';

const looks: Record<Found['findings'][number]['severity'], { tone: BadgeTone; icon: IconName }> = {
  serious: { tone: 'bad', icon: 'warning' },
  warning: { tone: 'warn', icon: 'warning' },
  unchecked: { tone: 'plain', icon: 'explain' },
};

// What stands between backticks is for a machine.
function Marked({ text }: { text: string }) {
  return (
    <>{text.split('`').map((part, place) => (place % 2 === 1 ? <code key={place}>{part}</code> : part))}</>
  );
}

function Findings({ found }: { found: Found }) {
  const asked = (
    <p class="muted">
      PostgreSQL {found.server_version ?? 'of an unknown version'}, asked <Time at={found.at} seconds />
    </p>
  );
  if (found.findings.length === 0) {
    return (
      <>
        <Note tone="ok">Nothing was found. Nobody gets in without Curfew, as far as PostgreSQL tells.</Note>
        {asked}
      </>
    );
  }
  return (
    <>
      <ul class="findings">
        {found.findings.map(({ check, severity, problem, remedy }) => (
          <li key={check + problem}>
            <p>
              <Badge {...looks[severity]}>{severity}</Badge> <code>{check}</code>
            </p>
            <p>
              <Marked text={problem} />
            </p>
            {remedy && (
              <p>
                <strong>Remedy:</strong> <Marked text={remedy} />
              </p>
            )}
          </li>
        ))}
      </ul>
      {asked}
    </>
  );
}

// Whether Curfew's administrative connection stands, and what PostgreSQL says of the ways around it.
export function Diagnosis({ resource }: { resource: Resource }) {
  const node = useLoaded((signal) => get<NodeStatus>('/status', { signal }), []);
  const [found, setFound] = useState<Found | undefined>(undefined);
  const looking = useAction(async () => {
    setFound(undefined);
    setFound(await get<Found>(`${pathOf('/resources', resource.name)}/diagnosis`));
    node.reload();
  });
  const state = adminState(resource.name, resource.admin_login !== null, node.value);
  return (
    <Card
      title="How it stands"
      actions={
        <Button small busy={looking.busy} onClick={() => void looking.run()}>
          {looking.busy ? 'Asking PostgreSQL…' : found ? 'Look again' : 'Look for what is wrong'}
        </Button>
      }
    >
      <Facts
        facts={[
          [
            'Administrative role',
            <>
              <Badge
                tone={state.tone}
                {...(state.tone === 'ok'
                  ? { icon: 'check' as const }
                  : state.tone === 'plain'
                    ? {}
                    : { icon: 'warning' as const })}
              >
                {state.word}
              </Badge>
              {state.detail && <p class="muted">{state.detail}</p>}
            </>,
          ],
        ]}
      />
      <ProblemNote error={node.error} onRetry={node.reload} />
      <ProblemNote error={looking.error} title="PostgreSQL could not be asked" />
      <div role="status">{found && <Findings found={found} />}</div>
    </Card>
  );
}
