import { describe, expect, it } from 'vitest';
import { aGrant, aRequest, aSession, aTimeline, at, theGrant } from './examples';
import { layOut, rowsFor, size, type GrantBar } from './layout';
import type { Interval } from './scale';
import type { GrantOnTimeline, Timeline } from '../../api/types';

// A pixel a minute, from 08:00 to 16:00.
const interval: Interval = { from: Date.parse(at('08:00')), to: Date.parse(at('16:00')) };
const width = 480;

function barsOf(...grants: GrantOnTimeline[]): GrantBar[] {
  return layOut(aTimeline({ grants }), interval, width).flatMap(({ items }) =>
    items.filter((item): item is GrantBar => item.kind === 'grant'),
  );
}
const barOf = (grant: GrantOnTimeline) => barsOf(grant)[0]!;

describe('rows', () => {
  it('are as few as it takes', () => {
    const span = (x: number, wide: number) => ({ x, width: wide });
    expect(rowsFor([span(0, 10), span(5, 10), span(20, 5), span(16, 2)], 1)).toEqual([0, 1, 0, 1]);
    expect(rowsFor([span(0, 10), span(10, 10)], 1)).toEqual([0, 1]);
    expect(rowsFor([span(0, 9), span(10, 10)], 1)).toEqual([0, 0]);
    expect(rowsFor([span(0, 10), span(0, 10), span(0, 10)], 1, 2)).toEqual([0, 1, 1]);
    expect(rowsFor([], 1)).toEqual([]);
  });
});

describe('the bar of a grant', () => {
  it('stands for its window', () => {
    expect(barOf(aGrant())).toMatchObject({ window: { x: 120, width: 60 }, planned: null, openLeft: false });
  });

  it('has a line from when it was asked for, and marks for what was done', () => {
    const bar = barOf(aGrant());
    expect(bar.line).toEqual({ x: 110, width: 10 });
    expect(bar.marks).toEqual([
      { kind: 'asked', x: 110 },
      { kind: 'approved', x: 120 },
      { kind: 'ended', x: 180 },
    ]);
  });

  it('has no end before it comes', () => {
    const timeline = aTimeline({ as_of: at('10:30'), grants: [aGrant()] });
    const [row] = layOut(timeline, interval, width);
    expect((row!.items[0] as GrantBar).marks.map(({ kind }) => kind)).toEqual(['asked', 'approved']);
  });

  it('is cut where it is shown no further, and says so', () => {
    const bar = barOf(
      aGrant({ grant: theGrant({ starts_at: at('07:00'), ends_at: at('17:00') }), request: null }),
    );
    expect(bar).toMatchObject({ window: { x: 0, width }, openLeft: true, openRight: true });
    expect(bar.marks.map(({ kind }) => kind)).toEqual(['approved']);
  });

  it('ends where it was revoked, and shows what was planned', () => {
    const revoked = { at: at('10:20'), by: 'carol', reason: '' };
    const bar = barOf(aGrant({ grant: theGrant({ revoked }) }));
    expect(bar.window).toEqual({ x: 120, width: 20 });
    expect(bar.planned).toEqual({ x: 140, width: 40 });
    expect(bar.marks.at(-1)).toEqual({ kind: 'revoked', x: 140 });
  });

  it('has no window where it was revoked before it began', () => {
    const revoked = { at: at('09:30'), by: 'carol', reason: '' };
    const bar = barOf(aGrant({ grant: theGrant({ revoked }) }));
    expect(bar.window.width).toBe(0);
    expect(bar.planned).toEqual({ x: 120, width: 60 });
  });

  it('shows what it was extended by', () => {
    const extension = { at: at('10:50'), by: 'carol', request: null, from: at('11:00'), to: at('11:30') };
    const bar = barOf(aGrant({ grant: theGrant({ ends_at: at('11:30') }), extensions: [extension] }));
    expect(bar.window).toEqual({ x: 120, width: 90 });
    expect(bar.added).toEqual([{ x: 180, width: 30 }]);
    expect(bar.marks.map(({ kind }) => kind)).toEqual(['asked', 'approved', 'extended', 'ended']);
  });

  it('can be hit, however short it is', () => {
    const bar = barOf(aGrant({ grant: theGrant({ ends_at: at('10:01') }) }));
    expect(bar.window.width).toBe(1);
    expect(bar.hit.width).toBe(size.least);
    expect(bar.height).toBeGreaterThanOrEqual(size.least);
    const atEdge = barOf(aGrant({ grant: theGrant({ starts_at: at('15:59'), ends_at: at('16:00') }) }));
    expect(atEdge.hit.x + atEdge.hit.width).toBeLessThanOrEqual(width);
  });
});

describe('a session', () => {
  it('stands inside of its window', () => {
    expect(barOf(aGrant({ sessions: [aSession()] })).sessions).toEqual([
      { id: 's-00000001', x: 130, width: 30, y: size.between, over: null, unsure: false, live: false },
    ]);
  });

  it('goes on until now where it is not over', () => {
    const live = aSession({ ended_at: null, state: 'live', overstay_ms: null });
    const grant = theGrant({ ends_at: at('14:00') });
    const [session] = barOf(aGrant({ grant, sessions: [{ ...live, deadline: at('14:00') }] })).sessions;
    expect(session).toMatchObject({ x: 130, width: 110, live: true, over: null });
  });

  it('sticks out where it was over too late', () => {
    const late = aSession({ ended_at: at('11:20'), overstay_ms: 1_200_000 });
    const bar = barOf(aGrant({ sessions: [late] }));
    expect(bar.sessions[0]).toMatchObject({ x: 130, width: 70, over: { x: 180, width: 20 } });
    expect(bar.hit.x + bar.hit.width).toBe(200);
  });

  it('sticks out visibly where that is less than a pixel', () => {
    const late = aSession({ ended_at: '2026-11-24T11:00:05Z', overstay_ms: 5_000 });
    expect(barOf(aGrant({ sessions: [late] })).sessions[0]!.over!.width).toBe(4);
  });

  it('stands above the others that were there with it, up to as many as there is room for', () => {
    const sessions = Array.from({ length: 9 }, (_, i) => aSession({ id: `s-0000000${i}` }));
    const bar = barOf(aGrant({ sessions }));
    expect(new Set(bar.sessions.map(({ y }) => y)).size).toBe(size.sessionRows);
    const lowest = Math.max(...bar.sessions.map(({ y }) => y));
    expect(lowest + size.session).toBeLessThan(bar.height);
  });
});

describe('the rows of a resource', () => {
  it('come by its name, with what was not approved', () => {
    const timeline: Timeline = aTimeline({
      grants: [aGrant(), aGrant({ grant: theGrant({ id: 'g-2', resource: 'archive' }) })],
      not_approved: [aRequest({ id: 'r-9', asked_at: at('13:00') })],
    });
    const rows = layOut(timeline, interval, width);
    expect(rows.map(({ resource }) => resource)).toEqual(['archive', 'prod']);
    expect(rows[1]!.items.map(({ key }) => key)).toEqual(['g-00000001', 'r-9']);
    expect(rows[1]!.items[1]).toMatchObject({ kind: 'request', x: 300, hit: { x: 288, width: 24 } });
  });

  it('cover nothing', () => {
    const bars = barsOf(
      aGrant(),
      aGrant({ grant: theGrant({ id: 'g-2' }) }),
      aGrant({ grant: theGrant({ id: 'g-3', starts_at: at('13:00'), ends_at: at('14:00') }), request: null }),
    );
    const y = Object.fromEntries(bars.map((bar) => [bar.key, bar.y]));
    expect(y['g-2']).toBeGreaterThanOrEqual((y['g-00000001'] ?? 0) + size.bar);
    expect(y['g-3']).toBe(y['g-00000001']);
    const [row] = layOut(
      aTimeline({ grants: [aGrant(), aGrant({ grant: theGrant({ id: 'g-2' }) })] }),
      interval,
      width,
    );
    expect(row!.height).toBe(2 * size.bar + 3 * size.rows);
  });

  it('are none where nothing happened', () => {
    expect(layOut(aTimeline(), interval, width)).toEqual([]);
  });
});
