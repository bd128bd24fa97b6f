// Where everything stands on the timeline: rows of a resource's bars, each with what is inside of it. Pure geometry, in CSS
// pixels; facts.ts has the words.
import type { GrantOnTimeline, Request, SessionRecord, Timeline } from '../../api/types';
import { hasOverstayed } from '../sessions/words';
import { endOfRight } from './facts';
import { placeOf, type Interval } from './scale';

export const size = {
  bar: 28, // of a grant without sessions: at least what a finger hits
  session: 6,
  between: 3, // sessions of a bar, and their distance from its edge
  rows: 12, // between bars
  least: 24, // how wide what can be chosen is at least
  alarm: 22, // the sign behind what sticks out
  sessionRows: 6, // more that are there at a time share the last one
} as const;

export interface Span {
  x: number;
  width: number;
}

export interface SessionBar extends Span {
  id: string;
  y: number; // from the top of its grant's bar
  over: Span | null; // what sticks out of the window
  unsure: boolean; // nobody knows that its backend is gone
  live: boolean;
}

export type MarkKind = 'asked' | 'approved' | 'extended' | 'revoked' | 'ended';

export interface Mark {
  kind: MarkKind;
  x: number;
}

export interface GrantBar {
  kind: 'grant';
  key: string;
  shown: GrantOnTimeline;
  y: number;
  height: number;
  hit: Span; // where it can be pressed
  window: Span; // until the end of the right
  planned: Span | null; // what a revocation took off
  added: Span[]; // by extensions
  marks: Mark[];
  line: Span | null; // from when it was asked for to its beginning
  sessions: SessionBar[];
  openLeft: boolean; // goes on outside of what is shown
  openRight: boolean;
}

export interface RequestMark {
  kind: 'request';
  key: string;
  request: Request;
  y: number;
  height: number;
  hit: Span;
  x: number;
}

export type Item = GrantBar | RequestMark;

export interface ResourceRows {
  resource: string;
  height: number;
  items: Item[]; // in the order of the keyboard: by their beginning
}

const instant = (iso: string) => Date.parse(iso);

interface Axis {
  interval: Interval;
  width: number;
  now: number; // what is not over goes on until here
}

function spanOf(axis: Axis, from: number, to: number): Span {
  const x = placeOf(from, axis.interval, axis.width);
  return { x, width: Math.max(0, placeOf(to, axis.interval, axis.width) - x) };
}

// At least as wide as a finger needs, and within what is shown.
function hitOf({ x, width }: Span, most: number): Span {
  const wide = Math.max(width, size.least);
  return { x: Math.max(0, Math.min(x - (wide - width) / 2, most - wide)), width: wide };
}

const isOn = ({ from, to }: Interval, at: number) => at >= from && at < to;

// Puts spans into as few rows as it can, each where nothing of it is covered; the last row takes what is too many.
export function rowsFor(spans: Span[], gap: number, most = Infinity): number[] {
  const ends: number[] = [];
  return spans.map(({ x, width }) => {
    const free = ends.findIndex((end) => end + gap <= x);
    const row = free >= 0 ? free : Math.min(ends.length, most - 1);
    ends[row] = Math.max(ends[row] ?? -Infinity, x + width);
    return row;
  });
}

function sessionBar(session: SessionRecord, shown: GrantOnTimeline, axis: Axis): Omit<SessionBar, 'y'> {
  const begin = instant(session.started_at);
  const end = session.ended_at ? instant(session.ended_at) : axis.now;
  const deadline = instant(endOfRight(shown));
  const late = hasOverstayed(session, axis.now);
  const whole = spanOf(axis, begin, end);
  return {
    id: session.id,
    x: whole.x,
    width: Math.max(whole.width, 2), // a short one is seen as well
    // A second may be less than a pixel: what stuck out is seen at any zoom.
    over: late ? atLeast(spanOf(axis, Math.max(begin, deadline), end), 4) : null,
    unsure: session.confirmation === 'unconfirmed',
    live: session.ended_at === null,
  };
}

function atLeast({ x, width }: Span, least: number): Span {
  return { x, width: Math.max(width, least) };
}

function marksOf({ grant, request, extensions }: GrantOnTimeline, axis: Axis): Mark[] {
  const found: [MarkKind, string | null | undefined][] = [
    ['asked', request?.asked_at],
    ['approved', request ? request.approved_at : grant.given_at],
    ...extensions.map((extension): [MarkKind, string] => ['extended', extension.at]),
    [grant.revoked ? 'revoked' : 'ended', grant.revoked ? grant.revoked.at : grant.ends_at],
  ];
  return found
    .filter(
      (mark): mark is [MarkKind, string] => Boolean(mark[1]) && isOn(axis.interval, instant(mark[1] ?? '')),
    )
    .filter(([kind, iso]) => kind !== 'ended' || instant(iso) <= axis.now)
    .map(([kind, iso]) => ({ kind, x: placeOf(instant(iso), axis.interval, axis.width) }));
}

function grantBar(shown: GrantOnTimeline, axis: Axis): GrantBar {
  const begin = instant(shown.grant.starts_at);
  const end = instant(endOfRight(shown));
  const planned = instant(shown.grant.ends_at);
  const asked = shown.request ? Math.min(instant(shown.request.asked_at), begin) : begin;
  const window = spanOf(axis, begin, end);
  // Those that began first on top, whatever the order that they came in.
  const oldestFirst = [...shown.sessions].sort((a, b) => a.started_at.localeCompare(b.started_at));
  const bars = oldestFirst.map((session) => sessionBar(session, shown, axis));
  const rows = rowsFor(bars, 1, size.sessionRows);
  const used = Math.max(0, ...rows.map((row) => row + 1));
  const last = Math.max(
    window.x + window.width,
    ...bars.map(({ x, width, over }) => Math.max(x + width, over ? over.x + over.width : 0)),
  );
  const first = Math.min(window.x, ...bars.map(({ x }) => x));
  return {
    kind: 'grant',
    key: shown.grant.id,
    shown,
    y: 0,
    height: Math.max(size.bar, used * (size.session + size.between) + size.between),
    hit: hitOf({ x: first, width: last - first }, axis.width),
    window,
    planned: planned > end ? spanOf(axis, Math.max(begin, end), planned) : null,
    added: shown.extensions
      .map(({ from, to }) => spanOf(axis, Math.min(instant(from), end), Math.min(instant(to), end)))
      .filter(({ width }) => width > 0),
    marks: marksOf(shown, axis),
    line: asked < begin ? spanOf(axis, asked, begin) : null,
    sessions: bars.map((bar, i) => ({
      ...bar,
      y: size.between + (rows[i] ?? 0) * (size.session + size.between),
    })),
    openLeft: begin < axis.interval.from,
    openRight: planned > axis.interval.to,
  };
}

function requestMark(request: Request, axis: Axis): RequestMark {
  const x = placeOf(instant(request.asked_at), axis.interval, axis.width);
  return {
    kind: 'request',
    key: request.id,
    request,
    y: 0,
    height: size.bar,
    hit: hitOf({ x, width: 0 }, axis.width),
    x,
  };
}

// What of it has to be free of others.
function extentOf(item: Item): Span {
  if (item.kind === 'request') return item.hit;
  const alarm = item.sessions.some(({ over }) => over)
    ? [{ x: item.hit.x, width: item.hit.width + size.alarm }]
    : [];
  const spans = [
    item.hit,
    ...alarm,
    ...(item.line ? [item.line] : []),
    ...(item.planned ? [item.planned] : []),
  ];
  const x = Math.min(...spans.map((span) => span.x));
  return { x, width: Math.max(...spans.map((span) => span.x + span.width)) - x };
}

function stack(items: Item[]): { items: Item[]; height: number } {
  const sorted = [...items].sort((a, b) => extentOf(a).x - extentOf(b).x || a.key.localeCompare(b.key));
  const rows = rowsFor(sorted.map(extentOf), 6);
  const heights: number[] = [];
  sorted.forEach((item, i) => {
    const row = rows[i] ?? 0;
    heights[row] = Math.max(heights[row] ?? 0, item.height);
  });
  const tops = heights.map((_, row) =>
    heights.slice(0, row).reduce((sum, height) => sum + height + size.rows, size.rows),
  );
  const placed = sorted.map((item, i) => ({ ...item, y: tops[rows[i] ?? 0] ?? 0 }));
  return { items: placed, height: heights.reduce((sum, height) => sum + height + size.rows, size.rows) };
}

// By resource, in the order of their names.
export function layOut(timeline: Timeline, interval: Interval, width: number): ResourceRows[] {
  const axis: Axis = { interval, width, now: instant(timeline.as_of) };
  const byResource = new Map<string, Item[]>();
  const add = (resource: string, item: Item) =>
    byResource.set(resource, [...(byResource.get(resource) ?? []), item]);
  for (const shown of timeline.grants) add(shown.grant.resource, grantBar(shown, axis));
  for (const request of timeline.not_approved) add(request.resource, requestMark(request, axis));
  return [...byResource]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([resource, items]) => ({ resource, ...stack(items) }));
}
