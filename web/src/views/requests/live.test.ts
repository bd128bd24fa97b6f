import { describe, expect, it } from 'vitest';
import type { Grant, Request } from '../../api/types';
import { extendedBy } from './live';

const access = { id: 'r-00000001', kind: 'access', view: { grant: { id: 'g-1' } as Grant } } as Request;
const other = { id: 'r-00000002', kind: 'access', view: { grant: { id: 'g-2' } as Grant } } as Request;
const extension = { id: 'r-00000003', kind: 'extension', status: 'APPROVED', grant: 'g-1' } as Request;

describe('extendedBy', () => {
  it('finds the access whose end has moved', () =>
    expect(extendedBy(extension, [access, other])).toEqual([access]));
  it('finds nothing while it waits, and nothing for what is no extension', () => {
    expect(extendedBy({ ...extension, status: 'PENDING' }, [access])).toEqual([]);
    expect(extendedBy({ ...extension, kind: 'access' }, [access])).toEqual([]);
  });
});
