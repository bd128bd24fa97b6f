import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, get, whenSignedOut } from './api/client';
import type { Me } from './api/types';
import { Layout } from './layout';
import { MeContext } from './me';
import { followLinks, match, navigate, usePlace, type Place } from './router';
import { maySee, routes } from './routes';
import { EmptyState } from './ui/EmptyState';
import { LinkButton } from './ui/Button';
import { Loading, Page } from './ui/Page';
import { ProblemNote } from './ui/ProblemNote';
import { Toasts } from './ui/Toast';
import { SignIn } from './views/sign-in/SignIn';
import { signInPath } from './views/sign-in/return_to';

type Who =
  | { state: 'asking' }
  | { state: 'nobody' }
  | { state: 'failed'; error: unknown }
  | { state: 'known'; me: Me };

// Who is signed in, asked of the server once and again after each sign-in.
function useWho() {
  const [who, setWho] = useState<Who>({ state: 'asking' });
  const ask = useCallback(async () => {
    try {
      setWho({ state: 'known', me: await get<Me>('/me', { quiet: true }) });
    } catch (error) {
      const nobody = error instanceof ApiError && error.status === 401;
      setWho(nobody ? { state: 'nobody' } : { state: 'failed', error });
    }
  }, []);
  useEffect(() => {
    whenSignedOut(() => setWho({ state: 'nobody' }));
    void ask();
  }, [ask]);
  return { who, ask, set: (me: Me) => setWho({ state: 'known', me }) };
}

function View({ place, me }: { place: Place; me: Me }) {
  for (const route of routes) {
    const params = match(route.path, place.path);
    if (!params) continue;
    if (!maySee(me, route)) return route.auditor ? <ForAuditors /> : <ForAdministrators />;
    return <route.view params={params} key={route.path + JSON.stringify(params)} />;
  }
  return <NotFound />;
}

function NotFound() {
  return (
    <Page title="Not found" narrow>
      <EmptyState
        icon="explain"
        title="There is no such page"
        action={
          <LinkButton href="/requests" tone="primary">
            Go to the requests
          </LinkButton>
        }
      >
        The address may have been cut off where you copied it from. A request's address ends with its
        identifier, as in <code>/requests/r-7k3mq9xd</code>.
      </EmptyState>
    </Page>
  );
}

function ForAdministrators() {
  return (
    <Page title="For administrators" narrow>
      <EmptyState icon="rules" title="Only administrators see this page">
        They are the members of the group <code>administrators</code>. Ask one of them to look, or to add you.
      </EmptyState>
    </Page>
  );
}

function ForAuditors() {
  return (
    <Page title="For auditors" narrow>
      <EmptyState icon="audit" title="Only auditors and administrators see this page">
        Auditors are the members of the group <code>auditors</code>. Ask an administrator to look, or to add
        you.
      </EmptyState>
    </Page>
  );
}

// After a change of place by a link the focus is on the new view's heading: otherwise a screen reader would say nothing,
// and the keyboard would go on in a navigation that has been left.
function useFocusAfterNavigation(path: string, ready: boolean): void {
  const [first, setFirst] = useState(true);
  useEffect(() => {
    if (!ready) return;
    if (first) return setFirst(false);
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [path, ready]);
}

export function App() {
  const place = usePlace();
  const { who, ask, set } = useWho();
  const signingIn = place.path === '/sign-in';
  useEffect(followLinks, []);
  useEffect(() => {
    if (place.path === '/') navigate('/requests', 'replace');
    // The way back is kept: who comes by the link of a request stands before it after signing in.
    else if (who.state === 'nobody' && !signingIn) navigate(signInPath(place), 'replace');
  }, [place.path, who.state]);
  useFocusAfterNavigation(place.path, who.state === 'known');

  if (signingIn) return <SignIn place={place} me={who.state === 'known' ? who.me : null} onSignedIn={set} />;
  if (who.state === 'failed') {
    return (
      <main class="main">
        <Page title="Curfew" narrow>
          <ProblemNote error={who.error} onRetry={ask} />
        </Page>
      </main>
    );
  }
  if (who.state !== 'known') {
    return (
      <main class="main">
        <Loading what="Curfew" />
      </main>
    );
  }
  return (
    <MeContext.Provider value={who.me}>
      <Layout path={place.path}>
        <View place={place} me={who.me} />
      </Layout>
      <Toasts />
    </MeContext.Provider>
  );
}
