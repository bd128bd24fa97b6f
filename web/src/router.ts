// Where the page stands, by the history API. Ordinary links (`<a href="/requests">`) work: followLinks() turns a click
// on one into a change of place without loading anything.
import { useEffect, useState } from 'preact/hooks';

export interface Place {
  path: string; // without a slash at its end
  query: URLSearchParams;
  hash: string; // without the #
}

export type Params = Record<string, string>;

export function placeOf(url: { pathname: string; search: string; hash: string }): Place {
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/+$/, '') : url.pathname;
  return { path: path || '/', query: new URLSearchParams(url.search), hash: url.hash.replace(/^#/, '') };
}

// What stands for {…} in `path`, decoded, if it has the form of `pattern`; null if it has not.
export function match(pattern: string, path: string): Params | null {
  const wanted = pattern.split('/');
  const found = path.split('/');
  if (wanted.length !== found.length) return null;
  const params: Params = {};
  for (const [i, segment] of wanted.entries()) {
    const given = found[i] ?? '';
    if (!segment.startsWith('{')) {
      if (segment !== given) return null;
    } else {
      if (given === '') return null;
      try {
        params[segment.slice(1, -1)] = decodeURIComponent(given);
      } catch {
        return null;
      }
    }
  }
  return params;
}

// A path of this page and nothing else: what a link or a parameter of the query may lead to.
export function isOwnPath(path: string): boolean {
  return /^\/(?![/\\])[^\\]*$/.test(path) && !path.startsWith('/api/');
}

const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of [...listeners]) listener();
}

export function navigate(to: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'replace') history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  tell();
}

// Changes the query of where we are, for filters: no new entry of the history, and the focus stays where it is.
export function replaceQuery(changes: Record<string, string | null>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  navigate(location.pathname + (text ? `?${text}` : ''), 'replace');
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location));
  useEffect(() => {
    const update = () => setPlace(placeOf(location));
    listeners.add(update);
    window.addEventListener('popstate', update);
    return () => {
      listeners.delete(update);
      window.removeEventListener('popstate', update);
    };
  }, []);
  return place;
}

function linkOf(event: MouseEvent): HTMLAnchorElement | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  return event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href]') : null;
}

export function followLinks(): () => void {
  const onClick = (event: MouseEvent) => {
    const link = linkOf(event);
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
    if (!isOwnPath(link.pathname)) return;
    if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
    event.preventDefault();
    navigate(link.pathname + link.search + link.hash);
  };
  document.addEventListener('click', onClick);
  return () => document.removeEventListener('click', onClick);
}
