// A certificate authority of the tests' own, made by openssl.
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { Folder } from './places';
import { run } from './process';

export interface Certificate {
  certificate: string;
  key: string;
  /** Of its public key, as Chromium takes it to trust this certificate and no other. */
  fingerprint: string;
}

export class TestCa {
  private constructor(
    private readonly folder: Folder,
    readonly certificate: string,
  ) {}

  static async make(folder: Folder): Promise<TestCa> {
    const certificate = folder.file('ca.crt');
    await run([
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=Test authority',
      '-keyout',
      folder.file('ca.key'),
      '-out',
      certificate,
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
    ]);
    return new TestCa(folder, certificate);
  }

  /** For localhost and 127.0.0.1. */
  async issue(name: string): Promise<Certificate> {
    const [key, request, certificate] = ['key', 'csr', 'crt'].map((end) =>
      this.folder.file(`${name}.${end}`),
    ) as [string, string, string];
    await run([
      'openssl',
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-addext',
      'extendedKeyUsage=serverAuth',
      '-keyout',
      key,
      '-out',
      request,
    ]);
    await run([
      'openssl',
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      this.certificate,
      '-CAkey',
      this.folder.file('ca.key'),
      '-CAcreateserial',
      '-days',
      '2',
      '-copy_extensions',
      'copyall',
      '-out',
      certificate,
    ]);
    const publicKey = new X509Certificate(readFileSync(certificate)).publicKey.export({
      type: 'spki',
      format: 'der',
    });
    return { certificate, key, fingerprint: createHash('sha256').update(publicKey).digest('base64') };
  }
}
