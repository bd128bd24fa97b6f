// One recording as it is read: page by page, and followed while its session lives.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../../api/client';
import {
  recordingPath,
  type Entry,
  type Integrity,
  type Recording,
  type RecordingPage,
} from '../../api/recordings';
import { StepBook, type Step } from './steps';

const pageSize = 1_000;
const pagesAtOnce = 5; // then there is a button for more
const showEvery = 200; // ms, of what is followed
const recordedWithin = 1_500; // ms

export type Following = 'no' | 'connecting' | 'yes' | 'broken';

export interface Reading {
  recording: Recording | undefined;
  steps: Step[];
  integrity: Integrity | undefined;
  entries: number;
  loading: boolean;
  error: unknown;
  more: (() => void) | null; // there is more to be read
  following: Following;
  follow: (wanted: boolean) => void;
  retry: () => void;
}

export function useReading(session: string): Reading {
  const [recording, setRecording] = useState<Recording>();
  const [steps, setSteps] = useState<Step[]>([]);
  const [integrity, setIntegrity] = useState<Integrity>();
  const [entries, setEntries] = useState(0);
  const [next, setNext] = useState<string | null>('0');
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<unknown>(undefined);
  const [wanted, setWanted] = useState(true);
  const [following, setFollowing] = useState<Following>('no');
  const [round, setRound] = useState(0);
  const [over, setOver] = useState(false); // while it was followed
  const book = useRef(new StepBook());
  const count = useRef(0);

  const take = useCallback((items: Entry[]) => {
    book.current.add(count.current, items);
    count.current += items.length;
    setSteps(book.current.steps);
    setEntries(count.current);
  }, []);

  // Reads on from where it is, some pages.
  useEffect(() => {
    const abort = new AbortController();
    const read = async () => {
      setLoading(true);
      try {
        for (let i = 0; i < pagesAtOnce; ++i) {
          const after = count.current > 0 ? `&after=${count.current}` : '';
          const page = await get<RecordingPage>(`${recordingPath(session)}?limit=${pageSize}${after}`, {
            signal: abort.signal,
          });
          if (abort.signal.aborted) return;
          setRecording(page.recording);
          setIntegrity(page.integrity);
          setNext(page.next);
          setError(undefined);
          take(page.items);
          if (page.next === null) break;
        }
      } catch (failure) {
        if (abort.signal.aborted) return;
        setError(failure);
      }
      setLoading(false);
    };
    void read();
    return () => abort.abort();
  }, [session, round]);

  const live = next === null && integrity?.condition === 'open' && !loading && error === undefined;
  useEffect(() => {
    if (!live || !wanted) return;
    setFollowing('connecting');
    return followRecording(session, count.current, {
      entries: take,
      line: setFollowing,
      end: (known) => {
        setIntegrity(known);
        setFollowing('no');
        setOver(true);
      },
    });
  }, [live, wanted, session]);

  // The session's own record is written a moment after its recording: how it ended is read then.
  useEffect(() => {
    if (!over) return;
    const timer = setTimeout(() => setRound((before) => before + 1), recordedWithin);
    return () => clearTimeout(timer);
  }, [over]);

  return {
    recording,
    steps,
    integrity,
    entries,
    loading,
    error,
    more: next !== null && !loading && error === undefined ? () => setRound((before) => before + 1) : null,
    following,
    follow: (on) => {
      setWanted(on);
      if (!on) setFollowing('no');
    },
    retry: () => setRound((before) => before + 1),
  };
}

// What is added, told a few times a second at most; ends with what this returns. The browser comes back by itself, and
// tells by Last-Event-ID what it has.
function followRecording(
  session: string,
  from: number,
  tell: {
    entries: (items: Entry[]) => void;
    line: (line: Following) => void;
    end: (integrity: Integrity) => void;
  },
): () => void {
  const source = new EventSource(`/api/v1${recordingPath(session)}?follow=true&after=${from}`);
  let waiting: Entry[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    const items = waiting;
    waiting = [];
    if (items.length > 0) tell.entries(items);
  };
  source.onopen = () => tell.line('yes');
  source.onerror = () => tell.line('broken');
  source.addEventListener('entry', (event) => {
    waiting.push(JSON.parse(event.data as string) as Entry);
    timer ??= setTimeout(flush, showEvery);
  });
  source.addEventListener('end', (event) => {
    source.close();
    clearTimeout(timer);
    flush();
    tell.end(JSON.parse(event.data as string) as Integrity);
  });
  return () => {
    clearTimeout(timer);
    source.close();
    flush();
  };
}
