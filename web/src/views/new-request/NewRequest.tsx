import { useEffect, useMemo, useState } from 'preact/hooks';
import { get, getAll, problemOf, withQuery } from '../../api/client';
import type { CatalogueEntry, Explanation, Request } from '../../api/types';
import { useAction, useCreate, useLoaded } from '../../api/use';
import { serverNow } from '../../clock';
import { sayDuration } from '../../duration';
import { useMe } from '../../me';
import { navigate, replaceQuery, usePlace } from '../../router';
import { Button } from '../../ui/Button';
import { DurationChips } from '../../ui/DurationChips';
import { EmptyState } from '../../ui/EmptyState';
import { CheckField, TextArea, TextField } from '../../ui/Field';
import { toLocalInput } from '../../ui/instants';
import { Card, Loading, Page } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { toast } from '../../ui/Toast';
import { ChooseResource } from './ChooseResource';
import { ChooseWhat } from './ChooseWhat';
import { ScriptFields } from './ScriptFields';
import { WhoDecides } from './WhoDecides';
import {
  bodyOf,
  emptyWish,
  maximumOf,
  mayAsk,
  presetDuration,
  problemsOf,
  reasonHint,
  runsScripts,
  termsOf,
  wishFor,
  type For,
  type Wish,
  type WishForm,
  type WishProblems,
} from './wish';
import './new-request.css';

function Terms({ entry, wish, change, problems, error }: WishForm) {
  const { terms } = entry;
  return (
    <>
      {terms.may_break_glass && (
        <CheckField
          label="Break the glass"
          hint={`An emergency: you are in at once, for ${sayDuration(terms.break_glass_duration ?? '')} at most. Approvers are told, and review it afterwards.`}
          checked={wish.breakGlass}
          onValue={(breakGlass) => change({ breakGlass, duration: presetDuration(terms, breakGlass) })}
        />
      )}
      <DurationChips
        key={`${entry.resource} ${wish.breakGlass}`}
        label="For how long"
        value={wish.duration}
        onValue={(duration) => change({ duration })}
        maximum={maximumOf(terms, wish.breakGlass)}
        preset={terms.default_duration}
        problem={problems.duration ?? problemOf(error, 'duration')}
      />
      <TextArea
        label="Reason"
        hint={reasonHint(terms, wish.breakGlass)}
        optional={!terms.reason_required && !wish.breakGlass}
        maxLength={1000}
        value={wish.reason}
        onValue={(reason) => change({ reason })}
        problem={problems.reason ?? problemOf(error, 'reason')}
      />
      {!wish.breakGlass && (
        <CheckField
          label="Start later"
          hint="Otherwise the time runs from the last approval."
          checked={wish.later}
          onValue={(later) =>
            change({
              later,
              startsAt:
                later && !wish.startsAt ? toLocalInput(new Date(serverNow() + 3_600_000)) : wish.startsAt,
            })
          }
        />
      )}
      {wish.later && !wish.breakGlass && (
        <TextField
          label="Start"
          hint="In your own time zone"
          type="datetime-local"
          value={wish.startsAt}
          onValue={(startsAt) => change({ startsAt })}
          problem={problems.starts_at ?? problemOf(error, 'starts_at')}
        />
      )}
      {terms.allowed_times.map((times) => (
        <Note key={times.time_zone + times.windows.join()}>
          {wish.breakGlass ? 'Without break-glass, access' : 'Access'} is allowed {times.windows.join(', ')} (
          {times.time_zone}). All of it has to lie inside.
        </Note>
      ))}
      <CheckField
        label="For replication"
        hint="A connection in replication mode: pg_basebackup, pg_receivewal, logical decoding"
        checked={wish.replication}
        onValue={(replication) => change({ replication })}
      />
    </>
  );
}

function Form({
  entries,
  preset,
  presetWhat,
}: {
  entries: CatalogueEntry[];
  preset: string;
  presetWhat: For;
}) {
  const me = useMe();
  const first = entries.find((entry) => entry.resource === preset);
  const [wish, setWish] = useState<Wish>(() => ({
    ...emptyWish,
    ...(first ? wishFor(first, presetWhat, me.administrator) : {}),
  }));
  const [problems, setProblems] = useState<WishProblems>({});
  const entry = entries.find((one) => one.resource === wish.resource);
  const create = useCreate();
  const send = useAction(async () => {
    const asked = await create<Request>('/requests', bodyOf(wish));
    toast(
      asked.status === 'APPROVED' && !asked.command ? `You have access: ${asked.id}` : `Asked: ${asked.id}`,
    );
    navigate(`/requests/${asked.id}`);
  });
  const explanation = useLoaded(
    async (signal) =>
      wish.resource
        ? get<Explanation>(
            withQuery('/explain', {
              resource: wish.resource,
              user: me.user,
              type: wish.what === 'command' ? 'command' : null,
            }),
            { signal },
          )
        : null,
    [wish.resource, wish.what, me.user],
  );
  const change = (changes: Partial<Wish>) => {
    setWish((before) => ({ ...before, ...changes }));
    // What is being mended is not scolded any more.
    setProblems((before) =>
      Object.fromEntries(
        Object.entries(before).filter(
          ([name]) => !(name === 'starts_at' ? 'startsAt' in changes : name in changes),
        ),
      ),
    );
  };
  const choose = (resource: string) => {
    const chosen = entries.find((one) => one.resource === resource);
    replaceQuery({ resource: resource || null });
    send.clear();
    setProblems({});
    setWish((before) => ({
      ...before,
      ...(chosen
        ? wishFor(chosen, before.what, me.administrator)
        : { resource, breakGlass: false, duration: '' }),
    }));
  };
  const want = (what: For) => {
    replaceQuery({ for: what === 'command' ? 'command' : null });
    send.clear();
    setProblems({});
    if (entry) setWish((before) => ({ ...before, ...wishFor(entry, what, me.administrator) }));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (!entry) return;
    const wrong = problemsOf(wish, termsOf(entry, wish.what), serverNow());
    setProblems(wrong);
    if (Object.keys(wrong).length === 0) void send.run();
  };
  useEffect(() => {
    if (Object.keys(problems).length > 0)
      document.querySelector<HTMLElement>('.new-request [aria-invalid="true"]')?.focus();
  }, [problems]);
  const canSend = entry && (wish.what === 'time' || runsScripts(entry));
  return (
    <form class="new-request" onSubmit={submit} noValidate>
      <Card>
        <div class="form">
          <ChooseResource entries={entries} chosen={wish.resource} onChoose={choose} />
          {entry && mayAsk(entry, 'time', me.administrator) && mayAsk(entry, 'command', me.administrator) && (
            <ChooseWhat what={wish.what} onWhat={want} />
          )}
          {entry && wish.what === 'time' && (
            <Terms entry={entry} wish={wish} change={change} problems={problems} error={send.error} />
          )}
          {entry && wish.what === 'command' && (
            <ScriptFields entry={entry} wish={wish} change={change} problems={problems} error={send.error} />
          )}
        </div>
      </Card>
      {entry && canSend && (
        <div class="new-request-side">
          <Card title="Who has to approve">
            <ProblemNote error={explanation.error} onRetry={explanation.reload} />
            {explanation.value ? (
              <WhoDecides explanation={explanation.value} breakGlass={wish.breakGlass} />
            ) : (
              explanation.loading && <Loading what="the rules" />
            )}
          </Card>
          <ProblemNote
            error={send.error}
            title="Not asked"
            shown={['duration', 'reason', 'starts_at', 'command.sql', 'command.database']}
          />
          <Button
            type="submit"
            tone={wish.breakGlass ? 'danger' : 'primary'}
            icon={wish.breakGlass ? 'glass' : 'requests'}
            wide
            busy={send.busy}
          >
            {wish.breakGlass
              ? 'Break the glass and get in'
              : wish.what === 'command'
                ? `Ask to run it on ${entry.resource}`
                : `Ask for ${entry.resource}`}
          </Button>
        </div>
      )}
    </form>
  );
}

export function NewRequest() {
  const me = useMe();
  const { query } = usePlace();
  const catalogue = useLoaded(
    async (signal) => (await getAll<CatalogueEntry>('/catalogue', 5_000, { signal })).items,
    [],
  );
  const entries = useMemo(
    () =>
      catalogue.value?.filter((entry) =>
        (['time', 'command'] as const).some((what) => mayAsk(entry, what, me.administrator)),
      ),
    [catalogue.value, me.administrator],
  );
  return (
    <Page
      title="New request"
      back={{ href: '/requests', label: 'Requests' }}
      lead="Say what you need and why. The right people approve, and access starts and ends by itself."
    >
      <ProblemNote error={catalogue.error} onRetry={catalogue.reload} />
      {!entries && catalogue.loading && <Loading what="what you may ask for" />}
      {entries && !me.user ? (
        <EmptyState icon="account" title="Only users ask for access">
          You came by the Unix socket, and are no user of Curfew. Sign in as one, or give access without a
          request: <code>curfew grant</code>.
        </EmptyState>
      ) : entries?.length === 0 ? (
        <EmptyState icon="resources" title="There is nothing that you may ask for">
          A resource can be asked for once a rule covers it that lets you ask: by its{' '}
          <code>required_groups</code>. Ask an administrator to add such a rule, or to put you into one of its
          groups.
        </EmptyState>
      ) : (
        entries && (
          <Form
            entries={entries}
            preset={query.get('resource') ?? ''}
            presetWhat={query.get('for') === 'command' ? 'command' : 'time'}
          />
        )
      )}
    </Page>
  );
}
