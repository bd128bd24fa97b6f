import { describe, expect, it } from 'vitest';
import { changesBetween, rebased } from './changes';
import type { FieldSpec } from './fields';

const specs: FieldSpec[] = [
  { path: 'a', kind: 'text', label: 'First' },
  { path: 'b', kind: 'names', label: 'Second' },
  { path: 'c', kind: 'flag', label: 'Third' },
];
const seen = { a: '1', b: ['x'], c: false };

describe('changesBetween', () => {
  it('names what differs, before and after', () => {
    expect(changesBetween(specs, seen, { a: '', b: ['x', 'y'], c: false })).toEqual([
      { path: 'a', label: 'First', before: '1', after: 'nothing' },
      { path: 'b', label: 'Second', before: 'x', after: 'x, y' },
    ]);
    expect(changesBetween(specs, seen, seen)).toEqual([]);
  });
});

describe('rebased', () => {
  it('keeps what they changed where I changed something else', () => {
    const { form, theirs, both } = rebased(specs, seen, { ...seen, a: '2' }, { ...seen, c: true });
    expect(form).toEqual({ a: '2', b: ['x'], c: true });
    expect(theirs.map(({ label }) => label)).toEqual(['First']);
    expect(both).toEqual([]);
  });
  it('keeps mine where both changed it, and says so', () => {
    const { form, both } = rebased(specs, seen, { ...seen, a: '2' }, { ...seen, a: '3' });
    expect(form['a']).toBe('3');
    expect(both).toEqual(['a']);
  });
  it('sees no dispute where both made the same change', () => {
    expect(rebased(specs, seen, { ...seen, b: [] }, { ...seen, b: [] }).both).toEqual([]);
  });
});
