import { describe, expect, it } from 'vitest';
import type { Page } from './client';
import { readUntilSome } from './pages';

function pagesOf(...pages: string[][]) {
  const asked: (string | null)[] = [];
  const read = (after: string | null): Promise<Page<string>> => {
    asked.push(after);
    const place = after === null ? 0 : Number(after);
    return Promise.resolve({
      items: pages[place] ?? [],
      next: place + 1 < pages.length ? String(place + 1) : null,
    });
  };
  return { read, asked };
}

describe('a page of a narrowed list', () => {
  it('is the first that has something', async () => {
    const { read, asked } = pagesOf([], [], ['a'], ['b']);
    expect(await readUntilSome(read, null)).toEqual({ items: ['a'], next: '3' });
    expect(asked).toEqual([null, '1', '2']);
  });

  it('is empty where nothing comes any more', async () => {
    const { read } = pagesOf([], []);
    expect(await readUntilSome(read, null)).toEqual({ items: [], next: null });
  });

  it('goes on from where the last one ended', async () => {
    const { read, asked } = pagesOf(['a'], ['b'], ['c']);
    expect((await readUntilSome(read, '1')).items).toEqual(['b']);
    expect(asked).toEqual(['1']);
  });

  it('is given up after so many, and can be gone on from', async () => {
    const { read, asked } = pagesOf([], [], [], [], ['a']);
    expect(await readUntilSome(read, null, 3)).toEqual({ items: [], next: '3' });
    expect(asked).toHaveLength(3);
  });
});
