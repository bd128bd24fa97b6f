import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/client';
import { byField, fieldOf, problemsOf } from './problems';

const paths = ['name', 'approval_groups', 'allowed_times.windows', 'attributes', 'admin_login.user'];

describe('fieldOf', () => {
  it.each([
    ['approval_groups', 'approval_groups'],
    ['approval_groups[1]', 'approval_groups'],
    ['allowed_times.windows[0]', 'allowed_times.windows'],
    ['attributes.env', 'attributes'],
    ['admin_login', ''],
    ['colour', ''],
    ['', ''],
  ])('shows %j at %j', (member, field) => expect(fieldOf(member, paths)).toBe(field));
});

describe('byField', () => {
  it('puts several problems of one field together, and keeps what has no field', () => {
    expect(
      byField(
        [
          { member: 'approval_groups[0]', detail: 'one' },
          { member: 'approval_groups[1]', detail: 'two' },
          { member: 'colour', detail: 'unknown key' },
          { member: '', detail: 'covers nothing' },
        ],
        paths,
      ),
    ).toEqual({ approval_groups: 'one\ntwo', '': 'colour: unknown key\ncovers nothing' });
  });
});

describe('problemsOf', () => {
  it('never loses what the server said', () => {
    expect(problemsOf(new ApiError(409, 'conflict', 'exists already'), paths)).toEqual({
      '': 'exists already',
    });
    expect(
      problemsOf(new ApiError(400, 'invalid', 'all', [{ member: 'name', detail: 'no' }]), paths),
    ).toEqual({ name: 'no' });
    expect(problemsOf(undefined, paths)).toEqual({});
  });
});
