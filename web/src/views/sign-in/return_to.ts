import { isOwnPath, type Place } from '../../router';

// Where to sign in, and to come back from to `place`.
export function signInPath(place: Place): string {
  const query = place.query.toString();
  const back = place.path + (query ? `?${query}` : '');
  return back === '/' || back === '/requests' ? '/sign-in' : `/sign-in?return_to=${encodeURIComponent(back)}`;
}

// Where to go after signing in: only to a page of this server, whatever the address says.
export function returnTo(query: URLSearchParams): string {
  const wanted = query.get('return_to') ?? '';
  return isOwnPath(wanted) && !wanted.startsWith('/sign-in') ? wanted : '/requests';
}

// The code of a one-time link, which stands behind the #; null: there is none.
export function codeOf(hash: string): string | null {
  return /^cfl_[A-Za-z0-9_-]+$/.test(hash) ? hash : null;
}
