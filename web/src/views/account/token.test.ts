import { describe, expect, it } from 'vitest';
import { problemsOfPassword, problemsOfToken } from './token';

const token = { name: 'ci', scopes: ['read' as const], expires_in: '30d' };

describe('what is wrong with a token', () => {
  it('is nothing of a good one', () => expect(problemsOfToken(token)).toEqual({}));
  it('is named at each field', () => {
    expect(Object.keys(problemsOfToken({ name: ' ', scopes: [], expires_in: '' }))).toEqual([
      'name',
      'scopes',
      'expires_in',
    ]);
    expect(problemsOfToken({ ...token, name: 'ä'.repeat(51) })['name']).toContain('100 bytes');
    expect(problemsOfToken({ ...token, expires_in: '367d' })['expires_in']).toBeDefined();
  });
});

describe('what is wrong with a new password', () => {
  const good = { current: 'what it is', wanted: 'a better pass phrase', again: 'a better pass phrase' };
  it('is nothing of a good one', () => expect(problemsOfPassword(good, 'alice')).toEqual({}));
  it('is that it is short, counted in characters', () => {
    expect(problemsOfPassword({ ...good, wanted: 'ääääääääääää', again: 'ääääääääääää' }, 'alice')).toEqual(
      {},
    );
    expect(
      problemsOfPassword({ ...good, wanted: '😀'.repeat(6), again: '😀'.repeat(6) }, 'alice')['new'],
    ).toContain('12');
  });
  it('is that it is the name, or typed differently the second time', () => {
    const name = 'alice.example';
    expect(
      problemsOfPassword({ ...good, wanted: 'Alice.Example', again: 'Alice.Example' }, name)['new'],
    ).toBeDefined();
    expect(problemsOfPassword({ ...good, again: 'x' }, name)['again']).toBeDefined();
    expect(problemsOfPassword({ ...good, current: '' }, name)['current']).toBeDefined();
  });
});
