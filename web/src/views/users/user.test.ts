import { describe, expect, it } from 'vitest';
import type { User } from '../../api/types';
import { formOf, settingsOf } from '../../objects/fields';
import { problemsOfUser, userFields, withoutUsual } from './user';

const alice: User = {
  name: 'alice',
  display_name: 'Alice Adams',
  email: 'alice@example.org',
  oidc_subject: 'sub-1',
  aliases: ['al'],
  scram_verifier: { file: '/etc/curfew/live/alice' },
  certificate_name: 'alice',
  groups: ['dba'],
  administrator: false,
  has_password: true,
  declared: false,
  changed_at: null,
  changed_by: null,
};
const empty = formOf(userFields);

describe('the form of a user', () => {
  it('sends the settings, and nothing of what is told beside them', () => {
    const shown = withoutUsual(alice);
    expect(settingsOf(userFields, formOf(userFields, shown), shown)).toEqual({
      display_name: 'Alice Adams',
      email: 'alice@example.org',
      oidc_subject: 'sub-1',
      aliases: ['al'],
      scram_verifier: { file: '/etc/curfew/live/alice' },
    });
  });
  it('keeps a name in the certificate that is not the own one', () => {
    const shown = withoutUsual({ ...alice, certificate_name: 'a.adams' });
    expect(settingsOf(userFields, formOf(userFields, shown), shown)['certificate_name']).toBe('a.adams');
  });
});

describe('what is wrong with a user', () => {
  it('is nothing of a good one', () => {
    expect(problemsOfUser(empty, 'alice')).toEqual({});
    expect(problemsOfUser(formOf(userFields, alice))).toEqual({});
  });
  it('is a name that means something else', () =>
    expect(problemsOfUser(empty, 'group:dba')['name']).toBeDefined());
  it.each(['alice', 'a b@example.org', '@example.org', 'alice@', 'a@b@c', 'a@b,c@d', 'Alice <a@b>'])(
    'is %j for an address',
    (email) => expect(problemsOfUser({ ...empty, email })['email']).toBeDefined(),
  );
  it('is an alias that nobody can have', () =>
    expect(problemsOfUser({ ...empty, aliases: ['al', '*'] })['aliases']).toContain("'*'"));
});
