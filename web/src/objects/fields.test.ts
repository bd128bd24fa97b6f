import { describe, expect, it } from 'vitest';
import { formOf, sayValue, settingsOf, settingsShown, type FieldSpec } from './fields';

const specs: FieldSpec[] = [
  { path: 'description', kind: 'text', label: 'Description' },
  { path: 'groups_that_ask', kind: 'names', label: 'Groups' },
  { path: 'strict', kind: 'flag', label: 'Strict' },
  { path: 'port', kind: 'number', label: 'Port' },
  { path: 'times.zone', kind: 'text', label: 'Zone' },
  { path: 'times.windows', kind: 'lines', label: 'Windows' },
  { path: 'login.password', kind: 'file', label: 'Password' },
  { path: 'login.user', kind: 'text', label: 'User' },
  { path: 'attributes', kind: 'pairs', label: 'Attributes' },
];
const shown = {
  name: 'x',
  description: 'What it is',
  groups_that_ask: ['a', 'b'],
  strict: true,
  port: 5432,
  times: { zone: 'UTC', windows: ['Mon 08:00-10:00', 'Tue 08:00-10:00'] },
  login: { user: 'admin', password: { file: '/etc/secret' } },
  attributes: { env: 'prod' },
  declared: false,
  changed_at: '2026-11-24T14:05:00Z',
  changed_by: 'ann',
};

describe('a form', () => {
  it('shows every member, and sends it again unchanged', () => {
    const form = formOf(specs, shown);
    expect(form).toEqual({
      description: 'What it is',
      groups_that_ask: ['a', 'b'],
      strict: true,
      port: '5432',
      'times.zone': 'UTC',
      'times.windows': 'Mon 08:00-10:00\nTue 08:00-10:00',
      'login.password': '/etc/secret',
      'login.user': 'admin',
      attributes: [['env', 'prod']],
    });
    const { name, declared, changed_at, changed_by, ...settings } = shown;
    expect([name, declared, changed_at, changed_by]).toHaveLength(4);
    expect(settingsOf(specs, form, shown)).toEqual(settings);
  });

  it('leaves out what is empty, with an inner object that has nothing left', () => {
    const form = { ...formOf(specs, shown), description: ' ', port: '', strict: false, attributes: [] };
    const sent = settingsOf(specs, { ...form, 'times.zone': '', 'times.windows': '\n' }, shown);
    expect(sent).toEqual({
      groups_that_ask: ['a', 'b'],
      login: { user: 'admin', password: { file: '/etc/secret' } },
    });
  });

  it('keeps members that it has no field for, inner ones too', () => {
    const newer = { ...shown, colour: 'red', login: { ...shown.login, realm: 'corp' }, nothing: null };
    const sent = settingsOf(specs, { ...formOf(specs, newer), 'login.user': 'other' }, newer);
    expect(sent['colour']).toBe('red');
    expect(sent['login']).toEqual({ user: 'other', password: { file: '/etc/secret' }, realm: 'corp' });
    expect(sent).not.toHaveProperty('nothing');
  });

  it('sends a number that is none as it was typed, for the server to say so', () => {
    expect(settingsOf(specs, { ...formOf(specs), port: 'abc' })).toEqual({ port: 'abc' });
  });

  it('trims text and lines, and drops attributes without a name', () => {
    const form = {
      ...formOf(specs),
      description: ' x ',
      'times.windows': ' Mon 08:00-10:00 \n\n',
      attributes: [
        ['env', 'prod'],
        [' ', 'lost'],
      ] as [string, string][],
    };
    expect(settingsOf(specs, form)).toEqual({
      description: 'x',
      times: { windows: ['Mon 08:00-10:00'] },
      attributes: { env: 'prod' },
    });
  });
});

describe('settingsShown', () => {
  it('is without what only tells about the object', () => {
    expect(
      settingsShown({
        name: 'a',
        email: 'a@b',
        groups: ['g'],
        administrator: true,
        has_password: true,
        declared: false,
      }),
    ).toEqual({ email: 'a@b' });
  });
});

describe('sayValue', () => {
  it('reads as words', () => {
    expect(sayValue('')).toBe('nothing');
    expect(sayValue([])).toBe('nothing');
    expect(sayValue(true)).toBe('yes');
    expect(sayValue(['a', 'b'])).toBe('a, b');
    expect(sayValue([['env', 'prod']])).toBe('env=prod');
  });
});
