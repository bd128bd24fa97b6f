import { useState } from 'preact/hooks';
import { getAll, getTagged, type Answer } from '../../api/client';
import type { Group, Rule } from '../../api/types';
import { useLoaded } from '../../api/use';
import { useNames } from '../../objects/choices';
import { NameOf, NamesOf } from '../../objects/controls';
import { pathOf, useEditor, type Editor, type Kind } from '../../objects/editor';
import { endsWithGroup } from '../../objects/ends';
import { names, settingsOf } from '../../objects/fields';
import { Listing } from '../../objects/Listing';
import { ObjectForm, Part } from '../../objects/ObjectForm';
import { RemoveDialog } from '../../objects/RemoveDialog';
import { Changed, Declared, Origin } from '../../objects/Shown';
import { navigate, usePlace } from '../../router';
import { Button, LinkButton } from '../../ui/Button';
import { Card, Loading, Page } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { toast } from '../../ui/Toast';
import { groupFields, problemsOfGroup, usesOf } from './group';
import { groupPath } from './path';

const back = { href: '/groups', label: 'Groups' };
const lead = 'Rules name groups: those whose members may ask, and those whose members approve.';

const groupKind: Kind<Group> = {
  word: 'group',
  path: '/groups',
  specs: groupFields,
  problems: problemsOfGroup,
  settings: (form, shown) => settingsOf(groupFields, form, shown),
};

export function Groups() {
  const { query } = usePlace();
  const name = query.get('name');
  if (query.has('new')) return <NewGroup />;
  return name ? <GroupPage name={name} key={name} /> : <GroupList />;
}

function GroupList() {
  const loaded = useLoaded((signal) => getAll<Group>('/groups', 5_000, { signal }), []);
  const make = (
    <LinkButton tone="primary" icon="add" href="/groups?new=1">
      New group
    </LinkButton>
  );
  return (
    <Page title="Groups" lead={lead} actions={loaded.value?.items.length ? make : null}>
      <Listing
        loaded={loaded}
        what="groups"
        icon="groups"
        empty="There is no group yet"
        teaches="Make one for those who approve, such as the people who run the databases, and one for those who ask."
        action={make}
        wordsOf={(group) => [group.name, ...group.members]}
        columns={[
          { head: 'Group', title: true, cell: (group) => <a href={groupPath(group.name)}>{group.name}</a> },
          { head: 'Members', cell: (group) => group.members.join(', ') || <span class="muted">nobody</span> },
          { head: 'Changed', cell: (group) => <Origin of={group} /> },
        ]}
      />
    </Page>
  );
}

function Members({ editor, before }: { editor: Editor; before: string[] }) {
  const users = useNames('/users');
  const leave = before.filter((member) => !names(editor.form, 'members').includes(member));
  return (
    <Part title="Members">
      <NamesOf
        editor={editor}
        path="members"
        label="Who is in it"
        one="user"
        known={users}
        hint="Users by their names. Those whom the sign-in provider claims to be in it are members beside these."
      />
      {leave.length > 0 && (
        <Note tone="warn">
          With this change {leave.join(' and ')} {leave.length === 1 ? 'leaves' : 'leave'} the group. What
          stood on that ends at once, live sessions included.
        </Note>
      )}
    </Part>
  );
}

function NewGroup() {
  const editor = useEditor(groupKind, undefined, (made) => {
    toast(`Group ${made.name} is there.`);
    navigate(groupPath(made.name), 'replace');
  });
  return (
    <Page title="New group" lead={lead} back={back} narrow>
      <ObjectForm
        editor={editor}
        label="New group"
        save="Make the group"
        cancel={<LinkButton href="/groups">Cancel</LinkButton>}
      >
        <Part title="About">
          <NameOf
            editor={editor}
            hint="Where a sign-in provider says who is in which group, the name is the one that it has there. It stays the same from then on."
          />
        </Part>
        <Members editor={editor} before={[]} />
      </ObjectForm>
    </Page>
  );
}

function Uses({ group }: { group: string }) {
  const rules = useLoaded(async (signal) => (await getAll<Rule>('/rules', 2_000, { signal })).items, [group]);
  if (rules.error !== undefined) return <ProblemNote error={rules.error} onRetry={rules.reload} />;
  if (!rules.value) return null;
  const uses = usesOf(group, rules.value);
  return (
    <Card title="What it is for">
      {group === 'administrators' && (
        <p>Its members change what is live, see and revoke everything, and need no rule to ask.</p>
      )}
      {uses.length === 0 && group !== 'administrators' && (
        <p class="muted">
          No rule names it yet. <a href="/rules">See the rules</a>
        </p>
      )}
      <ul class="memberships">
        {uses.map(({ rule, roles }) => (
          <li key={rule}>
            <a href={pathOf('/rules', rule)}>{rule}</a>
            <span class="muted"> {roles.join(', ')}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function GroupPage({ name }: { name: string }) {
  const loaded = useLoaded((signal) => getTagged<Group>(pathOf('/groups', name), { signal }), [name]);
  const title = `Group ${name}`;
  if (!loaded.value) {
    return (
      <Page title={title} back={back} narrow>
        {loaded.error === undefined ? (
          <Loading what="the group" />
        ) : (
          <ProblemNote error={loaded.error} onRetry={loaded.reload} />
        )}
      </Page>
    );
  }
  if (loaded.value.value.declared) {
    return (
      <Page title={title} back={back} narrow>
        <Declared
          word="group"
          specs={groupFields}
          shown={loaded.value.value}
          more={loaded.value.value.members.length === 0 ? [['Members', 'nobody']] : []}
        />
        <Uses group={name} />
      </Page>
    );
  }
  return <EditGroup begun={loaded.value} title={title} />;
}

function EditGroup({ begun, title }: { begun: Answer<Group>; title: string }) {
  const [stands, setStands] = useState(begun);
  const [removing, setRemoving] = useState(false);
  const group = stands.value;
  const editor = useEditor(groupKind, begun, (saved, etag) => {
    setStands({ value: saved, etag });
    toast(`Group ${saved.name} is changed.`);
  });
  return (
    <Page
      title={title}
      back={back}
      narrow
      lead={<Changed of={group} />}
      actions={
        <Button tone="danger" onClick={() => setRemoving(true)}>
          Remove
        </Button>
      }
    >
      <ObjectForm editor={editor} label={title} save="Save">
        <Members editor={editor} before={group.members} />
      </ObjectForm>
      <div class="below-form">
        <Uses group={group.name} />
      </div>
      {removing && (
        <RemoveDialog
          word="group"
          path="/groups"
          name={group.name}
          etag={stands.etag ?? '*'}
          ends={(around) => endsWithGroup(group, around)}
          none="No rule and no grant names it."
          always="What stood on membership in it ends at once, live sessions included. Its members stay users."
          onClose={() => setRemoving(false)}
          onRemoved={() => {
            toast(`Group ${group.name} is removed.`);
            navigate('/groups', 'replace');
          }}
        />
      )}
    </Page>
  );
}
