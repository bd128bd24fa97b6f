import { describe, expect, it } from 'vitest';
import type { FleetNode, NodeStatus } from '../../api/types';
import { agoOf, byNeed, fleetLine, stateOf, troublesOf, versionsOf } from './fleet';

function node(name: string, more: Partial<FleetNode> = {}): FleetNode {
  return {
    node: name,
    state: 'up',
    version: '0.1.0',
    address: `${name}:6432`,
    resources: ['prod'],
    sessions: 2,
    started_at: '2026-11-24T08:00:00Z',
    seen_at: '2026-11-24T12:00:00Z',
    seen_seconds_ago: 0,
    ...more,
  };
}

const status: NodeStatus = {
  version: '0.1.0',
  node: 'db-1',
  started_at: '2026-11-24T08:00:00Z',
  ready: true,
  not_ready_because: [],
  sessions: 2,
  unconfirmed_backends: 0,
  listeners: [],
  resources: ['prod'],
  admin_logins: [{ resource: 'prod', up: true, since: '2026-11-24T08:00:00Z', problem: null }],
  config_file: '/etc/curfew/curfew.yaml',
};

describe('a fleet', () => {
  it('shows what is gone first', () => {
    const nodes = [node('b'), node('c', { state: 'gone' }), node('a')];
    expect(byNeed(nodes).map((one) => one.node)).toEqual(['c', 'a', 'b']);
  });

  it('is told in a line', () => {
    expect(fleetLine([node('a')])).toBe('1 node is up and carries 2 sessions.');
    expect(
      fleetLine([node('a'), node('b', { sessions: 0 }), node('c', { state: 'gone', sessions: 7 })]),
    ).toBe('2 nodes are up and carry 2 sessions. 1 is gone.');
  });

  it('has the versions of those that are up', () => {
    expect(
      versionsOf([node('a'), node('b', { version: '0.2.0' }), node('c', { state: 'gone', version: '0' })]),
    ).toEqual(['0.1.0', '0.2.0']);
  });

  it('says when each was heard of', () => {
    expect(agoOf({ seen_seconds_ago: 0 })).toBe('just now');
    expect(agoOf({ seen_seconds_ago: 90 })).toBe('1 min 30 s ago');
    expect(stateOf(node('a')).tone).toBe('ok');
    expect(stateOf(node('a', { state: 'gone', seen_seconds_ago: 120 })).means).toContain('for 2 min');
  });
});

describe('the node that answers', () => {
  it('has no trouble where all is well', () => {
    expect(troublesOf(status)).toEqual([]);
  });

  it('says each thing that somebody has to see to', () => {
    const troubles = troublesOf({
      ...status,
      ready: false,
      not_ready_because: ['the store does not answer'],
      unconfirmed_backends: 1,
      admin_logins: [{ resource: 'prod', up: false, since: '2026-11-24T08:00:00Z', problem: 'refused' }],
    });
    expect(troubles).toHaveLength(3);
    expect(troubles[1]).toMatch(/^1 backend is/);
    expect(troubles[2]).toContain('prod');
  });
});
