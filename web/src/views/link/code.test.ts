import { describe, expect, it } from 'vitest';
import { forgetCode, isCode, keepCode, keptCode, type Keeping } from './code';

function storage(): Keeping {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}

const code = 'abcdefghijklmnopqrstuvwxyz-_0123456789';

describe('the code of a link', () => {
  it('is kept while somebody signs in, and forgotten once it was used', () => {
    const keeping = storage();
    expect(keepCode({ pathname: '/link-chat', hash: `#${code}` }, keeping)).toBe(true);
    expect(keptCode(keeping)).toBe(code);
    forgetCode(keeping);
    expect(keptCode(keeping)).toBeNull();
  });

  it('is taken from its own address alone', () => {
    const keeping = storage();
    expect(keepCode({ pathname: '/sign-in', hash: `#${code}` }, keeping)).toBe(false);
    expect(keepCode({ pathname: '/link-chat', hash: '' }, keeping)).toBe(false);
    expect(keptCode(keeping)).toBeNull();
  });

  it('is base64url and nothing else', () => {
    expect(isCode(code)).toBe(true);
    for (const text of ['', 'short', `${code}<script>`, `${code} `, 'a'.repeat(2001)])
      expect(isCode(text)).toBe(false);
  });
});
