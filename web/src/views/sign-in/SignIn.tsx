import { useEffect, useState } from 'preact/hooks';
import { get, post, problemOf } from '../../api/client';
import type { Me, SignedIn, SignInMethods } from '../../api/types';
import { useAction, useLoaded } from '../../api/use';
import { navigate, type Place } from '../../router';
import icon from '../../style/icon.svg';
import { Button, LinkButton } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { Loading } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { ChoosePassword } from './ChoosePassword';
import { codeOf, returnTo } from './return_to';
import './sign-in.css';

interface Props {
  place: Place;
  me: Me | null; // who is signed in already
  onSignedIn: (me: Me) => void;
}

export function SignIn({ place, me, onSignedIn }: Props) {
  // The code leaves the address at once, so that it is in no history and on no screenshot.
  const [code] = useState(() => codeOf(place.hash));
  const [first] = useState(() => place.query.get('first_administrator') === 'true');
  const back = returnTo(place.query);
  const methods = useLoaded((signal) => get<SignInMethods>('/sign-in', { signal }), []);
  useEffect(() => {
    document.title = 'Sign in · Curfew';
    if (code) history.replaceState(null, '', '/sign-in');
  }, []);
  useEffect(() => {
    if (me && !code) navigate(back, 'replace');
  }, [me]);
  const done = (signedIn: SignedIn) => {
    onSignedIn(signedIn.me);
    navigate(back, 'replace');
  };
  return (
    <main class="gate">
      <div class="gate-card">
        <p class="brand gate-brand">
          <img src={icon} alt="" />
          Curfew
        </p>
        <ProblemNote error={methods.error} onRetry={methods.reload} />
        {methods.value && code ? (
          <ChoosePassword code={code} first={first} onSignedIn={done} />
        ) : methods.value ? (
          <Ways methods={methods.value} back={back} onSignedIn={done} />
        ) : (
          methods.loading && <Loading what="the ways to sign in" />
        )}
      </div>
    </main>
  );
}

function Ways({
  methods,
  back,
  onSignedIn,
}: {
  methods: SignInMethods;
  back: string;
  onSignedIn: (signedIn: SignedIn) => void;
}) {
  return (
    <>
      <h1>Sign in</h1>
      {back !== '/requests' && <p class="muted">Then you go on to where you were going.</p>}
      {methods.first_administrator && (
        <Note>
          Nobody can administer this server yet. Its log has a link for the first administrator; the line says{' '}
          <code>administrator.link</code>.
        </Note>
      )}
      {methods.oidc && (
        <LinkButton tone={'primary'} wide href={`/api/v1/sign-in/oidc?return_to=${encodeURIComponent(back)}`}>
          Sign in with {methods.oidc.name}
        </LinkButton>
      )}
      {methods.oidc && methods.password && <p class="gate-or">or</p>}
      {methods.password && <ByPassword onSignedIn={onSignedIn} primary={!methods.oidc} />}
      {!methods.oidc && !methods.password && (
        <Note tone="warn">
          Nobody can sign in here: passwords are switched off, and no sign-in provider is configured. Set{' '}
          <code>sign_in.passwords</code> or <code>sign_in.oidc</code> in the configuration file.
        </Note>
      )}
    </>
  );
}

function ByPassword({ primary, onSignedIn }: { primary: boolean; onSignedIn: (signedIn: SignedIn) => void }) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useAction(async () => {
    onSignedIn(await post<SignedIn>('/sign-in/password', { user: user.trim(), password }, { quiet: true }));
  });
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void signIn.run();
      }}
    >
      <TextField
        label="Name"
        name="username"
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        required
        value={user}
        onValue={setUser}
        problem={problemOf(signIn.error, 'user')}
      />
      <TextField
        label="Password"
        hint="Your password for Curfew, which is not that of PostgreSQL"
        type="password"
        name="password"
        autocomplete="current-password"
        required
        value={password}
        onValue={setPassword}
        problem={problemOf(signIn.error, 'password')}
      />
      <ProblemNote error={signIn.error} title="Not signed in" shown={['user', 'password']}>
        <p>Forgotten? An administrator can make you a link to choose another password.</p>
      </ProblemNote>
      <Button type="submit" tone={primary ? 'primary' : 'plain'} wide busy={signIn.busy}>
        Sign in
      </Button>
    </form>
  );
}
