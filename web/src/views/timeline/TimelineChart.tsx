import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Timeline } from '../../api/types';
import { classes } from '../../ui/classes';
import { sentenceOf, sentenceOfRequest } from './facts';
import {
  layOut,
  size,
  type GrantBar,
  type Item,
  type Mark,
  type RequestMark,
  type ResourceRows,
} from './layout';
import { contains, placeOf, ticksOf, type Interval, type Tick, type Zoom } from './scale';

// How wide the chart may be, as the window changes; 0 before it is known.
function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { frame, width };
}

export function TimelineChart({
  timeline,
  zoom,
  interval,
  onChoose,
}: {
  timeline: Timeline;
  zoom: Zoom;
  interval: Interval;
  onChoose: (key: string) => void;
}) {
  const { frame, width } = useWidth();
  const now = Date.parse(timeline.as_of);
  const rows = useMemo(
    () => (width > 0 ? layOut(timeline, interval, width) : []),
    [timeline, interval.from, interval.to, width],
  );
  const ticks = useMemo(() => ticksOf(zoom, interval, width), [zoom, interval.from, interval.to, width]);
  const nowAt = contains(interval, now) ? placeOf(now, interval, width) : null;
  return (
    <div class="timeline card">
      <div ref={frame}>
        {width > 0 && (
          <>
            <Axis ticks={ticks} interval={interval} width={width} />
            {rows.map((row) => (
              <Rows
                key={row.resource}
                row={row}
                width={width}
                lines={ticks.map(({ at }) => placeOf(at, interval, width))}
                nowAt={nowAt}
                now={now}
                onChoose={onChoose}
              />
            ))}
          </>
        )}
      </div>
    </div>
  );
}

function Axis({ ticks, interval, width }: { ticks: Tick[]; interval: Interval; width: number }) {
  return (
    <svg class="timeline-axis" width={width} height={22} aria-hidden="true">
      {ticks.map(({ at, label }) => (
        <text key={at} x={placeOf(at, interval, width) + 3} y={15}>
          {label}
        </text>
      ))}
    </svg>
  );
}

// The bars of one resource. One of them is reached by Tab, the others from it by the arrow keys.
function Rows({
  row,
  width,
  lines,
  nowAt,
  now,
  onChoose,
}: {
  row: ResourceRows;
  width: number;
  lines: number[];
  nowAt: number | null;
  now: number;
  onChoose: (key: string) => void;
}) {
  const [current, setCurrent] = useState('');
  const chart = useRef<SVGSVGElement>(null);
  const entry = row.items.some(({ key }) => key === current) ? current : row.items[0]?.key;
  const move = (event: KeyboardEvent) => {
    const place = row.items.findIndex(({ key }) => key === entry);
    const to = nextPlace(event.key, place, row.items.length);
    const item = to === null ? undefined : row.items[to];
    if (!item) return;
    event.preventDefault();
    setCurrent(item.key);
    chart.current?.querySelector<SVGGElement>(`[data-key="${CSS.escape(item.key)}"]`)?.focus();
  };
  return (
    <section class="timeline-resource">
      <h2>
        <a href={`/resources/${encodeURIComponent(row.resource)}`}>{row.resource}</a>
      </h2>
      <svg
        ref={chart}
        class="timeline-rows"
        width={width}
        height={row.height}
        role="group"
        aria-label={`${row.resource}: ${row.items.length} on this timeline. Arrow keys go from one to the next.`}
        onKeyDown={move}
      >
        {lines.map((x) => (
          <line key={x} class="timeline-grid" x1={x} x2={x} y1={0} y2={row.height} />
        ))}
        {row.items.map((item) => (
          <Choice
            key={item.key}
            item={item}
            now={now}
            reached={item.key === entry}
            onFocus={() => setCurrent(item.key)}
            onChoose={() => onChoose(item.key)}
          />
        ))}
        {nowAt !== null && <line class="timeline-now" x1={nowAt} x2={nowAt} y1={0} y2={row.height} />}
      </svg>
    </section>
  );
}

// Where a key leads among so many; null: nowhere.
function nextPlace(key: string, place: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return Math.min(place + 1, count - 1);
    case 'ArrowLeft':
    case 'ArrowUp':
      return Math.max(place - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

function Choice({
  item,
  now,
  reached,
  onFocus,
  onChoose,
}: {
  item: Item;
  now: number;
  reached: boolean;
  onFocus: () => void;
  onChoose: () => void;
}) {
  const words = item.kind === 'grant' ? sentenceOf(item.shown, now) : sentenceOfRequest(item.request, now);
  return (
    <g
      class="timeline-item"
      transform={`translate(0 ${item.y})`}
      role="button"
      tabIndex={reached ? 0 : -1}
      data-key={item.key}
      aria-label={words}
      onFocus={onFocus}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onChoose();
      }}
    >
      <title>{words}</title>
      <rect
        class="timeline-hit"
        x={item.hit.x - 2}
        y={-3}
        width={item.hit.width + 4}
        height={item.height + 6}
        rx={6}
      />
      {item.kind === 'grant' ? <Bar bar={item} /> : <NotApproved mark={item} />}
    </g>
  );
}

function Bar({ bar }: { bar: GrantBar }) {
  const middle = bar.height / 2;
  const glass = bar.shown.request?.approval === 'break_glass';
  return (
    <>
      {bar.line && (
        <line
          class="timeline-asked"
          x1={bar.line.x}
          x2={bar.line.x + bar.line.width}
          y1={middle}
          y2={middle}
        />
      )}
      {bar.planned && (
        <rect class="timeline-planned" {...bar.planned} y={0.5} height={bar.height - 1} rx={4} />
      )}
      <rect
        class={classes('timeline-window', glass && 'timeline-glass')}
        x={bar.window.x}
        width={Math.max(bar.window.width, 2)}
        y={0.5}
        height={bar.height - 1}
        rx={bar.openLeft || bar.openRight ? 0 : 4}
      />
      {bar.added.map((span) => (
        <rect key={span.x} class="timeline-added" {...span} y={0.5} height={bar.height - 1} />
      ))}
      {bar.sessions.map((session) => (
        <g key={session.id}>
          <rect
            class={classes(
              'timeline-session',
              session.live && 'timeline-session-live',
              session.unsure && 'timeline-session-unsure',
            )}
            x={session.x}
            y={session.y}
            width={session.width}
            height={size.session}
            rx={2}
          />
          {session.over && (
            <rect
              class="timeline-over"
              {...session.over}
              y={session.y - 2}
              height={size.session + 4}
              rx={1}
            />
          )}
        </g>
      ))}
      {bar.marks.map((mark) => (
        <MarkShape key={mark.kind + mark.x} mark={mark} middle={middle} height={bar.height} />
      ))}
      {bar.sessions.some(({ over }) => over) && <Alarm bar={bar} />}
    </>
  );
}

// Each kind has a shape of its own: colour alone says nothing.
function MarkShape({ mark, middle, height }: { mark: Mark; middle: number; height: number }) {
  const { kind, x } = mark;
  switch (kind) {
    case 'asked':
      return <circle class="timeline-mark-asked" cx={x} cy={middle} r={4} />;
    case 'approved':
      return <path class="timeline-mark-approved" d={`M${x} ${height - 1}l-5 6h10z`} />;
    case 'extended':
      return <path class="timeline-mark-extended" d={`M${x} ${middle - 5}v10M${x - 5} ${middle}h10`} />;
    case 'revoked':
      return <path class="timeline-mark-revoked" d={`M${x - 4} ${middle - 4}l8 8m0-8l-8 8`} />;
    case 'ended':
      return <line class="timeline-mark-ended" x1={x} x2={x} y1={-1} y2={height + 1} />;
  }
}

function Alarm({ bar }: { bar: GrantBar }) {
  const over = bar.sessions.map((session) => session.over).filter((span) => span !== null);
  const x = Math.max(...over.map((span) => span.x + span.width)) + 4;
  return (
    <g class="timeline-alarm" transform={`translate(${x} ${bar.height / 2 - 8})`}>
      <path d="M8 1L0 15h16z" />
      <path class="timeline-alarm-sign" d="M8 6v4M8 12.500v.01" />
    </g>
  );
}

function NotApproved({ mark }: { mark: RequestMark }) {
  const pending = mark.request.status === 'PENDING';
  const middle = mark.height / 2;
  return (
    <>
      <circle
        class={pending ? 'timeline-mark-pending' : 'timeline-mark-refused'}
        cx={mark.x}
        cy={middle}
        r={8}
      />
      {pending ? (
        <path class="timeline-mark-sign" d={`M${mark.x} ${middle - 4}v4l3 2`} />
      ) : (
        <path class="timeline-mark-sign" d={`M${mark.x - 3} ${middle - 3}l6 6m0-6l-6 6`} />
      )}
    </>
  );
}
