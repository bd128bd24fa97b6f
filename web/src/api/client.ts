// Talks to the API of the server that this page came from. What goes wrong is an ApiError with all that the server said.
import { noteServerTime } from '../clock';

export interface MemberProblem {
  member: string; // of the body, as `allowed_times.windows[1]`; empty: the whole
  detail: string;
}

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: the server was not reached
    readonly code: string, // the API's word, or `unreachable`
    readonly detail: string, // for people
    readonly problems: MemberProblem[] = [],
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail);
    this.name = 'ApiError';
  }
}

// What is wrong with this member of what was sent; undefined: nothing that is known.
export function problemOf(error: unknown, member: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const found = error.problems.filter((problem) => problem.member === member);
  return found.length ? found.map((problem) => problem.detail).join(' ') : undefined;
}

// Called where the server says that nobody is signed in (any more).
let onSignedOut: () => void = () => {};
export function whenSignedOut(call: () => void): void {
  onSignedOut = call;
}

export interface Options {
  signal?: AbortSignal;
  ifMatch?: string; // the ETag of what is changed
  key?: string; // the Idempotency-Key
  quiet?: boolean; // a 401 is for the caller alone
}

export interface Answer<T> {
  value: T;
  etag: string | null;
}

function isProblem(body: unknown): body is { code: string; detail: string; problems?: MemberProblem[] } {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}

function errorOf(response: Response, body: unknown): ApiError {
  const retry = Number(response.headers.get('Retry-After'));
  const retryAfter = response.headers.has('Retry-After') && Number.isFinite(retry) ? retry : null;
  if (isProblem(body))
    return new ApiError(response.status, body.code, body.detail, body.problems ?? [], retryAfter);
  const said = `The server answered ${response.status} ${response.statusText}`.trim();
  return new ApiError(response.status, 'internal', `${said}. Is there a proxy in between?`, [], retryAfter);
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`/api/v1${path}`, init);
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === 'AbortError') throw failure;
    throw new ApiError(
      0,
      'unreachable',
      'The server cannot be reached, so nothing is known to have been done. Check your network or VPN, then try again.',
    );
  }
}

async function send<T>(
  method: string,
  path: string,
  body: unknown,
  options: Options,
): Promise<Answer<T> & { text: string }> {
  const headers = new Headers({ Accept: 'application/json, application/problem+json' });
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  if (options.ifMatch !== undefined) headers.set('If-Match', options.ifMatch);
  if (options.key !== undefined) headers.set('Idempotency-Key', options.key);
  const response = await reach(path, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    credentials: 'same-origin',
    redirect: 'error',
    ...(options.signal ? { signal: options.signal } : {}),
  });
  noteServerTime(response.headers.get('Date'));
  const text = response.status === 204 ? '' : await response.text();
  let value: unknown = null;
  try {
    value = text === '' ? null : JSON.parse(text);
  } catch {
    if (response.ok)
      throw new ApiError(response.status, 'internal', 'The server answered with something that is no JSON.');
  }
  if (!response.ok) {
    if (response.status === 401 && !options.quiet) onSignedOut();
    throw errorOf(response, value);
  }
  return { value: value as T, text, etag: response.headers.get('ETag') };
}

// A value for one Idempotency-Key: keep it while the same thing is tried again.
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export async function get<T>(path: string, options: Options = {}): Promise<T> {
  return (await send<T>('GET', path, undefined, options)).value;
}

// JSON as it came, byte for byte.
export async function getText(path: string, options: Options = {}): Promise<string> {
  return (await send<unknown>('GET', path, undefined, options)).text;
}

// With the ETag that a change needs.
export function getTagged<T>(path: string, options: Options = {}): Promise<Answer<T>> {
  return send<T>('GET', path, undefined, options);
}

// Acts on something that is there.
export async function post<T>(path: string, body?: unknown, options: Options = {}): Promise<T> {
  return (await send<T>('POST', path, body, options)).value;
}

// Makes something: done once, however often it is repeated with the same key.
export function create<T>(path: string, body: unknown, options: Options = {}): Promise<T> {
  return post<T>(path, body, { key: newKey(), ...options });
}

export function put<T>(path: string, body: unknown, options: Options = {}): Promise<Answer<T>> {
  return send<T>('PUT', path, body, options);
}

export async function del(path: string, options: Options = {}): Promise<void> {
  await send<null>('DELETE', path, undefined, options);
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

// `/requests?view=mine`, of what has a value.
export function withQuery(
  path: string,
  query: Record<string, string | number | boolean | null | undefined>,
): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') given.set(name, String(value));
  }
  const text = given.toString();
  return text ? `${path}?${text}` : path;
}

// All pages of a list, `most` items at most; `next` is not null where there are more.
export async function getAll<T>(path: string, most = 2000, options: Options = {}): Promise<Page<T>> {
  const items: T[] = [];
  let after: string | null = null;
  do {
    const separator = path.includes('?') ? '&' : '?';
    const more: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const page: Page<T> = await get<Page<T>>(`${path}${separator}limit=1000${more}`, options);
    items.push(...page.items);
    after = page.next;
  } while (after !== null && items.length < most);
  return { items, next: after };
}
