import { useState } from 'preact/hooks';
import { getAll, getTagged, post, put, withQuery } from '../../api/client';
import type { Group, OneTimeLink, User } from '../../api/types';
import { useAction, useLoaded } from '../../api/use';
import { pathOf } from '../../objects/editor';
import { settingsShown } from '../../objects/fields';
import { Button } from '../../ui/Button';
import { CopyText } from '../../ui/CopyButton';
import { Actions, Dialog } from '../../ui/Dialog';
import { Card, Facts, Loading } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { Select } from '../../ui/Select';
import { Badge } from '../../ui/StatusBadge';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/Toast';
import { groupPath } from '../groups/path';

// Members after the change; who is in already is not in twice.
async function changeMembers(group: string, change: (members: string[]) => string[]): Promise<void> {
  const { value, etag } = await getTagged<Group>(pathOf('/groups', group));
  const members = change(value.members);
  await put(pathOf('/groups', group), { ...settingsShown(value), members }, { ifMatch: etag ?? '*' });
}

function LeaveDialog({
  user,
  group,
  onClose,
  onLeft,
}: {
  user: string;
  group: string;
  onClose: () => void;
  onLeft: () => void;
}) {
  const leaving = useAction(async () => {
    await changeMembers(group, (members) => members.filter((member) => member !== user));
    toast(`${user} is not in ${group} any more.`);
    onLeft();
  });
  return (
    <Dialog title={`Take ${user} out of ${group}?`} onClose={onClose}>
      <p>
        What stood on this membership ends at once, live sessions included: access that was approved without a
        review, by break-glass, or because they are an administrator. What they approved and still waits has
        to be approved by somebody else.
      </p>
      <ProblemNote error={leaving.error} />
      <Actions>
        <Button tone="danger" busy={leaving.busy} onClick={() => void leaving.run()}>
          Take out
        </Button>
        <Button onClick={onClose}>Keep</Button>
      </Actions>
    </Dialog>
  );
}

function Membership({ user, onChanged }: { user: User; onChanged: () => void }) {
  const groups = useLoaded(
    async (signal) => (await getAll<Group>('/groups', 5_000, { signal })).items,
    [user.name],
  );
  const [leaving, setLeaving] = useState<string | null>(null);
  const [chosen, setChosen] = useState('');
  const joining = useAction(async () => {
    await changeMembers(chosen, (members) =>
      members.includes(user.name) ? members : [...members, user.name],
    );
    toast(`${user.name} is in ${chosen} now.`);
    setChosen('');
    changed();
  });
  const changed = () => {
    setLeaving(null);
    groups.reload();
    onChanged();
  };
  if (!groups.value)
    return groups.error === undefined ? (
      <Loading what="groups" />
    ) : (
      <ProblemNote error={groups.error} onRetry={groups.reload} />
    );
  const configured = groups.value.filter(({ members }) => members.includes(user.name));
  const claimed = user.groups.filter((name) => !configured.some((group) => group.name === name));
  const others = groups.value.filter((group) => !group.declared && !group.members.includes(user.name));
  return (
    <div class="form">
      {user.groups.length === 0 && configured.length === 0 && (
        <p class="muted">In no group: may ask only where a rule lets everybody ask.</p>
      )}
      <ul class="memberships">
        {configured.map((group) => (
          <li key={group.name}>
            <a href={groupPath(group.name)}>{group.name}</a>
            {group.declared ? (
              <span class="muted"> in the file</span>
            ) : (
              <Button small tone="quiet" onClick={() => setLeaving(group.name)}>
                Take out<span class="unseen"> of {group.name}</span>
              </Button>
            )}
          </li>
        ))}
        {claimed.map((name) => (
          <li key={name}>
            <a href={groupPath(name)}>{name}</a>
            <span class="muted"> by the sign-in provider</span>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <div class="pick pick-join">
          <Select
            label="Put into a group"
            value={chosen}
            choices={[
              { value: '', label: 'Choose a group' },
              ...others.map(({ name }) => ({ value: name, label: name })),
            ]}
            onValue={setChosen}
          />
          <Button busy={joining.busy} disabled={chosen === ''} onClick={() => void joining.run()}>
            Put in
          </Button>
        </div>
      )}
      <ProblemNote error={joining.error} />
      {leaving !== null && (
        <LeaveDialog user={user.name} group={leaving} onClose={() => setLeaving(null)} onLeft={changed} />
      )}
    </div>
  );
}

// The way of somebody to a password of their own. The link is shown this once.
function PasswordLink({ user, onChanged }: { user: User; onChanged: () => void }) {
  const [link, setLink] = useState<OneTimeLink | null>(null);
  const making = useAction(async () => {
    setLink(await post<OneTimeLink>(`${pathOf('/users', user.name)}/one-time-link`));
  });
  return (
    <>
      <Button small busy={making.busy} onClick={() => void making.run()}>
        {user.has_password ? 'Make a link for another password' : 'Make a link to choose a password by'}
      </Button>
      <ProblemNote error={making.error} />
      {link && (
        <Dialog
          title={`A link for ${link.user}`}
          onClose={() => {
            setLink(null);
            onChanged();
          }}
        >
          <p>
            Give it to {link.user} and to nobody else: whoever opens it chooses their password. It works once,
            until <Time at={link.expires_at} />, and is not shown again. A link that was made before does not
            work any more.
          </p>
          <CopyText text={link.url ?? link.code} label={link.url ? 'the link' : 'the code'} secret />
          {link.url === null && (
            <Note>
              The server has no address that others could open (<code>api.public_url</code>). They enter this
              code where they sign in.
            </Note>
          )}
        </Dialog>
      )}
    </>
  );
}

// Who somebody is to Curfew: groups, rights, and how they sign in.
export function PersonCard({ user, onChanged }: { user: User; onChanged: () => void }) {
  return (
    <Card title="Groups and sign-in">
      <Facts
        facts={[
          [
            'Rights',
            user.administrator ? <Badge tone="info">administrator</Badge> : 'what rules and groups give',
          ],
          [
            'Password',
            <div class="beside">
              <span>{user.has_password ? 'chosen' : 'none yet'}</span>
              <PasswordLink user={user} onChanged={onChanged} />
            </div>,
          ],
          ['Groups', <Membership user={user} onChanged={onChanged} />],
          ['Access', <a href={withQuery('/explain', { user: user.name })}>Explain what they may ask for</a>],
        ]}
      />
    </Card>
  );
}
