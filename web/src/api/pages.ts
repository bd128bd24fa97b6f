// Lists that are shown a page at a time, with a button for more.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, type Page } from './client';

// A page of what is narrowed may be empty though there is more: reads on until there is something, and `pages` times at
// most, so that nobody waits without a word.
export async function readUntilSome<T>(
  read: (after: string | null) => Promise<Page<T>>,
  after: string | null,
  pages = 20,
): Promise<Page<T>> {
  let page = await read(after);
  for (let i = 1; i < pages && page.items.length === 0 && page.next !== null; ++i)
    page = await read(page.next);
  return page;
}

export interface Pages<T> {
  items: T[] | undefined; // undefined: not read yet
  next: string | null; // there is more
  error: unknown;
  loading: boolean;
  more: () => void;
  reload: () => void;
}

// The list at `path`, from its beginning whenever that changes. `after` of the first page stands in no path.
export function usePages<T>(path: string, limit = 100): Pages<T> {
  const [items, setItems] = useState<T[] | undefined>(undefined);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(undefined);
  const [loading, setLoading] = useState(true);
  const [round, setRound] = useState(0);
  const abort = useRef(new AbortController());

  const load = async (after: string | null) => {
    abort.current.abort();
    const mine = new AbortController();
    abort.current = mine;
    setLoading(true);
    const separator = path.includes('?') ? '&' : '?';
    const read = (from: string | null) =>
      get<Page<T>>(
        `${path}${separator}limit=${limit}${from === null ? '' : `&after=${encodeURIComponent(from)}`}`,
        { signal: mine.signal },
      );
    try {
      const page = await readUntilSome(read, after);
      if (mine.signal.aborted) return;
      setItems((before) => (after === null ? page.items : [...(before ?? []), ...page.items]));
      setNext(page.next);
      setError(undefined);
    } catch (failure) {
      if (mine.signal.aborted) return;
      setError(failure);
    }
    setLoading(false);
  };

  useEffect(() => {
    setItems(undefined);
    setNext(null);
    void load(null);
    return () => abort.current.abort();
  }, [path, round]);

  return {
    items,
    next,
    error,
    loading,
    more: () => void (next !== null && load(next)),
    reload: () => setRound((before) => before + 1),
  };
}
