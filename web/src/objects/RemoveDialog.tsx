import { useMemo } from 'preact/hooks';
import { del, getAll, withQuery } from '../api/client';
import type { Grant, Group, Request, Rule, Session, Token } from '../api/types';
import { useAction, useLoaded } from '../api/use';
import { Button } from '../ui/Button';
import { Actions, Dialog } from '../ui/Dialog';
import { Loading } from '../ui/Page';
import { Note, ProblemNote } from '../ui/ProblemNote';
import { pathOf } from './editor';
import type { Around, End } from './ends';

async function lookAround(user: string | null, signal: AbortSignal): Promise<Around> {
  const all = async <T,>(path: string) => (await getAll<T>(path, 5_000, { signal })).items;
  const [requests, grants, sessions, rules, groups, tokens] = await Promise.all([
    all<Request>(withQuery('/requests', { status: 'PENDING,APPROVED' })),
    all<Grant>('/grants'),
    all<Session>('/sessions'),
    all<Rule>('/rules'),
    all<Group>('/groups'),
    user === null ? [] : all<Token>(withQuery('/tokens', { user })),
  ]);
  return { requests, grants, sessions, rules, groups, tokens };
}

const shownAtMost = 8;

function Ends({ ends, none }: { ends: End[]; none: string }) {
  if (ends.length === 0) return <p>{none}</p>;
  return (
    <Note tone="warn">
      <p class="problem-title">By this, at once:</p>
      <ul class="ends">
        {ends.map(({ what, which }) => (
          <li key={what}>
            {what}
            <ul>
              {which.slice(0, shownAtMost).map((one) => (
                <li key={one}>{one}</li>
              ))}
              {which.length > shownAtMost && <li>and {which.length - shownAtMost} more</li>}
            </ul>
          </li>
        ))}
      </ul>
    </Note>
  );
}

// Asks before an object is removed, and says what ends by it.
export function RemoveDialog({
  word,
  path,
  name,
  etag,
  always,
  none,
  ends,
  onRemoved,
  onClose,
}: {
  word: string; // `rule`
  path: string; // `/rules`
  name: string;
  etag: string;
  always: string; // what holds whatever there is
  none: string; // where nothing ends
  ends: (around: Around) => End[];
  onRemoved: () => void;
  onClose: () => void;
}) {
  const around = useLoaded((signal) => lookAround(word === 'user' ? name : null, signal), [name]);
  const found = useMemo(() => around.value && ends(around.value), [around.value]);
  const removing = useAction(async () => {
    await del(pathOf(path, name), { ifMatch: etag });
    onRemoved();
  });
  return (
    <Dialog title={`Remove ${word} ${name}?`} onClose={onClose}>
      {around.loading && !found && <Loading what="what ends by this" />}
      {found && <Ends ends={found} none={none} />}
      <ProblemNote
        error={around.error}
        title="It could not be looked up what ends by this"
        onRetry={around.reload}
      />
      <p>{always}</p>
      <ProblemNote error={removing.error} />
      <Actions>
        <Button tone="danger" busy={removing.busy} onClick={() => void removing.run()}>
          Remove {name}
        </Button>
        <Button onClick={onClose}>Keep it</Button>
      </Actions>
    </Dialog>
  );
}
