import { useState } from 'preact/hooks';
import { del } from '../../api/client';
import type { Token } from '../../api/types';
import { useAction } from '../../api/use';
import { Button } from '../../ui/Button';
import { Actions, Dialog } from '../../ui/Dialog';
import { ProblemNote } from '../../ui/ProblemNote';
import { Table } from '../../ui/Table';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/Toast';

function RevokeDialog({
  token,
  onRevoked,
  onClose,
}: {
  token: Token;
  onRevoked: () => void;
  onClose: () => void;
}) {
  const revoking = useAction(async () => {
    await del(`/tokens/${token.id}`);
    toast(`Token ${token.name} is revoked.`);
    onRevoked();
  });
  return (
    <Dialog title={`Revoke ${token.name}?`} onClose={onClose}>
      <p>
        Whatever uses it is refused from now on. It cannot be taken back; another token can be made in its
        place.
      </p>
      <ProblemNote error={revoking.error} />
      <Actions>
        <Button tone="danger" busy={revoking.busy} onClick={() => void revoking.run()}>
          Revoke
        </Button>
        <Button onClick={onClose}>Keep it</Button>
      </Actions>
    </Dialog>
  );
}

export function TokenTable({
  tokens,
  whose,
  onRevoked,
}: {
  tokens: Token[];
  whose: string;
  onRevoked: () => void;
}) {
  const [revoking, setRevoking] = useState<Token | null>(null);
  return (
    <>
      <Table
        caption={`Tokens of ${whose}`}
        rows={tokens}
        rowKey={(token) => token.id}
        columns={[
          { head: 'Token', title: true, cell: (token) => token.name },
          { head: 'Scopes', cell: (token) => token.scopes.join(', ') },
          { head: 'Made', cell: (token) => <Time at={token.created_at} /> },
          {
            head: 'Last used',
            cell: (token) =>
              token.last_used_at ? <Time at={token.last_used_at} /> : <span class="muted">never</span>,
          },
          { head: 'Ends', cell: (token) => <Time at={token.expires_at} /> },
          {
            head: 'Revoke',
            end: true,
            cell: (token) => (
              <Button small tone="danger" onClick={() => setRevoking(token)}>
                Revoke<span class="unseen"> {token.name}</span>
              </Button>
            ),
          },
        ]}
      />
      {revoking && (
        <RevokeDialog
          token={revoking}
          onClose={() => setRevoking(null)}
          onRevoked={() => {
            setRevoking(null);
            onRevoked();
          }}
        />
      )}
    </>
  );
}
