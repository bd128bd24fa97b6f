import { useEffect, useState } from 'preact/hooks';
import { ApiError, post } from '../../api/client';
import type { ChatAccount, ChatLinkOffer } from '../../api/types';
import { useAction, useLoaded } from '../../api/use';
import { navigate } from '../../router';
import { Button, LinkButton } from '../../ui/Button';
import { Actions } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { Card, Facts, Loading, Page } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/Toast';
import { forgetCode, keepCode, keptCode } from './code';

// Before anybody is led to the sign-in, which would lose it.
if (typeof location !== 'undefined') keepCode(location, sessionStorage);

// Says which account would be linked to whom, and links it by a button: opening the address does nothing.
export function LinkChat() {
  const [code] = useState(() => {
    keepCode(location, sessionStorage);
    return keptCode(sessionStorage);
  });
  useEffect(() => {
    // So that it is in no history and on no screenshot.
    if (location.hash) history.replaceState(null, '', '/link-chat');
  }, []);
  return (
    <Page title="Link your Slack account" narrow>
      {code ? (
        <Offer code={code} />
      ) : (
        <EmptyState
          icon="account"
          title="There is no link here"
          action={<LinkButton href="/account">Go to your account</LinkButton>}
        >
          Say <code>/curfew link</code> in Slack, and open the address that you get.
        </EmptyState>
      )}
    </Page>
  );
}

function Offer({ code }: { code: string }) {
  const offer = useLoaded(() => post<ChatLinkOffer>('/me/chat-accounts/offer', { code }), [code]);
  const linking = useAction(async () => {
    const linked = await post<ChatAccount>('/me/chat-accounts', { code });
    forgetCode(sessionStorage);
    toast(`Your Slack account ${linked.account} is linked.`);
    navigate('/account', 'replace');
  });
  const leave = () => {
    forgetCode(sessionStorage);
    navigate('/account', 'replace');
  };
  const failed = offer.error ?? linking.error;
  const over = failed instanceof ApiError && failed.status === 409;
  return (
    <Card>
      <ProblemNote error={failed} />
      {!offer.value && offer.loading && <Loading what="the link" />}
      {offer.value && !over && (
        <>
          <Facts
            facts={[
              ['Slack account', `${offer.value.name} (${offer.value.account})`],
              ['Workspace', offer.value.team],
              ['Becomes', `${offer.value.user}, which is you`],
              ['Until', <Time at={offer.value.expires_at} />],
            ]}
          />
          <Note>
            Whoever has this Slack account can decide about requests in your name from then on. Link it only
            if you said <code>/curfew link</code> yourself, just now. If somebody sent you this address,
            leave, and tell your administrators.
          </Note>
          <Actions>
            <Button tone="primary" busy={linking.busy} onClick={() => void linking.run()}>
              It is mine: link it
            </Button>
            <Button onClick={leave}>It is not mine</Button>
          </Actions>
        </>
      )}
      {over && <LinkButton href="/account">Go to your account</LinkButton>}
    </Card>
  );
}
