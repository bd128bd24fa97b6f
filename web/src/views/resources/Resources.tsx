import { useState } from 'preact/hooks';
import { getAll, getTagged, withQuery, type Answer } from '../../api/client';
import type { Resource, Rule } from '../../api/types';
import { useLoaded } from '../../api/use';
import { pathOf, useEditor } from '../../objects/editor';
import { endsWithResource } from '../../objects/ends';
import { Listing } from '../../objects/Listing';
import { ObjectForm } from '../../objects/ObjectForm';
import { RemoveDialog } from '../../objects/RemoveDialog';
import { Changed, Declared, Origin } from '../../objects/Shown';
import { navigate, usePlace } from '../../router';
import type { ViewProps } from '../../routes';
import { Button, LinkButton } from '../../ui/Button';
import { Card, Loading, Page } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { toast } from '../../ui/Toast';
import { Diagnosis } from './Diagnosis';
import './resources.css';
import { coveringRules, resourceFields, sayAddress } from './resource';
import { ResourceFields, resourceKind } from './ResourceFields';

const back = { href: '/resources', label: 'Resources' };
const lead = 'What access is to: a PostgreSQL server, as Curfew reaches it.';

export function Resources() {
  const { query } = usePlace();
  return query.has('new') ? <NewResource /> : <ResourceList />;
}

function ResourceList() {
  const loaded = useLoaded((signal) => getAll<Resource>('/resources', 2_000, { signal }), []);
  const make = (
    <LinkButton tone="primary" icon="add" href="/resources?new=1">
      New resource
    </LinkButton>
  );
  return (
    <Page title="Resources" lead={lead} actions={loaded.value?.items.length ? make : null}>
      <Listing
        loaded={loaded}
        what="resources"
        icon="resources"
        empty="There is no resource yet"
        teaches="A resource is a PostgreSQL that people get access to. Name where it is, then make a rule that says who may ask for it."
        action={make}
        wordsOf={(one) => [
          one.name,
          one.description,
          one.host,
          ...Object.entries(one.attributes).map((pair) => pair.join('=')),
        ]}
        columns={[
          {
            head: 'Resource',
            title: true,
            cell: (one) => (
              <>
                <a href={pathOf('/resources', one.name)}>{one.name}</a>
                {one.description && <div class="muted">{one.description}</div>}
              </>
            ),
          },
          { head: 'PostgreSQL', cell: sayAddress },
          { head: 'Login', cell: (one) => one.login },
          {
            head: 'Ended by',
            cell: (one) => one.admin_login?.user ?? <span class="muted">cancelling only</span>,
          },
          {
            head: 'Attributes',
            cell: (one) =>
              Object.entries(one.attributes)
                .map((pair) => pair.join('='))
                .join(', ') || <span class="muted">none</span>,
          },
          { head: 'Changed', cell: (one) => <Origin of={one} /> },
        ]}
      />
    </Page>
  );
}

function NewResource() {
  const editor = useEditor(resourceKind, undefined, (made) => {
    toast(`Resource ${made.name} is there.`);
    navigate(pathOf('/resources', made.name), 'replace');
  });
  return (
    <Page title="New resource" lead={lead} back={back} narrow>
      <ObjectForm
        editor={editor}
        label="New resource"
        save="Make the resource"
        cancel={<LinkButton href="/resources">Cancel</LinkButton>}
      >
        <ResourceFields editor={editor} />
      </ObjectForm>
    </Page>
  );
}

// The rules that decide about it, and what to do where there is none.
function Covered({ resource }: { resource: Resource }) {
  const rules = useLoaded(
    async (signal) => (await getAll<Rule>('/rules', 2_000, { signal })).items,
    [resource.name],
  );
  if (!rules.value) return null;
  const covering = coveringRules(resource, rules.value);
  if (covering.length === 0) {
    return (
      <Note tone="warn">
        <p>No rule covers {resource.name}: it is closed to everybody but administrators.</p>
        <p>
          <a href={`/rules?new=1&resource=${encodeURIComponent(resource.name)}`}>Make a rule for it</a>
        </p>
      </Note>
    );
  }
  return (
    <Card title="Rules that cover it">
      <ul class="plain-list">
        {covering.map((rule) => (
          <li key={rule.name}>
            <a href={pathOf('/rules', rule.name)}>{rule.name}</a>
            {rule.description && <span class="muted"> {rule.description}</span>}
          </li>
        ))}
      </ul>
      <p class="after-facts">
        <a href={withQuery('/explain', { resource: resource.name })}>Explain who may ask for it</a>
      </p>
    </Card>
  );
}

export function ResourcePage({ params }: ViewProps) {
  const name = params['name'] ?? '';
  const loaded = useLoaded((signal) => getTagged<Resource>(pathOf('/resources', name), { signal }), [name]);
  const title = `Resource ${name}`;
  if (!loaded.value) {
    return (
      <Page title={title} back={back} narrow>
        {loaded.error === undefined ? (
          <Loading what="the resource" />
        ) : (
          <ProblemNote error={loaded.error} onRetry={loaded.reload} />
        )}
      </Page>
    );
  }
  const resource = loaded.value.value;
  if (resource.declared) {
    return (
      <Page title={title} back={back} narrow>
        <Covered resource={resource} />
        <Diagnosis resource={resource} />
        <Declared
          word="resource"
          specs={resourceFields}
          shown={resource}
          more={[
            ...(resource.role?.password
              ? [['Password of that role', 'kept where the file says'] as [string, string]]
              : []),
            ...(resource.admin_login?.password
              ? [['Password of the administrative role', 'kept where the file says'] as [string, string]]
              : []),
          ]}
        />
      </Page>
    );
  }
  return <EditResource begun={loaded.value} title={title} />;
}

function EditResource({ begun, title }: { begun: Answer<Resource>; title: string }) {
  const [stands, setStands] = useState(begun);
  const [removing, setRemoving] = useState(false);
  const resource = stands.value;
  const editor = useEditor(resourceKind, begun, (saved, etag) => {
    setStands({ value: saved, etag });
    toast(`Resource ${saved.name} is changed.`);
  });
  return (
    <Page
      title={title}
      back={back}
      narrow
      lead={<Changed of={resource} />}
      actions={
        <Button tone="danger" onClick={() => setRemoving(true)}>
          Remove
        </Button>
      }
    >
      <Covered resource={resource} />
      <Diagnosis resource={resource} />
      <ObjectForm editor={editor} label={title} save="Save">
        <ResourceFields editor={editor} />
      </ObjectForm>
      {removing && (
        <RemoveDialog
          word="resource"
          path="/resources"
          name={resource.name}
          etag={stands.etag ?? '*'}
          ends={(around) => endsWithResource(resource, around)}
          none="Nobody has access to it now, and no rule names it."
          always="PostgreSQL itself is left as it is: its roles and databases stay."
          onClose={() => setRemoving(false)}
          onRemoved={() => {
            toast(`Resource ${resource.name} is removed.`);
            navigate('/resources', 'replace');
          }}
        />
      )}
    </Page>
  );
}
