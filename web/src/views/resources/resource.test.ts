import { describe, expect, it } from 'vitest';
import type { NodeStatus, Resource, Rule } from '../../api/types';
import { formOf, type Form } from '../../objects/fields';
import {
  adminState,
  coveringRules,
  matters,
  problemsOfResource,
  resourceFields,
  sayAddress,
  settingsOfResource,
} from './resource';

const shown: Resource = {
  name: 'prod',
  description: '',
  host: 'db1',
  port: 5432,
  tls: { sslmode: 'verify-full', root_certificate: '/ca.pem', certificate: null, key: null },
  databases: ['orders'],
  default_database: 'orders',
  login: 'managed',
  authentication: 'scram',
  role: { user: 'app', password: { file: '/run/app' } },
  ephemeral: null,
  admin_login: { user: 'curfew_admin', password: { file: '/run/admin' }, database: 'postgres' },
  ungoverned: { enforce: 'report', interval: '15s' },
  prepared_transactions: 'report',
  on_store_loss: 'keep-until-deadline',
  recording: 'off',
  wind_down: null,
  attributes: { env: 'prod' },
  declared: false,
  changed_at: null,
  changed_by: null,
};
const empty = formOf(resourceFields);
const wrong = (changes: Form, name?: string) =>
  problemsOfResource({ ...empty, host: 'db1', ...changes }, name);

describe('the form of a resource', () => {
  it('has a field for each setting', () => {
    const { name, declared, changed_at, changed_by, ...settings } = shown;
    expect([name, declared, changed_at, changed_by]).toHaveLength(4);
    const covered = new Set(resourceFields.map(({ path }) => path.split('.')[0]));
    expect([...covered].sort()).toEqual(Object.keys(settings).sort());
  });
  it('sends what was shown, and secrets as where they are', () => {
    const sent = settingsOfResource(formOf(resourceFields, shown), shown);
    expect(sent['role']).toEqual({ user: 'app', password: { file: '/run/app' } });
    expect(sent['tls']).toEqual({ sslmode: 'verify-full', root_certificate: '/ca.pem' });
    expect(sent).not.toHaveProperty('ephemeral');
    expect(sent['port']).toBe(5432);
  });
  it('sends nothing of what has no meaning any more', () => {
    const form = {
      ...formOf(resourceFields, shown),
      login: 'passthrough',
      host: '/run/postgresql',
      'admin_login.user': '',
    };
    const sent = settingsOfResource(form, shown);
    for (const gone of [
      'role',
      'authentication',
      'tls',
      'admin_login',
      'ungoverned',
      'prepared_transactions',
    ])
      expect(sent).not.toHaveProperty(gone);
    expect(sent['on_store_loss']).toBe('keep-until-deadline');
  });
});

describe('what matters', () => {
  it('depends on the login, the host and the administrative role', () => {
    expect(matters('role.user', { ...empty, login: 'managed' })).toBe(true);
    expect(matters('role.user', { ...empty, login: 'ephemeral' })).toBe(false);
    expect(matters('authentication', empty)).toBe(false);
    expect(matters('tls.sslmode', { ...empty, host: '/run' })).toBe(false);
    expect(matters('ungoverned.enforce', empty)).toBe(false);
    expect(matters('ungoverned.enforce', { ...empty, 'admin_login.user': 'a' })).toBe(true);
    expect(matters('tls.key', { ...empty, 'tls.sslmode': 'disable' })).toBe(false);
  });
});

describe('what is wrong with a resource', () => {
  it('is nothing of a good one', () => {
    expect(wrong({}, 'prod')).toEqual({});
    expect(problemsOfResource(formOf(resourceFields, shown))).toEqual({});
  });
  it('is where PostgreSQL is not said to be', () => {
    expect(wrong({ host: '' })['host']).toBeDefined();
    expect(wrong({ host: 'postgres://a:b@db1' })['host']).toContain('connection string');
    for (const port of ['0', '65536', 'x']) expect(wrong({ port })['port']).toBeDefined();
  });
  it('is what the login needs', () => {
    expect(Object.keys(wrong({ login: 'managed' }))).toEqual(['role.user']);
    expect(Object.keys(wrong({ login: 'ephemeral' })).sort()).toEqual([
      'admin_login.user',
      'ephemeral.member_of',
      'ephemeral.owner',
    ]);
  });
  it('is a person who could make roles', () => {
    const said = wrong({
      login: 'ephemeral',
      'ephemeral.member_of': ['a'],
      'ephemeral.owner': 'o',
      'admin_login.user': 'a',
    });
    expect(said['ephemeral.member_of']).toContain('administrative role');
  });
  it('is TLS that could verify nobody, and half of a pair', () => {
    expect(wrong({ 'tls.sslmode': 'verify-full' })['tls.root_certificate']).toBeDefined();
    expect(wrong({ 'tls.sslmode': 'verify-full', host: '/run' })).toEqual({});
    expect(wrong({ 'tls.certificate': '/c' })['tls.key']).toBeDefined();
    expect(wrong({ 'tls.key': '/k' })['tls.certificate']).toBeDefined();
  });
  it('is a database that nobody may open', () => {
    expect(wrong({ databases: ['a'], default_database: 'b' })['default_database']).toBeDefined();
    expect(wrong({ databases: [], default_database: 'b' })).toEqual({});
  });
  it('is a winding down out of its bounds', () => {
    expect(wrong({ wind_down: '30s' })).toEqual({});
    expect(wrong({ wind_down: '2h' })['wind_down']).toBe('Expected 1s to 1h.');
  });
  it('is an interval out of its bounds', () =>
    expect(wrong({ 'admin_login.user': 'a', 'ungoverned.interval': '10ms' })['ungoverned.interval']).toBe(
      'Expected 100ms to 1h.',
    ));
});

describe('adminState', () => {
  const node = {
    node: 'n1',
    admin_logins: [
      { resource: 'up', up: true, since: '', problem: null },
      { resource: 'down', up: false, since: '', problem: 'refused' },
    ],
  } as unknown as NodeStatus;
  it('tells whether the administrative connection is there, and why not', () => {
    expect(adminState('up', true, node).tone).toBe('ok');
    expect(adminState('down', true, node)).toMatchObject({ tone: 'bad', detail: 'refused' });
    expect(adminState('other', true, node).word).toBe('Not known');
    expect(adminState('up', false, node).word).toBe('None');
  });
});

describe('a resource in words', () => {
  it('says where it is', () => {
    expect(sayAddress({ host: 'db1', port: 5433 })).toBe('db1:5433');
    expect(sayAddress({ host: '::1', port: 5432 })).toBe('[::1]:5432');
    expect(sayAddress({ host: '/run/postgresql', port: 5432 })).toBe('/run/postgresql');
    expect(sayAddress({ host: '/run/postgresql', port: 5433 })).toBe('/run/postgresql, port 5433');
  });
  it('is covered by name, or by having all attributes of a rule', () => {
    const rule = (name: string, resources: string[], attributes: Record<string, string>) =>
      ({ name, resources, attributes }) as unknown as Rule;
    const rules = [
      rule('by name', ['prod'], {}),
      rule('by attribute', [], { env: 'prod' }),
      rule('by more', [], { env: 'prod', team: 'x' }),
      rule('of others', ['dev'], {}),
    ];
    expect(coveringRules(shown, rules).map(({ name }) => name)).toEqual(['by name', 'by attribute']);
  });
});
