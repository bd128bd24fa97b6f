import { describe, expect, it } from 'vitest';
import { psqlLine, shellWord } from './connect';

const target = {
  host: 'db.example.org',
  port: 6432,
  database: 'prod-orders',
  user: 'alice',
  tls: 'allow' as const,
};

describe('psqlLine', () => {
  it('is what to type', () =>
    expect(psqlLine(target)).toBe("psql 'host=db.example.org port=6432 dbname=prod-orders user=alice'"));
  it('wants TLS where the listener does', () =>
    expect(psqlLine({ ...target, tls: 'require' })).toMatch(/ sslmode=require'$/));
  it('quotes what libpq and the shell would take apart', () =>
    expect(psqlLine({ ...target, user: "o'neil b\\c" })).toBe(
      `psql 'host=db.example.org port=6432 dbname=prod-orders user='\\''o\\'\\''neil b\\\\c'\\'''`,
    ));
});

describe('shellWord', () => {
  it('leaves plain words as they are', () => expect(shellWord('prod-postgres')).toBe('prod-postgres'));
  it('lets nothing be run', () => expect(shellWord('a$(rm -rf)')).toBe("'a$(rm -rf)'"));
});
