import { useId, useState } from 'preact/hooks';
import { create, getAll } from '../../api/client';
import type { CreatedToken, Scope, Token } from '../../api/types';
import { useAction, useLoaded } from '../../api/use';
import { problemsOf, type Problems } from '../../objects/problems';
import { Button } from '../../ui/Button';
import { CopyText } from '../../ui/CopyButton';
import { Actions, Dialog } from '../../ui/Dialog';
import { CheckField, TextField } from '../../ui/Field';
import { Card, Loading } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { Time } from '../../ui/Time';
import { useFocusOnWrong } from './Password';
import { problemsOfToken, scopes, type TokenForm } from './token';
import { TokenTable } from './TokenTable';

const lives = [
  { value: '1d', label: '1 day' },
  { value: '7d', label: '1 week' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
  { value: '366d', label: '1 year' },
];

const empty: TokenForm = { name: '', scopes: ['read'], expires_in: '30d' };

function ScopeFields({
  typed,
  mine,
  problem,
  onScopes,
}: {
  typed: Scope[];
  mine: Scope[];
  problem: string | undefined;
  onScopes: (scopes: Scope[]) => void;
}) {
  return (
    <fieldset class="field">
      <legend class="field-label">What it may do</legend>
      <div class="form token-scopes">
        {scopes
          .filter(({ scope }) => mine.includes(scope))
          .map(({ scope, label, hint }) => (
            <CheckField
              key={scope}
              label={label}
              hint={hint}
              checked={typed.includes(scope)}
              aria-invalid={problem ? true : undefined}
              onValue={(checked) =>
                onScopes(checked ? [...typed, scope] : typed.filter((other) => other !== scope))
              }
            />
          ))}
      </div>
      {problem && <p class="field-problem">{problem}</p>}
    </fieldset>
  );
}

// A token lives long beside access: other durations are usual.
function Lives({
  value,
  problem,
  onValue,
}: {
  value: string;
  problem: string | undefined;
  onValue: (value: string) => void;
}) {
  const name = useId();
  return (
    <fieldset class="field">
      <legend class="field-label">How long it lasts</legend>
      <div class="chips">
        {lives.map((life) => (
          <label class="chip" key={life.value}>
            <input
              type="radio"
              name={name}
              checked={life.value === value}
              aria-invalid={problem ? true : undefined}
              onChange={() => onValue(life.value)}
            />
            <span>{life.label}</span>
          </label>
        ))}
      </div>
      {problem && <p class="field-problem">{problem}</p>}
    </fieldset>
  );
}

function NewToken({
  mine,
  onMade,
  onClose,
}: {
  mine: Scope[];
  onMade: (made: CreatedToken) => void;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState<TokenForm>(empty);
  const [problems, setProblems] = useState<Problems>({});
  const form = useFocusOnWrong(problems);
  const making = useAction(async () => {
    const found = problemsOfToken(typed);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    try {
      onMade(await create<CreatedToken>('/tokens', { ...typed, name: typed.name.trim() }));
    } catch (error) {
      setProblems(problemsOf(error, ['name', 'scopes', 'expires_in']));
    }
  });
  return (
    <Dialog title="New token" onClose={onClose}>
      <form
        ref={form}
        class="form"
        noValidate
        aria-label="New token"
        onSubmit={(event) => {
          event.preventDefault();
          void making.run();
        }}
      >
        {problems[''] && (
          <div role="alert">
            <Note tone="warn">{problems['']}</Note>
          </div>
        )}
        <TextField
          label="Name"
          hint="What it is for, to tell it from others later."
          placeholder="backup script"
          maxLength={100}
          problem={problems['name']}
          value={typed.name}
          onValue={(name) => setTyped({ ...typed, name })}
        />
        <ScopeFields
          typed={typed.scopes}
          mine={mine}
          problem={problems['scopes']}
          onScopes={(chosen) => setTyped({ ...typed, scopes: chosen })}
        />
        <Lives
          problem={problems['expires_in']}
          value={typed.expires_in}
          onValue={(expires_in) => setTyped({ ...typed, expires_in })}
        />
        <Actions>
          <Button type="submit" tone="primary" busy={making.busy}>
            Make the token
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </Actions>
      </form>
    </Dialog>
  );
}

function Secret({ made, onClose }: { made: CreatedToken; onClose: () => void }) {
  return (
    <Dialog title={`Token ${made.token.name}`} onClose={onClose}>
      <p>
        Copy it now: it is shown this once, and kept nowhere. It works until{' '}
        <Time at={made.token.expires_at} />.
      </p>
      {made.secret === null ? (
        <Note tone="warn">It was shown already. Revoke this one, and make another.</Note>
      ) : (
        <CopyText text={made.secret} label="the token" secret />
      )}
      <p class="muted">
        Send it as <code>Authorization: Bearer …</code>, or give it to the command as{' '}
        <code>CURFEW_TOKEN</code>.
      </p>
      <Actions>
        <Button tone="primary" onClick={onClose}>
          Done
        </Button>
      </Actions>
    </Dialog>
  );
}

// One's own tokens, for programs.
export function Tokens({ user, mine }: { user: string; mine: Scope[] }) {
  const tokens = useLoaded((signal) => getAll<Token>('/tokens', 1_000, { signal }), []);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<CreatedToken | null>(null);
  return (
    <Card
      title="Tokens"
      actions={
        <Button small icon="add" onClick={() => setMaking(true)}>
          New token
        </Button>
      }
    >
      {tokens.value && tokens.value.items.length > 0 ? (
        <TokenTable tokens={tokens.value.items} whose={user} onRevoked={tokens.reload} />
      ) : tokens.value ? (
        <p class="muted">
          You have none. A token lets a program act for you, within the scopes that you give it: a script, a
          job, or the <code>curfew</code> command on another machine.
        </p>
      ) : (
        tokens.error === undefined && <Loading what="your tokens" />
      )}
      <ProblemNote error={tokens.error} onRetry={tokens.reload} />
      {making && (
        <NewToken
          mine={mine}
          onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false);
            setMade(token);
            tokens.reload();
          }}
        />
      )}
      {made && <Secret made={made} onClose={() => setMade(null)} />}
    </Card>
  );
}
