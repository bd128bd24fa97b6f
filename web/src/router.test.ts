import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { placeOf, isOwnPath, match } from './router';
import { returnTo, signInPath, codeOf } from './views/sign-in/return_to';

describe('match', () => {
  it('gives what stands for {…}, decoded', () =>
    expect(match('/rules/{name}', '/rules/prod%20rule')).toEqual({ name: 'prod rule' }));
  it('takes nothing for {…} that is empty or cannot be decoded', () => {
    expect(match('/rules/{name}', '/rules/')).toBeNull();
    expect(match('/rules/{name}', '/rules/%ff')).toBeNull();
  });
  it('takes whole paths alone', () => {
    expect(match('/requests', '/requests/new')).toBeNull();
    expect(match('/requests', '/requests')).toEqual({});
  });
});

describe('placeOf', () => {
  it('makes nothing of a slash at the end', () =>
    expect(placeOf({ pathname: '/requests/', search: '?view=all', hash: '#x' })).toMatchObject({
      path: '/requests',
      hash: 'x',
    }));
});

describe('isOwnPath', () => {
  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/a\\b', '/api/v1/sign-out', ''])(
    'refuses %j',
    (path) => expect(isOwnPath(path)).toBe(false),
  );
  it.each(['/', '/requests', '/requests/r-7k3mq9xd?x=1'])('takes %j', (path) =>
    expect(isOwnPath(path)).toBe(true),
  );
});

describe('returnTo', () => {
  const to = (path: string) => returnTo(new URLSearchParams({ return_to: path }));
  it('goes on to where one was going', () => expect(to('/requests/r-7k3mq9xd')).toBe('/requests/r-7k3mq9xd'));
  it.each(['https://evil.example/', '//evil.example', '/sign-in', ''])('does not go to %j', (path) =>
    expect(to(path)).toBe('/requests'),
  );
  it('is what signInPath() keeps', () => {
    const path = signInPath(placeOf({ pathname: '/requests', search: '?view=all', hash: '' }));
    expect(returnTo(new URL(path, 'http://x').searchParams)).toBe('/requests?view=all');
  });
});

describe('codeOf', () => {
  it('knows the code of a one-time link, and nothing else', () => {
    expect(codeOf('cfl_abc-DEF_123')).toBe('cfl_abc-DEF_123');
    expect(codeOf('content')).toBeNull();
  });
});

// Read as text: the views themselves need a browser.
describe('paths.json', () => {
  it('has the path of every view, and no other', () => {
    const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
    const served = JSON.parse(read('../paths.json')) as string[];
    const shown = [...read('./routes.ts').matchAll(/path: '([^']+)'/g)].map(([, path]) => path as string);
    // Those two lead on, and are no views of their own behind the sign-in.
    expect(served.sort()).toEqual(['/', '/sign-in', ...shown].sort());
  });
});
