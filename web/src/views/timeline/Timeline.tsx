import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, getAll, withQuery } from '../../api/client';
import { useEvents } from '../../api/events';
import type { Resource, Timeline as Read } from '../../api/types';
import { useLoaded } from '../../api/use';
import { serverNow } from '../../clock';
import { useMe } from '../../me';
import { replaceQuery, usePlace } from '../../router';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { Loading, Page } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { Select } from '../../ui/Select';
import { Chosen } from './Chosen';
import { judge, verdictOf } from './facts';
import { contains, intervalOf, isZoom, moved, nameOf, zooms, type Interval, type Zoom } from './scale';
import { TimelineChart } from './TimelineChart';
import { TimelineTable } from './TimelineTable';
import './timeline.css';

const mostGrants = 500;
const leastBetweenReads = 2_000; // of a timeline that goes on

interface Asked {
  zoom: Zoom;
  interval: Interval;
  resource: string;
  table: boolean;
}

// What the address says; the current day where it says nothing.
function askedOf(query: URLSearchParams): Asked {
  const given = query.get('zoom');
  const zoom = isZoom(given) ? given : 'day';
  const at = Date.parse(query.get('at') ?? '');
  return {
    zoom,
    interval: intervalOf(zoom, Number.isNaN(at) ? serverNow() : at),
    resource: query.get('resource') ?? '',
    table: query.get('as') === 'table',
  };
}

// Reads again when something changed, and not more often than every two seconds.
function useReadAgain(reload: () => void, wanted: boolean): void {
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  const soon = () => {
    if (!wanted || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      reload();
    }, leastBetweenReads);
  };
  useEvents({ request: soon, sessions: soon, reset: soon });
}

export function Timeline() {
  const { query } = usePlace();
  const asked = askedOf(query);
  const { interval, resource } = asked;
  const loaded = useLoaded(
    (signal) =>
      get<Read>(
        withQuery('/timeline', {
          from: new Date(interval.from).toISOString(),
          to: new Date(interval.to).toISOString(),
          resource,
          limit: mostGrants,
        }),
        { signal },
      ),
    [interval.from, interval.to, resource],
  );
  const current = contains(interval, serverNow());
  useReadAgain(loaded.reload, current);
  const [chosen, setChosen] = useState<string | null>(null);
  const read = loaded.value;
  return (
    <Page
      title="Timeline"
      live={current}
      lead="What was allowed, and what was done with it: nothing is to stick out of its window."
    >
      <Controls asked={asked} />
      <ProblemNote error={loaded.error} onRetry={loaded.reload} />
      {!read && !loaded.error && <Loading what="the timeline" />}
      {read && <Verdict read={read} />}
      {read && read.grants.length + read.not_approved.length === 0 && <Nothing asked={asked} />}
      {read && read.grants.length + read.not_approved.length > 0 && (
        <>
          {asked.table ? (
            <TimelineTable timeline={read} onChoose={setChosen} />
          ) : (
            <TimelineChart timeline={read} zoom={asked.zoom} interval={interval} onChoose={setChosen} />
          )}
          {!asked.table && <Legend />}
        </>
      )}
      {read && chosen && <Chosen timeline={read} chosen={chosen} onClose={() => setChosen(null)} />}
    </Page>
  );
}

function Controls({ asked }: { asked: Asked }) {
  const { zoom, interval, resource, table } = asked;
  // Auditors who are no administrators type its name into the address.
  const { administrator } = useMe();
  const resources = useLoaded(
    (signal) =>
      administrator
        ? getAll<Resource>('/resources', 1_000, { signal })
        : Promise.resolve({ items: [] as Resource[], next: null }),
    [administrator],
  );
  const names = resources.value?.items.map(({ name }) => name) ?? [];
  const go = (by: number) => replaceQuery({ at: new Date(moved(zoom, interval.from, by)).toISOString() });
  const name = zooms.find(({ value }) => value === zoom)?.label.toLowerCase() ?? '';
  return (
    <div class="timeline-controls">
      <div class="timeline-move">
        <Button icon="back" onClick={() => go(-1)}>
          <span class="unseen">The {name} before</span>
        </Button>
        <Button icon="next" onClick={() => go(1)}>
          <span class="unseen">The {name} after</span>
        </Button>
        <Button onClick={() => replaceQuery({ at: null })} disabled={contains(interval, serverNow())}>
          Now
        </Button>
        <p class="timeline-name" aria-live="polite">
          {nameOf(zoom, interval)}
        </p>
      </div>
      <fieldset class="chips">
        <legend class="unseen">Zoom</legend>
        {zooms.map(({ value, label }) => (
          <label class="chip" key={value}>
            <input
              type="radio"
              name="zoom"
              checked={value === zoom}
              onChange={() => replaceQuery({ zoom: value, at: new Date(centreOf(asked)).toISOString() })}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <fieldset class="chips">
        <legend class="unseen">Show as</legend>
        {[false, true].map((asTable) => (
          <label class="chip" key={String(asTable)}>
            <input
              type="radio"
              name="as"
              checked={table === asTable}
              onChange={() => replaceQuery({ as: asTable ? 'table' : null })}
            />
            <span>{asTable ? 'Table' : 'Chart'}</span>
          </label>
        ))}
      </fieldset>
      <Select
        label="Resource"
        value={resource}
        choices={[
          { value: '', label: 'All resources' },
          ...[...new Set([...names, ...(resource ? [resource] : [])])].map((one) => ({
            value: one,
            label: one,
          })),
        ]}
        onValue={(one) => replaceQuery({ resource: one })}
      />
    </div>
  );
}

// Where a change of the zoom leads: to now if that is shown, else to the middle.
function centreOf({ interval }: Asked): number {
  const now = serverNow();
  return contains(interval, now) ? now : (interval.from + interval.to) / 2;
}

function Verdict({ read }: { read: Read }) {
  const judged = judge(read);
  if (judged.grants === 0) return null;
  const fine = judged.out === 0 && judged.unconfirmed === 0;
  return (
    <>
      <Note tone={fine ? 'ok' : 'warn'}>
        <p>{verdictOf(judged)}</p>
      </Note>
      {read.cut && (
        <Note tone="warn">
          There is more than is shown: these are the newest. Choose a shorter time, or one resource.
        </Note>
      )}
    </>
  );
}

function Nothing({ asked }: { asked: Asked }) {
  return (
    <EmptyState
      icon="timeline"
      title={asked.resource ? `Nothing on ${asked.resource} in this time` : 'Nothing in this time'}
    >
      Each grant whose window touches the time that is shown stands here as a bar, with its sessions inside,
      and each request that was not approved as a mark. Go back, or take a longer time.
    </EmptyState>
  );
}

function Legend() {
  const sign = (name: string, shape: ComponentChildren, words: string) => (
    <li key={name}>
      <svg width={26} height={18} aria-hidden="true">
        {shape}
      </svg>
      {words}
    </li>
  );
  return (
    <ul class="timeline-legend" aria-label="What the signs mean">
      {sign('asked', <circle class="timeline-mark-asked" cx={13} cy={9} r={4} />, 'asked for')}
      {sign(
        'window',
        <rect class="timeline-window" x={1} y={2} width={24} height={14} rx={3} />,
        'window of a grant',
      )}
      {sign('approved', <path class="timeline-mark-approved" d="M13 6l-5 6h10z" />, 'approved')}
      {sign('added', <rect class="timeline-added" x={1} y={2} width={24} height={14} />, 'extended by')}
      {sign(
        'planned',
        <rect class="timeline-planned" x={1} y={2} width={24} height={14} rx={3} />,
        'revoked',
      )}
      {sign('session', <rect class="timeline-session" x={1} y={6} width={24} height={6} rx={2} />, 'session')}
      {sign(
        'live',
        <rect class="timeline-session timeline-session-live" x={1} y={6} width={24} height={6} rx={2} />,
        'live session',
      )}
      {sign(
        'over',
        <rect class="timeline-over" x={1} y={4} width={24} height={10} rx={1} />,
        'out of its window',
      )}
      {sign('not', <circle class="timeline-mark-refused" cx={13} cy={9} r={7} />, 'not approved')}
      {sign('now', <line class="timeline-now" x1={13} x2={13} y1={0} y2={18} />, 'now')}
    </ul>
  );
}
