import { describe, expect, it } from 'vitest';
import { wrongName, wrongPlainName, wrongUserName } from './object_names';

describe('names', () => {
  it('of resources and rules are what people can type behind dbname=', () => {
    expect(wrongPlainName('prod-postgres_2.x')).toBeUndefined();
    expect(wrongPlainName('x'.repeat(63))).toBeUndefined();
    for (const name of ['', 'a b', 'a/b', 'ä', 'x'.repeat(64)]) expect(wrongPlainName(name)).toBeDefined();
  });
  it('of groups are what fits into 63 bytes on one line', () => {
    expect(wrongName('ops team')).toBeUndefined();
    expect(wrongName('ä'.repeat(31))).toBeUndefined();
    for (const name of ['', 'a\nb', 'ä'.repeat(32)]) expect(wrongName(name)).toBeDefined();
  });
  it('of users mean nobody else where a grant is given', () => {
    expect(wrongUserName('alice')).toBeUndefined();
    for (const name of ['*', 'group:dba', '']) expect(wrongUserName(name)).toBeDefined();
  });
});
