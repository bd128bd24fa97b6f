import { describe, expect, it } from 'vitest';
import { formatDuration, offeredDurations, parseDuration, sayCountdown, sayDuration } from './duration';

describe('parseDuration', () => {
  it('reads what the API writes', () => {
    expect(parseDuration('1h30m')).toBe(5_400_000);
    expect(parseDuration('1d2h3m4s5ms')).toBe(93_784_005);
    expect(parseDuration('500ms')).toBe(500);
  });
  it('forgives blanks and capitals', () => expect(parseDuration(' 1H 30m ')).toBe(5_400_000));
  it.each(['', '10', 'm', '1h1h', '-1h', '0m', '1.5h', '1 fortnight'])('refuses %j', (text) =>
    expect(parseDuration(text)).toBeNull(),
  );
});

describe('formatDuration', () => {
  it.each(['1h30m', '1d', '45s', '2d3h4m5s', '10ms'])('writes %s as it was read', (text) =>
    expect(formatDuration(parseDuration(text) ?? -1)).toBe(text),
  );
});

describe('sayDuration', () => {
  it('says two units at most', () => expect(sayDuration('1d2h30m')).toBe('1 d 2 h'));
  it('leaves out what is nothing', () => expect(sayDuration('60m')).toBe('1 h'));
  it('leaves as it is what is no duration', () => expect(sayDuration('soon')).toBe('soon'));
});

describe('sayCountdown', () => {
  it('counts whole seconds, the last one until it is over', () => {
    expect(sayCountdown(61_000)).toBe('1:01');
    expect(sayCountdown(1)).toBe('0:01');
    expect(sayCountdown(0)).toBe('0:00');
    expect(sayCountdown(3_600_000)).toBe('1:00:00');
  });
  it('says days where there are any', () => expect(sayCountdown(90_000_000)).toBe('1 d 1 h'));
});

describe('offeredDurations', () => {
  it('offers nothing beyond the maximum, and the maximum itself', () =>
    expect(offeredDurations('4h')).toEqual(['10m', '30m', '1h', '2h', '4h']));
  it('offers the usual preset among the others', () =>
    expect(offeredDurations('1h', '45m')).toEqual(['10m', '30m', '45m', '1h']));
  it('offers the same length once, however it is written', () =>
    expect(offeredDurations('120m')).toEqual(['10m', '30m', '1h', '2h']));
  it('offers all of the usual ones where there is no maximum', () =>
    expect(offeredDurations(null)).toEqual(['10m', '30m', '1h', '2h', '8h', '24h']));
});
