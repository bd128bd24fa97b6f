import { describe, expect, it } from 'vitest';
import { readDuration, writeDuration, wrongDuration } from './durations';

const hour = 3_600_000;

describe('readDuration', () => {
  it('takes falling units, each once', () => {
    expect(readDuration('1h30m')).toEqual({ milliseconds: 1.5 * hour });
    expect(readDuration('366d')).toEqual({ milliseconds: 366 * 24 * hour });
    expect(readDuration('250ms')).toEqual({ milliseconds: 250 });
    expect(readDuration('1m5ms')).toEqual({ milliseconds: 60_005 });
  });
  it.each(['', '90', 'h', '30m1h', '1h1h', '1 h', '1H', '1.5h', '-1h', '1h ', '2x', '99999999999s'])(
    'refuses %j as the server does',
    (text) => expect(readDuration(text).wrong).toContain('is not a duration'),
  );
  it('says that no time, and too much of it, is no duration', () => {
    expect(readDuration('0s').wrong).toContain('no time at all');
    expect(readDuration('367d').wrong).toContain('longer than 366 days');
    expect(readDuration('366d1ms').wrong).toContain('longer than 366 days');
  });
});

describe('writeDuration', () => {
  it('writes hours as the largest unit, as the server does', () => {
    expect(writeDuration(24 * hour)).toBe('24h');
    expect(writeDuration(26 * hour + 61_000)).toBe('26h1m1s');
    expect(writeDuration(250)).toBe('250ms');
    expect(writeDuration(1_999)).toBe('1s');
    expect(writeDuration(0)).toBe('0s');
  });
  it('is read back as the same', () => {
    for (const text of ['1s', '59m59s', '8h', '100h1m'])
      expect(writeDuration((readDuration(text) as { milliseconds: number }).milliseconds)).toBe(text);
  });
});

describe('wrongDuration', () => {
  it('leaves what was not typed to the default', () => expect(wrongDuration('')).toBeUndefined());
  it('keeps to its bounds', () => {
    expect(wrongDuration('5h', { most: 4 * hour })).toBe('Expected 1ms to 4h.');
    expect(wrongDuration('50ms', { least: 100, most: hour })).toBe('Expected 100ms to 1h.');
    expect(wrongDuration('4h', { most: 4 * hour })).toBeUndefined();
  });
  it('wants whole seconds where a rule does', () =>
    expect(wrongDuration('1s500ms', { wholeSeconds: true })).toContain('whole seconds'));
});
