// What happens on the server, by one EventSource for the whole page. A page that is not looked at holds no connection: a
// browser has six for a server, and people open many tabs.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Request, Session } from './types';
import { get } from './client';

export interface Watcher {
  request?: (request: Request) => void; // as it stands now; `view` is null
  sessions?: (sessions: Session[]) => void; // all live ones that one may see
  reset?: () => void; // something may have been missed: read again
}

export type Line = 'connecting' | 'open' | 'broken';

const watchers = new Set<Watcher>();
const lineWatchers = new Set<(line: Line) => void>();
const retryAfter = { first: 2_000, most: 30_000 };

let source: EventSource | null = null;
let topics = '';
let line: Line = 'connecting';
let wasOpen = false;
let retry: ReturnType<typeof setTimeout> | undefined;
let wait = retryAfter.first;

// The query for what is watched; empty: nothing.
export function topicsOf(all: Iterable<Watcher>): string {
  let requests = false;
  let sessions = false;
  for (const watcher of all) {
    requests ||= watcher.request !== undefined;
    sessions ||= watcher.sessions !== undefined;
  }
  return [requests ? 'requests' : '', sessions ? 'sessions' : ''].filter(Boolean).join(',');
}

function setLine(now: Line): void {
  line = now;
  for (const watcher of [...lineWatchers]) watcher(now);
}

function close(): void {
  clearTimeout(retry);
  source?.close();
  source = null;
}

function open(): void {
  close();
  if (!topics || document.hidden) return;
  const opened = new EventSource(`/api/v1/events?topics=${encodeURIComponent(topics)}`);
  source = opened;
  opened.onopen = () => {
    wait = retryAfter.first;
    setLine('open');
    // What changed while nobody listened is not told again: this is not the browser's own coming back.
    if (wasOpen) for (const watcher of [...watchers]) watcher.reset?.();
    wasOpen = true;
  };
  opened.onerror = () => {
    if (opened !== source) return;
    setLine('broken');
    if (opened.readyState === EventSource.CLOSED) void comeBack();
  };
  opened.addEventListener('request', (event) => {
    const request = JSON.parse(event.data as string) as Request;
    for (const watcher of [...watchers]) watcher.request?.(request);
  });
  opened.addEventListener('sessions', (event) => {
    const list = JSON.parse(event.data as string) as { items: Session[] };
    for (const watcher of [...watchers]) watcher.sessions?.(list.items);
  });
  opened.addEventListener('reset', () => {
    for (const watcher of [...watchers]) watcher.reset?.();
  });
}

// The server refused: because nobody is signed in any more (then asking for oneself says so), or it is away.
async function comeBack(): Promise<void> {
  close();
  retry = setTimeout(open, wait);
  wait = Math.min(wait * 2, retryAfter.most);
  try {
    await get('/me');
  } catch {
    // said by whoever is told of a lost sign-in, and otherwise by the line's own state
  }
}

function update(): void {
  const wanted = topicsOf(watchers);
  if (wanted === topics && (source || !wanted)) return;
  topics = wanted;
  open();
}

let visible = false;
function watchVisibility(): void {
  if (visible) return;
  visible = true;
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
}

// Ends with what this returns.
export function watch(watcher: Watcher): () => void {
  watchVisibility();
  watchers.add(watcher);
  update();
  return () => {
    watchers.delete(watcher);
    // Views come and go within a moment: what the next one watches decides.
    setTimeout(update, 0);
  };
}

// While a component is there. What is called is what it gave last.
export function useEvents(watcher: Watcher): void {
  const latest = useRef(watcher);
  latest.current = watcher;
  const hasRequest = watcher.request !== undefined;
  const hasSessions = watcher.sessions !== undefined;
  useEffect(
    () =>
      watch({
        ...(hasRequest ? { request: (request) => latest.current.request?.(request) } : {}),
        ...(hasSessions ? { sessions: (sessions) => latest.current.sessions?.(sessions) } : {}),
        reset: () => latest.current.reset?.(),
      }),
    [hasRequest, hasSessions],
  );
}

// Is what is shown live?
export function useLine(): Line {
  const [now, setNow] = useState(line);
  useEffect(() => {
    lineWatchers.add(setNow);
    return () => void lineWatchers.delete(setNow);
  }, []);
  return now;
}
