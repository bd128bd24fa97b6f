import { useState } from 'preact/hooks';
import { get, post } from '../../api/client';
import type { Me, SignInMethods } from '../../api/types';
import { useAction, useLoaded } from '../../api/use';
import { useMe } from '../../me';
import { chooseTheme, theme, type Theme } from '../../theme';
import { Button } from '../../ui/Button';
import { Card, Facts, Page } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { Select } from '../../ui/Select';
import { Badge } from '../../ui/StatusBadge';
import { Time } from '../../ui/Time';
import { ChatAccounts } from '../link/ChatAccounts';
import { Password } from './Password';
import { Tokens } from './Tokens';

const ways: Record<Me['via'], string> = {
  sign_in: 'in this browser',
  token: 'by a token',
  socket: "by the server's own socket",
};

function Who({ me }: { me: Me }) {
  const signingOut = useAction(async () => {
    await post('/sign-out');
    location.assign('/sign-in');
  });
  return (
    <Card
      title="Who you are here"
      actions={
        me.via === 'sign_in' && (
          <Button small icon="out" busy={signingOut.busy} onClick={() => void signingOut.run()}>
            Sign out
          </Button>
        )
      }
    >
      <Facts
        facts={[
          ['Name', me.display_name ? `${me.display_name} (${me.name})` : me.name],
          [
            'Groups',
            me.groups.length ? me.groups.join(', ') : 'none: you may ask where a rule lets everybody ask',
          ],
          [
            'Rights',
            me.administrator ? <Badge tone="info">administrator</Badge> : 'what rules and groups give',
          ],
          [
            'Signed in',
            <>
              {ways[me.via]}
              {me.expires_at && ', until '}
              {me.expires_at && <Time at={me.expires_at} />}
            </>,
          ],
        ]}
      />
      <p class="after-facts">
        <a href="/explain">See what you may ask for, and why</a>
      </p>
      <ProblemNote error={signingOut.error} />
    </Card>
  );
}

function Look() {
  const [chosen, setChosen] = useState<Theme>(theme);
  return (
    <Card title="Look">
      <Select
        label="Colours, in this browser"
        value={chosen}
        choices={[
          { value: 'system', label: 'As the system' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
        onValue={(value) => {
          chooseTheme(value as Theme);
          setChosen(value as Theme);
        }}
      />
    </Card>
  );
}

// What somebody sees and changes about themselves. Each matter is a card of its own.
export function Account() {
  const me = useMe();
  const methods = useLoaded((signal) => get<SignInMethods>('/sign-in', { signal }), []);
  return (
    <Page title="Your account" narrow>
      <Who me={me} />
      {me.user !== null && <Tokens user={me.user} mine={me.scopes} />}
      {me.user !== null && me.via === 'sign_in' && methods.value?.password && <Password user={me.user} />}
      {me.user !== null && me.via === 'sign_in' && <ChatAccounts />}
      <Look />
    </Page>
  );
}
