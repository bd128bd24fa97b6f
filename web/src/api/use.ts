// What a view shows of the API: loading, there, or why not.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, create, newKey } from './client';

export interface Loaded<T> {
  value: T | undefined; // what was read last, also while it is read again
  error: unknown; // why it could not be read (again); undefined: it could
  loading: boolean;
  reload: () => void;
  set: (value: T) => void; // it is known to be this now
}

// Reads with `load`, and again whenever one of `inputs` changes. What came too late is dropped.
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, inputs: unknown[]): Loaded<T> {
  const [value, setValue] = useState<T | undefined>(undefined);
  const [error, setError] = useState<unknown>(undefined);
  const [loading, setLoading] = useState(true);
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const seen = useRef(inputs);

  useEffect(() => {
    const abort = new AbortController();
    const changed = seen.current.some((input, i) => input !== inputs[i]);
    seen.current = inputs;
    if (changed) setValue(undefined); // it is something else now
    setLoading(true);
    latest.current(abort.signal).then(
      (read) => {
        if (abort.signal.aborted) return;
        setValue(read);
        setError(undefined);
        setLoading(false);
      },
      (failure: unknown) => {
        if (abort.signal.aborted) return;
        setError(failure);
        setLoading(false);
      },
    );
    return () => abort.abort();
  }, [...inputs, round]);

  const reload = useCallback(() => setRound((before) => before + 1), []);
  const set = useCallback((known: T) => {
    setValue(known);
    setError(undefined);
  }, []);
  return { value, error, loading, reload, set };
}

export interface Action<A extends unknown[]> {
  run: (...given: A) => Promise<boolean>; // whether it was done
  busy: boolean;
  error: unknown; // of the last time; undefined: it was done
  clear: () => void;
}

// Something that a person does: not twice at once, and what goes wrong is kept to be shown.
export function useAction<A extends unknown[]>(act: (...given: A) => Promise<void>): Action<A> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const running = useRef(false);
  const run = async (...given: A): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await act(...given);
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { run, busy, error, clear: () => setError(undefined) };
}

// Makes something, and makes it once: the same thing is tried again under the same key while nobody knows what became of
// it. Each call with another body is another thing.
export function useCreate(): <T>(path: string, body: unknown) => Promise<T> {
  const open = useRef<{ what: string; key: string } | null>(null);
  return async <T>(path: string, body: unknown): Promise<T> => {
    const what = `${path} ${JSON.stringify(body)}`;
    if (open.current?.what !== what) open.current = { what, key: newKey() };
    try {
      const made = await create<T>(path, body, { key: open.current.key });
      open.current = null;
      return made;
    } catch (error) {
      // An answer that refuses is an answer: the next attempt is a new one.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) open.current = null;
      throw error;
    }
  };
}
