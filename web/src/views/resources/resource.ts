// What a resource consists of, and what can be seen to be wrong with it before it is sent.
import type { NodeStatus, Resource, Rule } from '../../api/types';
import { wrongDuration } from '../../objects/durations';
import { names, settingsOf, text, type FieldSpec, type Form, type Settings } from '../../objects/fields';
import { wrongName, wrongPlainName } from '../../objects/object_names';
import type { Problems } from '../../objects/problems';

export const resourceFields: FieldSpec[] = [
  { path: 'description', kind: 'text', label: 'Description' },
  { path: 'host', kind: 'text', label: 'Host' },
  { path: 'port', kind: 'number', label: 'Port' },
  { path: 'tls.sslmode', kind: 'choice', label: 'TLS to PostgreSQL' },
  { path: 'tls.root_certificate', kind: 'text', label: 'Certificates of the authorities' },
  { path: 'tls.certificate', kind: 'text', label: "Curfew's certificate" },
  { path: 'tls.key', kind: 'text', label: 'Its key' },
  { path: 'databases', kind: 'names', label: 'Databases' },
  { path: 'default_database', kind: 'text', label: 'Database where none is named' },
  { path: 'login', kind: 'choice', label: 'How people log in' },
  { path: 'authentication', kind: 'choice', label: 'How people prove who they are' },
  { path: 'role.user', kind: 'text', label: 'Role that everybody works as' },
  { path: 'role.password', kind: 'file', label: 'File with its password' },
  { path: 'ephemeral.member_of', kind: 'names', label: 'Whose rights people get' },
  { path: 'ephemeral.owner', kind: 'text', label: 'Who is given what they leave' },
  { path: 'admin_login.user', kind: 'text', label: 'Administrative role' },
  { path: 'admin_login.password', kind: 'file', label: 'File with its password' },
  { path: 'admin_login.database', kind: 'text', label: 'Database that it connects to' },
  { path: 'ungoverned.enforce', kind: 'choice', label: 'Who came in without Curfew' },
  { path: 'ungoverned.interval', kind: 'duration', label: 'How often that is looked for' },
  { path: 'prepared_transactions', kind: 'choice', label: 'Prepared transactions that are left behind' },
  { path: 'on_store_loss', kind: 'choice', label: 'While the store is away' },
  { path: 'recording', kind: 'choice', label: 'Recording' },
  { path: 'wind_down', kind: 'duration', label: 'Winding down' },
  { path: 'attributes', kind: 'pairs', label: 'Attributes' },
];

// Which fields have a meaning, given the others.
export function matters(path: string, form: Form): boolean {
  const login = text(form, 'login') || 'passthrough';
  const socket = text(form, 'host').startsWith('/');
  if (path.startsWith('tls.'))
    return !socket && (path === 'tls.sslmode' || text(form, 'tls.sslmode') !== 'disable');
  if (path === 'authentication') return login !== 'passthrough';
  if (path.startsWith('role.')) return login === 'managed';
  if (path.startsWith('ephemeral.')) return login === 'ephemeral';
  const byAdmin = path.startsWith('ungoverned.') || path === 'prepared_transactions';
  if (byAdmin || path === 'admin_login.password' || path === 'admin_login.database')
    return text(form, 'admin_login.user').trim() !== '';
  return true;
}

// What is sent: nothing of what has no meaning, which the server would refuse.
export function settingsOfResource(form: Form, shown?: object): Settings {
  const sent = { ...form };
  for (const { path, kind } of resourceFields) {
    if (!matters(path, form)) sent[path] = kind === 'names' || kind === 'pairs' ? [] : '';
  }
  return settingsOf(resourceFields, sent, shown);
}

function wrongHost(host: string): string | undefined {
  if (host === '')
    return 'Say where PostgreSQL is: a host name, an IP address, or the directory of its Unix socket.';
  if (/[@=]/.test(host))
    return 'A host alone is expected, and this looks like a connection string. Port, databases and role have fields of their own.';
  return undefined;
}

function wrongPort(port: string): string | undefined {
  if (port === '') return undefined;
  return /^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535
    ? undefined
    : 'Expected a number from 1 to 65535.';
}

// What the login needs, and each other field whose absence can be seen.
function missing(form: Form): [string, string][] {
  const login = text(form, 'login') || 'passthrough';
  const is = (path: string) => text(form, path).trim() !== '';
  const needs: [boolean, string, string][] = [
    [login === 'managed' && !is('role.user'), 'role.user', 'Name the role that Curfew logs in with.'],
    [
      login === 'ephemeral' && names(form, 'ephemeral.member_of').length === 0,
      'ephemeral.member_of',
      'Name the roles whose rights people get.',
    ],
    [
      login === 'ephemeral' && !is('ephemeral.owner'),
      'ephemeral.owner',
      'Name the role that is given what they leave.',
    ],
    [
      login === 'ephemeral' && !is('admin_login.user'),
      'admin_login.user',
      'Roles for each person need an administrative role, which makes and drops them.',
    ],
    [
      text(form, 'tls.sslmode').startsWith('verify-') &&
        matters('tls.root_certificate', form) &&
        !is('tls.root_certificate'),
      'tls.root_certificate',
      `${text(form, 'tls.sslmode')} needs the authorities to verify the server by.`,
    ],
    [
      is('tls.certificate') !== is('tls.key'),
      is('tls.key') ? 'tls.certificate' : 'tls.key',
      'A certificate and its key go together.',
    ],
  ];
  return needs
    .filter(([absent, path]) => absent && matters(path, form))
    .map(([, path, said]) => [path, said]);
}

// `name` only of a new resource.
export function problemsOfResource(form: Form, name?: string): Problems {
  const problems: Problems = {};
  const put = (path: string, problem: string | undefined) => {
    if (problem !== undefined && problems[path] === undefined && (path === 'name' || matters(path, form)))
      problems[path] = problem;
  };
  if (name !== undefined) put('name', wrongPlainName(name));
  put('host', wrongHost(text(form, 'host').trim()));
  put('port', wrongPort(text(form, 'port').trim()));
  for (const [path, said] of missing(form)) put(path, said);
  for (const path of [
    'role.user',
    'ephemeral.owner',
    'admin_login.user',
    'admin_login.database',
    'default_database',
  ]) {
    const typed = text(form, path).trim();
    if (typed !== '') put(path, wrongName(typed));
  }
  const admin = text(form, 'admin_login.user').trim();
  if (admin !== '' && names(form, 'ephemeral.member_of').includes(admin))
    put(
      'ephemeral.member_of',
      `'${admin}' is the administrative role: people could make and drop roles themselves.`,
    );
  const databases = names(form, 'databases');
  const chosen = text(form, 'default_database').trim();
  if (chosen !== '' && databases.length > 0 && !databases.includes(chosen))
    put('default_database', `'${chosen}' is not among the databases above.`);
  put('wind_down', wrongDuration(text(form, 'wind_down').trim(), { least: 1_000, most: 3_600_000 }));
  put(
    'ungoverned.interval',
    wrongDuration(text(form, 'ungoverned.interval'), { least: 100, most: 3_600_000 }),
  );
  return problems;
}

export interface AdminState {
  tone: 'ok' | 'bad' | 'warn' | 'plain';
  word: string;
  detail: string | null;
}

// How the administrative connection of the node that answers stands. `wanted`: the resource has an admin_login.
export function adminState(resource: string, wanted: boolean, node: NodeStatus | undefined): AdminState {
  if (!wanted)
    return {
      tone: 'warn',
      word: 'None',
      detail: 'Without an administrative role Curfew can only cancel what runs, and cannot prove an end.',
    };
  const login = node?.admin_logins.find((one) => one.resource === resource);
  if (!login)
    return {
      tone: 'plain',
      word: 'Not known',
      detail: node ? `Node ${node.node} does not have this resource.` : null,
    };
  if (login.up) return { tone: 'ok', word: 'Connected', detail: null };
  return { tone: 'bad', word: 'Down', detail: login.problem ?? 'Being connected.' };
}

// Where it is, in one piece of text.
export function sayAddress({ host, port }: Pick<Resource, 'host' | 'port'>): string {
  if (host.startsWith('/')) return port === 5432 ? host : `${host}, port ${port}`;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

// The rules that cover it, by name or by attributes.
export function coveringRules(resource: Pick<Resource, 'name' | 'attributes'>, rules: Rule[]): Rule[] {
  return rules.filter((rule) => {
    const wanted = Object.entries(rule.attributes);
    const byAttributes =
      wanted.length > 0 && wanted.every(([name, value]) => resource.attributes[name] === value);
    return rule.resources.includes(resource.name) || byAttributes;
  });
}
