import { post } from '../../api/client';
import type { Session } from '../../api/types';
import { useAction } from '../../api/use';
import { Button } from '../../ui/Button';
import { Actions, Dialog } from '../../ui/Dialog';
import { Facts } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/Toast';

interface Killed {
  id: string;
  phase: 'ending' | 'asked';
  node: string;
  problem: string | null;
}

export function KillDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const kill = useAction(async () => {
    const killed = await post<Killed>(`/sessions/${encodeURIComponent(session.id)}/kill`);
    toast(
      killed.phase === 'asked'
        ? `${session.user}’s session is asked to end. ${killed.problem ?? ''}`
        : `${session.user}’s session on ${session.resource} is told to end.`,
    );
    onClose();
  });
  return (
    <Dialog title={`Kill ${session.user}’s session on ${session.resource}?`} onClose={onClose}>
      <p>
        It ends now: what runs in it is cancelled, and what is not committed is rolled back. The grant stands,
        so they can connect again until <Time at={session.ends_at} />. To keep them out, revoke the grant.
      </p>
      <div class="gap-above">
        <Facts
          facts={[
            ['Database', session.database],
            [
              'Client',
              `${session.client_address}${session.application_name ? `, ${session.application_name}` : ''}`,
            ],
            ['Connected since', <Time at={session.started_at} seconds />],
            ['Node', session.node],
            ['Session', <code>{session.id}</code>],
          ]}
        />
      </div>
      <ProblemNote error={kill.error} />
      <Actions>
        <Button tone="danger" icon="stop" busy={kill.busy} onClick={() => void kill.run()}>
          Kill the session
        </Button>
        <Button onClick={onClose} autofocus>
          Leave it
        </Button>
      </Actions>
    </Dialog>
  );
}
