// Requests that change while they are looked at. An event says that one has changed; what the reader may do about it is asked
// for, once for the whole page.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, type Page, withQuery } from '../../api/client';
import { useEvents } from '../../api/events';
import type { Request } from '../../api/types';
import { merged } from './words';

export type Filter = {
  view: 'waiting_for_me' | 'mine' | 'all';
  status?: string;
  requester?: string;
  resource?: string;
};

// As one request stands for the reader now; null: it is not theirs to see (any more).
export async function readRequest(id: string): Promise<Request | null> {
  try {
    return await get<Request>(`/requests/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

// Calls `told` with each request that changed, as the reader sees it; one read at a time, however many events there are.
export function useChanges(told: (id: string, request: Request | null) => void, reset: () => void): void {
  const waiting = useRef(new Set<string>());
  const busy = useRef(false);
  const latest = useRef(told);
  latest.current = told;
  const gone = useRef(false);
  useEffect(() => () => void (gone.current = true), []);
  const work = useCallback(async () => {
    if (busy.current) return;
    busy.current = true;
    for (;;) {
      const [id] = waiting.current;
      if (id === undefined || gone.current) break;
      waiting.current.delete(id);
      try {
        latest.current(id, await readRequest(id));
      } catch {
        // the next event, or coming back, brings it up to date
      }
    }
    busy.current = false;
  }, []);
  useEvents({
    request: (request) => {
      waiting.current.add(request.id);
      void work();
    },
    reset,
  });
}

export interface LiveList {
  items: Request[] | undefined; // undefined: not read yet
  error: unknown;
  more: boolean; // there are older ones
  busy: boolean;
  readMore: () => void;
  reload: () => void;
  put: (request: Request) => void; // it is known to stand like this
}

// Those whose access ends later because of it: nobody tells of these, for they stand as they stood.
export function extendedBy(extension: Request, requests: Request[]): Request[] {
  if (extension.kind !== 'extension' || extension.status === 'PENDING' || extension.grant === null) return [];
  return requests.filter((one) => one.id !== extension.id && one.view?.grant?.id === extension.grant);
}

const pageSize = 50;

function readPage(filter: Filter, after: string | null): Promise<Page<Request>> {
  return get<Page<Request>>(withQuery('/requests', { ...filter, with_views: true, limit: pageSize, after }));
}

// The requests of `filter`, newest first, as they change. `belongs`: whether one that changed is (still) among them.
export function useRequests(filter: Filter, belongs: (request: Request) => boolean): LiveList {
  const [items, setItems] = useState<Request[] | undefined>(undefined);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(undefined);
  const [busy, setBusy] = useState(true);
  const round = useRef(0);
  const key = JSON.stringify(filter);

  const read = useCallback(
    async (after: string | null) => {
      const mine = ++round.current;
      setBusy(true);
      try {
        // A page may be short or empty while there is more of the list.
        let found: Page<Request> = await readPage(filter, after);
        const all = found.items;
        while (all.length === 0 && found.next !== null && mine === round.current) {
          found = await readPage(filter, found.next);
          all.push(...found.items);
        }
        if (mine !== round.current) return;
        setItems((before) => (after === null ? all : [...(before ?? []), ...all]));
        setNext(found.next);
        setError(undefined);
      } catch (failure) {
        if (mine === round.current) setError(failure);
      }
      if (mine === round.current) setBusy(false);
    },
    [key],
  );
  useEffect(() => {
    setItems(undefined);
    void read(null);
  }, [read]);
  const put = (request: Request) => setItems((before) => before && merged(before, request, belongs(request)));
  useChanges(
    (id, request) => {
      if (!request) return setItems((before) => before?.filter((one) => one.id !== id));
      put(request);
      for (const other of extendedBy(request, items ?? []))
        void readRequest(other.id).then((now) => now && put(now));
    },
    () => void read(null),
  );
  return {
    items,
    error,
    more: next !== null,
    busy,
    readMore: () => void read(next),
    reload: () => void read(null),
    put,
  };
}
