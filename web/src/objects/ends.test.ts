import { describe, expect, it } from 'vitest';
import type { Grant, Group, Request, Resource, Rule, Session, Token, User } from '../api/types';
import { endsWithGroup, endsWithResource, endsWithRule, endsWithUser, type Around } from './ends';

const request = (id: string, more: Partial<Request>) =>
  ({
    id,
    requester: 'alice',
    resource: 'prod',
    status: 'APPROVED',
    rules: ['r'],
    grant: `g-${id}`,
    ...more,
  }) as Request;
const around: Around = {
  requests: [
    request('1', {}),
    request('2', { rules: ['r', 'other'] }),
    request('3', { status: 'PENDING', rules: [], grant: null }),
    request('4', { requester: 'bob', resource: 'dev', rules: [] }),
  ],
  grants: [
    { id: 'g-1', subject: 'alice', resource: 'prod' },
    { id: 'g-9', subject: 'group:dba', resource: 'dev' },
  ] as Grant[],
  sessions: [
    { id: 's-1', grant: 'g-1', user: 'alice', resource: 'prod' },
    { id: 's-2', grant: 'g-2', user: 'alice', resource: 'prod' },
  ] as Session[],
  rules: [
    {
      name: 'r',
      resources: ['prod'],
      required_groups: ['dba'],
      approval_groups: [],
      force_approval_groups: [],
      skip_review_groups: [],
      break_glass_groups: [],
    } as unknown as Rule,
  ],
  groups: [
    { name: 'dba', members: ['alice'], declared: false },
    { name: 'ops', members: ['alice'], declared: true },
  ] as Group[],
  tokens: [{ name: 'ci' } as Token],
};
const said = (ends: { what: string }[]) => ends.map(({ what }) => what);

describe('what ends', () => {
  it('with a rule is what stands on it alone', () => {
    const ends = endsWithRule({ name: 'r' } as Rule, around);
    expect(ends).toEqual([
      { what: '1 approved request is revoked', which: ['1: alice on prod'] },
      { what: '1 live session ends', which: ['s-1: alice on prod'] },
    ]);
    expect(endsWithRule({ name: 'unused' } as Rule, around)).toEqual([]);
  });
  it('with a resource is all access to it', () => {
    expect(said(endsWithResource({ name: 'prod' } as Resource, around))).toEqual([
      '1 waiting request is rejected',
      '1 grant is revoked',
      '2 live sessions end',
      '1 rule names it, and covers nothing by that any more',
    ]);
  });
  it('with a user is what they have, and their place in live groups', () => {
    const ends = endsWithUser({ name: 'alice' } as User, around);
    expect(said(ends)).toEqual([
      '1 waiting request is rejected',
      '1 grant is revoked',
      '2 live sessions end',
      '1 token is revoked',
      '1 live group is left',
    ]);
    expect(ends[4]?.which).toEqual(['dba']);
  });
  it('with a group is what rules and grants mean by it', () => {
    expect(said(endsWithGroup({ name: 'dba' } as Group, around))).toEqual([
      '1 rule names it, and means nobody by that any more',
      '1 grant to the group covers nobody any more',
    ]);
  });
});
