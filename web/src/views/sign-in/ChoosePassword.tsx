import { useState } from 'preact/hooks';
import { post, problemOf } from '../../api/client';
import type { SignedIn } from '../../api/types';
import { useAction } from '../../api/use';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';

// What is wrong with a new password here, before the server is asked; undefined: nothing.
export function passwordProblem(password: string, again: string): { password?: string; again?: string } {
  if ([...password].length < 12)
    return { password: 'Choose 12 characters at least. A few words are easy to remember.' };
  if (password !== again) return { again: 'This is not the same password.' };
  return {};
}

// Where a one-time link leads: the first administrator's, or one that an administrator made for a user.
export function ChoosePassword({
  code,
  first,
  onSignedIn,
}: {
  code: string;
  first: boolean; // the link is that of the first administrator, who says their name as well
  onSignedIn: (signedIn: SignedIn) => void;
}) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [wrong, setWrong] = useState<ReturnType<typeof passwordProblem>>({});
  const choose = useAction(async () => {
    const body = { code, password, ...(user.trim() ? { user: user.trim() } : {}) };
    onSignedIn(await post<SignedIn>('/sign-in/one-time', body, { quiet: true }));
  });
  // The link may have been copied without what says that it is the first one.
  const named = first || problemOf(choose.error, 'user') !== undefined;
  const submit = (event: Event) => {
    event.preventDefault();
    const found = passwordProblem(password, again);
    setWrong(found);
    if (!found.password && !found.again) void choose.run();
  };
  return (
    <form class="form" onSubmit={submit}>
      <div>
        <h1>{first ? 'The first administrator' : 'Choose a password'}</h1>
        <p class="muted">
          {first
            ? 'Say what you are to be called, and choose a password. You are then a member of the group administrators.'
            : 'This link works once. Afterwards you are signed in here, and signed out everywhere else.'}
        </p>
      </div>
      {named && (
        <TextField
          label="Name"
          hint="Short, as in an account: alice"
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          maxLength={63}
          value={user}
          onValue={setUser}
          problem={problemOf(choose.error, 'user')}
        />
      )}
      <TextField
        label="New password"
        hint="12 characters at least. Length is what counts."
        type="password"
        name="new-password"
        autocomplete="new-password"
        required
        value={password}
        onValue={setPassword}
        problem={wrong.password ?? problemOf(choose.error, 'password')}
      />
      <TextField
        label="The same password again"
        type="password"
        name="new-password-again"
        autocomplete="new-password"
        required
        value={again}
        onValue={setAgain}
        problem={wrong.again}
      />
      <ProblemNote error={choose.error} title="No password was set" shown={['user', 'password']} />
      <Button type="submit" tone="primary" wide busy={choose.busy}>
        Set the password and sign in
      </Button>
    </form>
  );
}
