// How to connect: what to type.
import type { Connection, Credential } from '../../api/types';

// A value of a connection string as libpq reads it.
function libpqValue(text: string): string {
  return /^[A-Za-z0-9_.:@%/+-]+$/.test(text) ? text : `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}

// One word of a shell.
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

export interface Target {
  host: string;
  port: number;
  database: string;
  user: string;
  tls: Connection['tls'];
}

// `psql 'host=… port=… dbname=… user=…'`, without a password.
export function psqlLine({ host, port, database, user, tls }: Target): string {
  const settings: [string, string][] = [
    ['host', host],
    ['port', String(port)],
    ['dbname', database],
    ['user', user],
  ];
  if (tls === 'require') settings.push(['sslmode', 'require']);
  const words = settings.map(([name, value]) => `${name}=${libpqValue(value)}`).join(' ');
  return `psql ${shellWord(words)}`;
}

export function targetOf(connection: Connection, user: string): Target {
  return { ...connection, user };
}

export function targetOfCredential(credential: Credential, tls: Connection['tls']): Target {
  const { host, port, database, user } = credential;
  return { host, port, database, user, tls };
}
