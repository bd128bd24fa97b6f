import { useEffect, useRef, useState } from 'preact/hooks';
import { put } from '../../api/client';
import { useAction } from '../../api/use';
import { problemsOf, type Problems } from '../../objects/problems';
import { Button } from '../../ui/Button';
import { Actions } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import { Card } from '../../ui/Page';
import { Note } from '../../ui/ProblemNote';
import { toast } from '../../ui/Toast';
import { problemsOfPassword, type PasswordForm } from './token';

const empty: PasswordForm = { current: '', wanted: '', again: '' };

// After each refusal the focus is on the first field that is wrong.
export function useFocusOnWrong(problems: Problems) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (Object.keys(problems).length > 0)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problems]);
  return form;
}

export function Password({ user }: { user: string }) {
  const [typed, setTyped] = useState(empty);
  const [problems, setProblems] = useState<Problems>({});
  const form = useFocusOnWrong(problems);
  const changing = useAction(async () => {
    const found = problemsOfPassword(typed, user);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    try {
      await put('/me/password', { current: typed.current, new: typed.wanted });
    } catch (error) {
      return setProblems(problemsOf(error, ['current', 'new']));
    }
    setTyped(empty);
    toast('Your password is changed. You are signed out everywhere else.');
  });
  return (
    <Card title="Password">
      <form
        ref={form}
        class="form"
        noValidate
        aria-label="Change your password"
        onSubmit={(event) => {
          event.preventDefault();
          void changing.run();
        }}
      >
        <p class="field-hint">
          It signs you out everywhere else. Tokens stay: revoke them where a computer was lost.
        </p>
        {problems[''] && (
          <div role="alert">
            <Note tone="warn">{problems['']}</Note>
          </div>
        )}
        <span class="unseen">
          <input
            type="text"
            name="username"
            autocomplete="username"
            value={user}
            readOnly
            tabIndex={-1}
            aria-hidden="true"
          />
        </span>
        <TextField
          label="Password that you have now"
          type="password"
          autocomplete="current-password"
          problem={problems['current']}
          value={typed.current}
          onValue={(current) => setTyped({ ...typed, current })}
        />
        <TextField
          label="New password"
          type="password"
          autocomplete="new-password"
          hint="12 characters at least. Length is what counts."
          problem={problems['new']}
          value={typed.wanted}
          onValue={(wanted) => setTyped({ ...typed, wanted })}
        />
        <TextField
          label="New password, once more"
          type="password"
          autocomplete="new-password"
          problem={problems['again']}
          value={typed.again}
          onValue={(again) => setTyped({ ...typed, again })}
        />
        <Actions>
          <Button type="submit" busy={changing.busy}>
            Change the password
          </Button>
        </Actions>
      </form>
    </Card>
  );
}
