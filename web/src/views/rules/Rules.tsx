import { useState } from 'preact/hooks';
import { getAll, getTagged, type Answer } from '../../api/client';
import type { Rule } from '../../api/types';
import { useLoaded } from '../../api/use';
import { useNames } from '../../objects/choices';
import { pathOf, useEditor } from '../../objects/editor';
import { endsWithRule } from '../../objects/ends';
import { Listing } from '../../objects/Listing';
import { ObjectForm } from '../../objects/ObjectForm';
import { RemoveDialog } from '../../objects/RemoveDialog';
import { Changed, Declared, Origin } from '../../objects/Shown';
import { navigate, usePlace } from '../../router';
import type { ViewProps } from '../../routes';
import { Button, LinkButton } from '../../ui/Button';
import { Loading, Page } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { toast } from '../../ui/Toast';
import { fieldsToRead, sayAskers, sayCoverage, sayReview } from './rule';
import { RuleFields, ruleKind } from './RuleFields';

const back = { href: '/rules', label: 'Rules' };
const lead =
  'A rule says who may ask for which resources, who approves, and within which bounds. A resource that no rule covers is closed to everybody but administrators.';

export function Rules() {
  const { query } = usePlace();
  return query.has('new') ? <NewRule /> : <RuleList />;
}

function RuleList() {
  const loaded = useLoaded((signal) => getAll<Rule>('/rules', 2_000, { signal }), []);
  const make = (
    <LinkButton tone="primary" icon="add" href="/rules?new=1">
      New rule
    </LinkButton>
  );
  return (
    <Page title="Rules" lead={lead} actions={loaded.value?.items.length ? make : null}>
      <Listing
        loaded={loaded}
        what="rules"
        icon="rules"
        empty="There is no rule yet"
        teaches="Until there is one, only administrators can ask for access. A first rule names a resource and the group whose members approve."
        action={make}
        wordsOf={(rule) => [rule.name, rule.description, sayCoverage(rule), sayReview(rule), sayAskers(rule)]}
        columns={[
          {
            head: 'Rule',
            title: true,
            cell: (rule) => (
              <>
                <a href={pathOf('/rules', rule.name)}>{rule.name}</a>
                {rule.description && <div class="muted">{rule.description}</div>}
              </>
            ),
          },
          { head: 'Covers', cell: sayCoverage },
          { head: 'Asked by', cell: sayAskers },
          { head: 'Approved by', cell: sayReview },
          { head: 'At most', cell: (rule) => <span class="nowrap">{rule.max_duration}</span> },
          { head: 'Changed', cell: (rule) => <Origin of={rule} /> },
        ]}
      />
    </Page>
  );
}

function useChoices() {
  return { groups: useNames('/groups'), resources: useNames('/resources') };
}

function NewRule() {
  const { query } = usePlace();
  const resource = query.get('resource');
  const editor = useEditor(
    ruleKind,
    undefined,
    (made) => {
      toast(`Rule ${made.name} is in force.`);
      navigate(pathOf('/rules', made.name), 'replace');
    },
    { types: ['jit'], ...(resource ? { resources: [resource] } : {}) },
  );
  return (
    <Page title="New rule" lead={lead} back={back} narrow>
      <ObjectForm
        editor={editor}
        label="New rule"
        save="Make the rule"
        cancel={<LinkButton href="/rules">Cancel</LinkButton>}
      >
        <RuleFields editor={editor} choices={useChoices()} />
      </ObjectForm>
    </Page>
  );
}

export function RulePage({ params }: ViewProps) {
  const name = params['name'] ?? '';
  const loaded = useLoaded((signal) => getTagged<Rule>(pathOf('/rules', name), { signal }), [name]);
  const title = `Rule ${name}`;
  if (!loaded.value) {
    return (
      <Page title={title} back={back} narrow>
        {loaded.error === undefined ? (
          <Loading what="the rule" />
        ) : (
          <ProblemNote error={loaded.error} onRetry={loaded.reload} />
        )}
      </Page>
    );
  }
  if (loaded.value.value.declared) {
    return (
      <Page title={title} back={back} narrow>
        <Declared word="rule" specs={fieldsToRead(loaded.value.value)} shown={loaded.value.value} />
      </Page>
    );
  }
  return <EditRule begun={loaded.value} title={title} />;
}

function EditRule({ begun, title }: { begun: Answer<Rule>; title: string }) {
  const [stands, setStands] = useState(begun);
  const [removing, setRemoving] = useState(false);
  const rule = stands.value;
  const editor = useEditor(ruleKind, begun, (saved, etag) => {
    setStands({ value: saved, etag });
    toast(`Rule ${saved.name} is changed, and holds from now on.`);
  });
  return (
    <Page
      title={title}
      back={back}
      narrow
      lead={<Changed of={rule} />}
      actions={
        <Button tone="danger" onClick={() => setRemoving(true)}>
          Remove
        </Button>
      }
    >
      <ObjectForm editor={editor} label={title} save="Save">
        <RuleFields editor={editor} choices={useChoices()} />
      </ObjectForm>
      {removing && (
        <RemoveDialog
          word="rule"
          path="/rules"
          name={rule.name}
          etag={stands.etag ?? '*'}
          ends={(around) => endsWithRule(rule, around)}
          none="No access that was approved stands on this rule alone."
          always="Requests that wait, and that no other rule lets be made, are rejected. What another rule covers as well is from then on decided by that one alone."
          onClose={() => setRemoving(false)}
          onRemoved={() => {
            toast(`Rule ${rule.name} is removed.`);
            navigate('/rules', 'replace');
          }}
        />
      )}
    </Page>
  );
}
