import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { getAll, getTagged, type Answer } from '../../api/client';
import type { User } from '../../api/types';
import { useLoaded } from '../../api/use';
import { pathOf, useEditor, type Editor, type Kind } from '../../objects/editor';
import { endsWithUser } from '../../objects/ends';
import { settingsOf } from '../../objects/fields';
import { NameOf, NamesOf, TextOf } from '../../objects/controls';
import { Listing } from '../../objects/Listing';
import { Folded, ObjectForm, Part } from '../../objects/ObjectForm';
import { RemoveDialog } from '../../objects/RemoveDialog';
import { Changed, Declared, Origin } from '../../objects/Shown';
import { useMe } from '../../me';
import { navigate, usePlace } from '../../router';
import { Button, LinkButton } from '../../ui/Button';
import { Loading, Page } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { Badge } from '../../ui/StatusBadge';
import { toast } from '../../ui/Toast';
import { PersonCard } from './PersonCard';
import { TokensOf } from './TokensOf';
import { problemsOfUser, userFields, withoutUsual } from './user';

const back = { href: '/users', label: 'Users' };
const lead = 'The people who ask, approve and connect. Only who is listed here can sign in.';

const userKind: Kind<User> = {
  word: 'user',
  path: '/users',
  specs: userFields,
  problems: problemsOfUser,
  settings: (form, shown) => settingsOf(userFields, form, shown),
  prepare: withoutUsual,
};

// One place for all of them: `/users`, `/users?new=1` and `/users?name=alice`.
export const userPath = (name: string) => `/users?name=${encodeURIComponent(name)}`;

export function Users() {
  const { query } = usePlace();
  const name = query.get('name');
  if (query.has('new')) return <NewUser />;
  return name ? <UserPage name={name} key={name} /> : <UserList />;
}

function UserList() {
  const loaded = useLoaded((signal) => getAll<User>('/users', 5_000, { signal }), []);
  const make = (
    <LinkButton tone="primary" icon="add" href="/users?new=1">
      New user
    </LinkButton>
  );
  return (
    <Page title="Users" lead={lead} actions={loaded.value?.items.length ? make : null}>
      <Listing
        loaded={loaded}
        what="users"
        icon="users"
        empty="There is no user yet"
        teaches="Add the people who are to ask for access, and those who are to approve it. Then make each a link to choose a password by."
        action={make}
        wordsOf={(user) => [
          user.name,
          user.display_name ?? '',
          user.email ?? '',
          ...user.aliases,
          ...user.groups,
        ]}
        columns={[
          {
            head: 'User',
            title: true,
            cell: (user) => (
              <>
                <a href={userPath(user.name)}>{user.name}</a>
                {user.display_name && <div class="muted">{user.display_name}</div>}
              </>
            ),
          },
          { head: 'E-mail', cell: (user) => user.email ?? <span class="muted">none</span> },
          {
            head: 'Groups',
            cell: (user) => user.groups.join(', ') || <span class="muted">none</span>,
          },
          {
            head: 'May sign in',
            cell: (user) => (
              <span class="chips-plain">
                {user.has_password && <Badge tone="plain">password</Badge>}
                {user.oidc_subject && <Badge tone="plain">provider</Badge>}
                {user.administrator && <Badge tone="info">administrator</Badge>}
                {!user.has_password && !user.oidc_subject && !user.administrator && (
                  <span class="muted">no password yet</span>
                )}
              </span>
            ),
          },
          { head: 'Changed', cell: (user) => <Origin of={user} /> },
        ]}
      />
    </Page>
  );
}

function UserFields({ editor }: { editor: Editor }) {
  const folded = ['certificate_name', 'scram_verifier'];
  return (
    <>
      <Part title="About">
        {editor.isNew && (
          <NameOf
            editor={editor}
            hint="What they are called in PostgreSQL as well, where they log in as themselves. It stays the same from then on."
          />
        )}
        <div class="two">
          <TextOf editor={editor} path="display_name" placeholder="Alice Adams" />
          <TextOf
            editor={editor}
            path="email"
            placeholder="alice@example.org"
            hint="Where mail reaches them."
          />
        </div>
        <NamesOf
          editor={editor}
          path="aliases"
          one="name"
          hint="For signing in here; capitals make no difference."
        />
        <TextOf
          editor={editor}
          path="oidc_subject"
          hint="Only where the provider tells people apart by their subject (sub)."
        />
      </Part>
      <Folded
        title="Logging in to PostgreSQL by Curfew"
        open={folded.some((path) => editor.form[path] !== '')}
      >
        <TextOf
          editor={editor}
          path="scram_verifier"
          placeholder="/etc/curfew/live/alice.scram"
          hint="A file on the machine of curfewd, below the directory that live.files names, with what pg_authid keeps of their password."
        />
        <TextOf
          editor={editor}
          path="certificate_name"
          hint="The Common Name, where it is not the user's name."
        />
      </Folded>
    </>
  );
}

function NewUser() {
  const editor = useEditor(userKind, undefined, (made) => {
    toast(`User ${made.name} is added.`);
    navigate(userPath(made.name), 'replace');
  });
  return (
    <Page title="New user" lead={lead} back={back} narrow>
      <ObjectForm
        editor={editor}
        label="New user"
        save="Add the user"
        cancel={<LinkButton href="/users">Cancel</LinkButton>}
      >
        <UserFields editor={editor} />
      </ObjectForm>
    </Page>
  );
}

function UserPage({ name }: { name: string }) {
  const loaded = useLoaded((signal) => getTagged<User>(pathOf('/users', name), { signal }), [name]);
  const title = `User ${name}`;
  if (!loaded.value) {
    return (
      <Page title={title} back={back} narrow>
        {loaded.error === undefined ? (
          <Loading what="the user" />
        ) : (
          <ProblemNote error={loaded.error} onRetry={loaded.reload} />
        )}
      </Page>
    );
  }
  const { value: user } = loaded.value;
  const about = (
    <>
      <PersonCard user={user} onChanged={loaded.reload} />
      <TokensOf user={user.name} />
    </>
  );
  if (user.declared) {
    return (
      <Page title={title} back={back} narrow>
        {about}
        <Declared word="user" specs={userFields} shown={user} />
      </Page>
    );
  }
  return (
    <EditUser begun={loaded.value} user={user} title={title}>
      {about}
    </EditUser>
  );
}

function EditUser({
  begun,
  user,
  title,
  children,
}: {
  begun: Answer<User>;
  user: User; // as it is now, for what stands beside the form
  title: string;
  children: ComponentChildren;
}) {
  const me = useMe();
  const [start] = useState(begun);
  const [etag, setEtag] = useState(begun.etag);
  const [removing, setRemoving] = useState(false);
  const editor = useEditor(userKind, start, (saved, tag) => {
    setEtag(tag);
    toast(`User ${saved.name} is changed.`);
  });
  return (
    <Page
      title={title}
      back={back}
      narrow
      lead={<Changed of={user} />}
      actions={
        <Button tone="danger" onClick={() => setRemoving(true)}>
          Remove
        </Button>
      }
    >
      {children}
      <ObjectForm editor={editor} label={title} save="Save">
        <UserFields editor={editor} />
      </ObjectForm>
      {removing && (
        <RemoveDialog
          word="user"
          path="/users"
          name={user.name}
          etag={etag ?? '*'}
          ends={(around) => endsWithUser(user, around)}
          none="They have no access, no token and no place in a live group now."
          always={
            (me.user === user.name ? 'This is you: you are signed out by it. ' : '') +
            'Password, sign-ins, tokens and links are gone with the user, and come back with nobody of that name. Records of what they did stay.'
          }
          onClose={() => setRemoving(false)}
          onRemoved={() => {
            toast(`User ${user.name} is removed.`);
            navigate('/users', 'replace');
          }}
        />
      )}
    </Page>
  );
}
