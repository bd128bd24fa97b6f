// Tokens and passwords that somebody makes for themselves.
import type { Scope } from '../../api/types';
import { wrongDuration } from '../../objects/durations';
import type { Problems } from '../../objects/problems';

export const scopes: { scope: Scope; label: string; hint: string }[] = [
  { scope: 'read', label: 'Read', hint: 'See what you see. Every other one includes it.' },
  {
    scope: 'request',
    label: 'Request',
    hint: 'Ask for access, extend, cancel and revoke it, get a password for it.',
  },
  { scope: 'review', label: 'Review', hint: 'Approve and reject.' },
  { scope: 'admin', label: 'Administer', hint: 'Change anything else, as far as you may.' },
];

export interface TokenForm {
  name: string;
  scopes: Scope[];
  expires_in: string;
}

const longestName = 100;
const longestLife = 366 * 86_400_000;

export function problemsOfToken(form: TokenForm): Problems {
  const problems: Problems = {};
  if (form.name.trim() === '') problems['name'] = 'Give it a name, so that you know later what it is for.';
  else if (new TextEncoder().encode(form.name.trim()).length > longestName)
    problems['name'] = `A name has ${longestName} bytes at most.`;
  if (form.scopes.length === 0) problems['scopes'] = 'Choose at least one.';
  const wrong =
    form.expires_in === '' ? 'Say how long it lasts.' : wrongDuration(form.expires_in, { most: longestLife });
  if (wrong) problems['expires_in'] = wrong;
  return problems;
}

export interface PasswordForm {
  current: string;
  wanted: string;
  again: string;
}

const shortest = 12;

export function problemsOfPassword({ current, wanted, again }: PasswordForm, user: string): Problems {
  const problems: Problems = {};
  if (current === '') problems['current'] = 'Enter the password that you have now.';
  if ([...wanted].length < shortest)
    problems['new'] =
      `A password needs ${shortest} characters at least. A few words that do not belong together are easy to remember.`;
  else if (wanted.toLowerCase() === user.toLowerCase()) problems['new'] = 'Your name is no password.';
  else if (wanted !== again) problems['again'] = 'This is not what you entered above.';
  return problems;
}
