import { useState } from 'preact/hooks';
import { get, getAll, withQuery } from '../../api/client';
import type { CatalogueEntry, Explanation, User } from '../../api/types';
import { useLoaded } from '../../api/use';
import { useMe } from '../../me';
import { useNames } from '../../objects/choices';
import { pathOf } from '../../objects/editor';
import { navigate, usePlace } from '../../router';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { Field } from '../../ui/Field';
import { Card, Facts, Loading, Page } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { Select } from '../../ui/Select';
import { Badge } from '../../ui/StatusBadge';
import './explain.css';
import { stepsOf, type Members, type Reviewing, type Steps } from './steps';

interface Question {
  user: string;
  resource: string;
  type: string;
}

function Suggested({
  label,
  list,
  value,
  known,
  onValue,
}: {
  label: string;
  list: string;
  value: string;
  known: string[];
  onValue: (value: string) => void;
}) {
  return (
    <Field label={label}>
      {(wiring) => (
        <>
          <input
            {...wiring}
            type="text"
            list={list}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            required
            value={value}
            onInput={(event) => onValue(event.currentTarget.value)}
          />
          <datalist id={list}>
            {known.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

// What can be asked about: everything, for administrators; for others what they may ask for, and any name they type.
function useResources(administrator: boolean): string[] {
  const all = useNames('/resources', administrator);
  const own = useLoaded(
    async (signal) =>
      administrator
        ? []
        : (await getAll<CatalogueEntry>('/catalogue', 1_000, { signal })).items.map(
            ({ resource }) => resource,
          ),
    [administrator],
  );
  return all ?? own.value ?? [];
}

function Ask({ asked, onAsk }: { asked: Question; onAsk: (question: Question) => void }) {
  const me = useMe();
  const [typed, setTyped] = useState(asked);
  const users = useNames('/users', me.administrator);
  const resources = useResources(me.administrator);
  return (
    <form
      class="ask"
      aria-label="What to explain"
      onSubmit={(event) => {
        event.preventDefault();
        onAsk({ ...typed, user: typed.user.trim(), resource: typed.resource.trim() });
      }}
    >
      {me.administrator && (
        <Suggested
          label="User"
          list="explain-users"
          known={users ?? []}
          value={typed.user}
          onValue={(user) => setTyped({ ...typed, user })}
        />
      )}
      <Suggested
        label="Resource"
        list="explain-resources"
        known={resources}
        value={typed.resource}
        onValue={(resource) => setTyped({ ...typed, resource })}
      />
      <Select
        label="Asked for"
        value={typed.type}
        choices={[
          { value: 'jit', label: 'Time to connect' },
          { value: 'command', label: 'One command' },
        ]}
        onValue={(type) => setTyped({ ...typed, type })}
      />
      <Button type="submit" tone="primary">
        Explain
      </Button>
    </form>
  );
}

function Who({ people, lacks }: Pick<Reviewing, 'people' | 'lacks'>) {
  if (people === null) return null;
  return (
    <>
      <p>{people.length ? `Could approve: ${people.join(', ')}` : 'Nobody could approve.'}</p>
      {lacks && (
        <p>
          <Badge tone="bad" icon="warning">
            cannot be approved
          </Badge>{' '}
          {lacks}
        </p>
      )}
    </>
  );
}

function RuleName({ name, administrator }: { name: string; administrator: boolean }) {
  return administrator ? <a href={pathOf('/rules', name)}>{name}</a> : <strong>{name}</strong>;
}

function Answer({ steps, administrator }: { steps: Steps; administrator: boolean }) {
  return (
    <>
      <p class={`verdict verdict-${steps.verdict.may ? 'yes' : 'no'}`} role="status">
        <Badge tone={steps.verdict.may ? 'ok' : 'bad'} icon={steps.verdict.may ? 'check' : 'cross'}>
          {steps.verdict.may ? 'Yes' : 'No'}
        </Badge>
        {steps.verdict.said}
      </p>
      <Card title="1. Which rules apply">
        {steps.rules.length === 0 && <p class="muted">There is no rule at all.</p>}
        <ul class="reasons">
          {steps.rules.map(({ rule, applies, because }) => (
            <li key={rule} class={applies ? '' : 'reasons-not'}>
              <Badge tone={applies ? 'ok' : 'plain'} icon={applies ? 'check' : 'cross'}>
                {applies ? 'applies' : 'does not'}
              </Badge>
              <div>
                <RuleName name={rule} administrator={administrator} />
                <p>{because}</p>
              </div>
            </li>
          ))}
        </ul>
      </Card>
      {steps.verdict.may && (
        <>
          <Card title="2. What they say together">
            <p class="muted">The most restrictive wins, in everything.</p>
            <Facts facts={steps.terms} />
            {steps.breakGlass && <p>{steps.breakGlass}</p>}
          </Card>
          <Card title="3. Who would have to approve">
            {steps.review.said && <p>{steps.review.said}</p>}
            <ul class="reasons">
              {steps.review.rules.map(({ rule, wants, people, lacks }) => (
                <li key={rule}>
                  <div>
                    <RuleName name={rule} administrator={administrator} />: {wants}
                    <Who people={people} lacks={lacks} />
                  </div>
                </li>
              ))}
            </ul>
          </Card>
        </>
      )}
    </>
  );
}

// Of users by their groups, those included that the sign-in provider claims.
async function membersOf(administrator: boolean, signal: AbortSignal): Promise<Members | null> {
  if (!administrator) return null;
  const members = new Map<string, string[]>();
  for (const { name, groups } of (await getAll<User>('/users', 5_000, { signal })).items) {
    for (const group of groups) members.set(group, [...(members.get(group) ?? []), name]);
  }
  return members;
}

function Explained({ asked }: { asked: Question }) {
  const me = useMe();
  const loaded = useLoaded(
    async (signal) => {
      const [explanation, members] = await Promise.all([
        get<Explanation>(withQuery('/explain', { ...asked }), { signal }),
        membersOf(me.administrator, signal),
      ]);
      return stepsOf(explanation, members);
    },
    [asked.user, asked.resource, asked.type],
  );
  if (loaded.error !== undefined) return <ProblemNote error={loaded.error} onRetry={loaded.reload} />;
  if (!loaded.value) return <Loading what="the rules" />;
  return <Answer steps={loaded.value} administrator={me.administrator} />;
}

// Why somebody may ask for something or not: about oneself, and for administrators about everybody.
export function Explain() {
  const me = useMe();
  const { query } = usePlace();
  const asked: Question = {
    user: query.get('user') ?? me.user ?? '',
    resource: query.get('resource') ?? '',
    type: query.get('type') === 'command' ? 'command' : 'jit',
  };
  const ready = asked.resource !== '' && asked.user !== '';
  return (
    <Page
      title="Explain"
      narrow
      lead={
        me.administrator
          ? 'Pick somebody and a resource, and see how it is decided.'
          : 'Pick a resource, and see whether you may ask for it, on which terms, and who would decide.'
      }
    >
      <Ask
        key={JSON.stringify(asked)}
        asked={asked}
        onAsk={(question) => navigate(withQuery('/explain', { ...question }))}
      />
      {ready ? (
        <Explained asked={asked} />
      ) : (
        <EmptyState icon="explain" title="Nothing is explained yet">
          Every rule is looked at in turn: does it cover the resource, is it for this person, and what does it
          want? The answer has an address of its own, to be sent to somebody who asks why.
        </EmptyState>
      )}
    </Page>
  );
}
