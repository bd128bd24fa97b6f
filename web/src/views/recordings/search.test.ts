import { describe, expect, it } from 'vitest';
import { recordingFilterOf, recordingsPath } from './search';

const now = Date.parse('2026-11-24T12:00:00Z');
const path = (query: string) => recordingsPath(recordingFilterOf(new URLSearchParams(query)), now);

describe('looking for recordings', () => {
  it('lists them without words, and searches with them', () => {
    expect(path('')).toBe('/recordings');
    expect(path('user=%20alice&resource=prod')).toBe('/recordings?user=alice&resource=prod');
    expect(path('q=drop+table')).toBe('/recordings/search?q=drop+table');
    expect(path('q=d.*&regex=true&when=24h')).toBe(
      '/recordings/search?q=d.*&regex=true&from=2026-11-23T12%3A00%3A00.000Z',
    );
  });

  it('passes over what it does not know', () => {
    expect(path('when=ever&regex=perhaps')).toBe('/recordings');
  });
});
