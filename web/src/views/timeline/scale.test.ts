import { afterAll, describe, expect, it } from 'vitest';
import { beginOf, intervalOf, isZoom, moved, nameOf, placeOf, ticksOf } from './scale';

const before = process.env['TZ'];
process.env['TZ'] = 'Europe/Berlin';
afterAll(() => void (process.env['TZ'] = before));

const at = (text: string) => new Date(text).getTime();
const hours = 3_600_000;

describe('the time that is shown', () => {
  it('begins with the hour, the day or the week, in the zone of the reader', () => {
    const tuesday = at('2026-11-24T14:35:10');
    expect(beginOf('hour', tuesday)).toBe(at('2026-11-24T14:00'));
    expect(beginOf('day', tuesday)).toBe(at('2026-11-24T00:00'));
    expect(beginOf('week', tuesday)).toBe(at('2026-11-23T00:00'));
    expect(beginOf('week', at('2026-11-29T23:59'))).toBe(at('2026-11-23T00:00'));
    expect(beginOf('week', at('2026-11-23T00:00'))).toBe(at('2026-11-23T00:00'));
  });

  it('is moved by days that are not of the same length', () => {
    const spring = intervalOf('day', at('2026-03-29T12:00'));
    expect(spring.to - spring.from).toBe(23 * hours);
    const autumn = intervalOf('day', at('2026-10-25T12:00'));
    expect(autumn.to - autumn.from).toBe(25 * hours);
    expect(moved('day', at('2026-03-30T00:00'), -1)).toBe(at('2026-03-29T00:00'));
    expect(moved('week', at('2026-03-23T00:00'), 1)).toBe(at('2026-03-30T00:00'));
    expect(moved('hour', at('2026-11-24T14:00'), -3)).toBe(at('2026-11-24T11:00'));
  });

  it('has a name', () => {
    const tuesday = at('2026-11-24T14:35');
    expect(nameOf('day', intervalOf('day', tuesday))).toBe('Tue 24 November 2026');
    expect(nameOf('hour', intervalOf('hour', tuesday))).toBe('Tue 24 November 2026, 14:00 to 15:00');
    expect(nameOf('week', intervalOf('week', tuesday))).toBe('23 to 29 November 2026');
    expect(nameOf('week', intervalOf('week', at('2026-12-01T00:00')))).toBe('30 November to 6 December 2026');
  });

  it('is an hour, a day or a week and nothing else', () => {
    expect(isZoom('week')).toBe(true);
    expect(isZoom('month')).toBe(false);
    expect(isZoom(null)).toBe(false);
  });
});

describe('the axis', () => {
  const day = intervalOf('day', at('2026-11-24T12:00'));

  it('has a place for each instant, and its edges for all others', () => {
    expect(placeOf(day.from, day, 240)).toBe(0);
    expect(placeOf(at('2026-11-24T06:00'), day, 240)).toBe(60);
    expect(placeOf(day.from - hours, day, 240)).toBe(0);
    expect(placeOf(day.to + hours, day, 240)).toBe(240);
  });

  it('has as many ticks as there is room for', () => {
    const labels = (width: number) => ticksOf('day', day, width).map(({ label }) => label);
    expect(labels(1400)).toHaveLength(24);
    expect(labels(320)).toEqual(['00:00', '06:00', '12:00', '18:00']);
    expect(labels(10)).toEqual(['00:00', '12:00']);
    const hour = intervalOf('hour', at('2026-11-24T14:35'));
    expect(ticksOf('hour', hour, 360).map(({ label }) => label)).toEqual([
      '14:00',
      '14:10',
      '14:20',
      '14:30',
      '14:40',
      '14:50',
    ]);
    const week = intervalOf('week', at('2026-11-24T12:00'));
    expect(ticksOf('week', week, 1000).map(({ label }) => label)[1]).toBe('Tue 24 Nov');
    expect(ticksOf('week', week, 340).map(({ label }) => label)[1]).toBe('Tue');
  });

  it('goes by the clock on the wall where that is set', () => {
    const spring = intervalOf('day', at('2026-03-29T12:00'));
    const labels = ticksOf('day', spring, 1400).map(({ label }) => label);
    expect(labels.slice(0, 4)).toEqual(['00:00', '01:00', '03:00', '04:00']);
    expect(labels.at(-1)).toBe('23:00');
  });
});
