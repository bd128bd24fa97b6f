// What a user consists of, and what can be seen to be wrong before it is sent.
import type { FieldSpec, Form } from '../../objects/fields';
import { names, text } from '../../objects/fields';
import { wrongName, wrongUserName } from '../../objects/object_names';
import type { Problems } from '../../objects/problems';

export const userFields: FieldSpec[] = [
  { path: 'display_name', kind: 'text', label: 'Name that people read' },
  { path: 'email', kind: 'text', label: 'E-mail address' },
  { path: 'aliases', kind: 'names', label: 'Other names of the same person' },
  { path: 'oidc_subject', kind: 'text', label: 'Subject at the sign-in provider' },
  { path: 'certificate_name', kind: 'text', label: 'Name in the certificate' },
  { path: 'scram_verifier', kind: 'file', label: 'File with the SCRAM verifier' },
];

// A certificate's name is the user's own unless it says otherwise: not to be pinned down by a form.
export function withoutUsual<T extends { name: string; certificate_name: string }>(shown: T): T {
  return shown.certificate_name === shown.name ? { ...shown, certificate_name: '' } : shown;
}

function wrongEmail(email: string): string | undefined {
  if (email === '' || /^[^@\s<>,;:"()[\]\\]+@[^@\s<>,;:"()[\]\\]+$/.test(email)) return undefined;
  return 'Expected one address for mail, such as alice@example.org.';
}

// `name` only of a new user.
export function problemsOfUser(form: Form, name?: string): Problems {
  const problems: Problems = {};
  const put = (path: string, problem: string | undefined) => {
    if (problem !== undefined) problems[path] = problem;
  };
  if (name !== undefined) put('name', wrongUserName(name));
  put('email', wrongEmail(text(form, 'email').trim()));
  const wrongAliases = names(form, 'aliases')
    .map(wrongUserName)
    .filter((one) => one !== undefined);
  put('aliases', wrongAliases.length > 0 ? wrongAliases.join('\n') : undefined);
  const certificate = text(form, 'certificate_name').trim();
  if (certificate !== '') put('certificate_name', wrongName(certificate));
  return problems;
}
