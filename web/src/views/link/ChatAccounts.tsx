import { useState } from 'preact/hooks';
import { del, get } from '../../api/client';
import type { ChatAccount } from '../../api/types';
import { useAction, useLoaded } from '../../api/use';
import { Button } from '../../ui/Button';
import { Actions, Dialog } from '../../ui/Dialog';
import { Card, Loading } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { Table } from '../../ui/Table';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/Toast';

function UnlinkDialog({
  account,
  onUnlinked,
  onClose,
}: {
  account: ChatAccount;
  onUnlinked: () => void;
  onClose: () => void;
}) {
  const unlinking = useAction(async () => {
    await del(`/me/chat-accounts/${encodeURIComponent(account.id)}`);
    toast(`The Slack account ${account.account} is not linked any more.`);
    onUnlinked();
  });
  return (
    <Dialog title={`Unlink ${account.account}?`} onClose={onClose}>
      <p>What is pressed there does nothing in your name any more, and its subscriptions end.</p>
      <ProblemNote error={unlinking.error} />
      <Actions>
        <Button tone="danger" busy={unlinking.busy} onClick={() => void unlinking.run()}>
          Unlink
        </Button>
        <Button onClick={onClose}>Keep it</Button>
      </Actions>
    </Dialog>
  );
}

// One's accounts in a chat, for the account's page.
export function ChatAccounts() {
  const accounts = useLoaded((signal) => get<{ items: ChatAccount[] }>('/me/chat-accounts', { signal }), []);
  const [unlinking, setUnlinking] = useState<ChatAccount | null>(null);
  const items = accounts.value?.items;
  return (
    <Card title="Slack">
      <ProblemNote error={accounts.error} onRetry={accounts.reload} />
      {!items && accounts.loading && <Loading what="your Slack accounts" />}
      {items?.length === 0 && (
        <p>
          No Slack account is linked to you. Say <code>/curfew link</code> in Slack to decide about requests
          there.
        </p>
      )}
      {items && items.length > 0 && (
        <Table
          caption="Your Slack accounts"
          rows={items}
          rowKey={(account) => account.id}
          columns={[
            { head: 'Account', title: true, cell: (account) => account.account },
            { head: 'Workspace', cell: (account) => account.team },
            { head: 'Linked', cell: (account) => <Time at={account.linked_at} /> },
            {
              head: 'Unlink',
              end: true,
              cell: (account) => (
                <Button small tone="danger" onClick={() => setUnlinking(account)}>
                  Unlink<span class="unseen"> {account.account}</span>
                </Button>
              ),
            },
          ]}
        />
      )}
      {unlinking && (
        <UnlinkDialog
          account={unlinking}
          onClose={() => setUnlinking(null)}
          onUnlinked={() => {
            setUnlinking(null);
            accounts.reload();
          }}
        />
      )}
    </Card>
  );
}
