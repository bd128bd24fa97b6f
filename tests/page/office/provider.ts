// The OpenID provider that the other tests of sign-in use as well: oidc-provider, over TLS.
import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Certificate } from './certificates';
import { providerFolder } from './places';
import { Process } from './process';

export class RunningProvider {
  private constructor(
    private readonly process: Process,
    readonly issuer: string,
  ) {}

  static async start(certificate: Certificate, redirectUri: string): Promise<RunningProvider> {
    if (!existsSync(path.join(providerFolder, 'node_modules/oidc-provider')))
      throw new Error(`oidc-provider is not installed in ${providerFolder}; run scripts/setup`);
    const provider = new Process([
      'node',
      path.join(providerFolder, 'provider.mjs'),
      certificate.certificate,
      certificate.key,
      redirectUri,
    ]);
    const port = await provider.out.await('"listening"', (line) => /^listening (\d+)/.exec(line)?.[1]);
    return new RunningProvider(provider, `https://localhost:${port}`);
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }
}

/** As the provider knows Curfew. */
export const providerClient = { client_id: 'curfew', client_secret: 'a secret: with % and + in it' };
