// An office: PostgreSQL, curfewd with its page, Chromium and people. Each file of tests has one, from before its first test
// until after its last, whatever becomes of them.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, afterEach, beforeAll } from 'vitest';

import { Api } from './api';
import { contextOptions, sizes, startChromium, Watch, type Browser, type Page, type Size } from './browser';
import { TestCa, type Certificate } from './certificates';
import { RunningCurfewd } from './curfewd';
import { firstDay, officeConfig, password, type Name } from './people';
import { Folder, freePort, pictureFolder } from './places';
import { PostgresCluster } from './postgres';
import { patience } from './process';
import { providerClient, RunningProvider } from './provider';
import { Psql } from './psql';

export interface OfficeOptions {
  /** Nothing has been set up yet. */
  firstDay?: boolean;
  /** People reach the page by TLS. */
  tls?: boolean;
  /** Sessions on prod-orders are recorded in full, and sue is an auditor. */
  recorded?: boolean;
  /** Developers connect to prod-orders without a window, and each of their commands is approved by dba, who
   *  see its plan. */
  commands?: boolean;
  /** One can also sign in at an OpenID provider; comes with TLS. */
  provider?: boolean;
}

interface SignedIn {
  /** NAME=VALUE */
  cookie: string;
  token: string;
}

type Ending = () => Promise<unknown> | unknown;

function record(config: Record<string, unknown>, folder: Folder): void {
  const { resources, groups } = config as {
    resources: Record<string, Record<string, unknown>>;
    groups: Record<string, string[]>;
  };
  resources['prod-orders'] = { ...resources['prod-orders'], recording: 'full' };
  groups['auditors'] = ['sue'];
  config['recordings'] = { directory: folder.file('recordings') };
}

function letAskByCommand(config: Record<string, unknown>): void {
  const { rules } = config as { rules: Record<string, unknown> };
  rules['careful'] = {
    description: 'Each change to orders is read before it runs',
    types: ['command'],
    resources: ['prod-orders'],
    required_groups: ['developers'],
    approval_groups: ['dba'],
    allowed_statements: { select: ['public.orders'] },
    preview: 'explain',
    default_duration: '10m',
    max_duration: '1h',
  };
}

export class Office {
  /** As the administrators' socket: may do everything. */
  admin!: Api;
  postgres!: PostgresCluster;
  curfewd!: RunningCurfewd;
  browser!: Browser;
  provider: RunningProvider | undefined;
  /** Where people reach it: http://127.0.0.1:4711 */
  origin!: string;
  readonly watch = new Watch(
    () => this.origin,
    () => (this.provider === undefined ? [] : [this.provider.issuer]),
  );

  readonly pages: Page[] = [];

  private readonly endings: Ending[] = [];
  private readonly endingsOfTest: Ending[] = [];
  private readonly people = new Map<Name, Promise<SignedIn>>();
  private ca: string | undefined;
  private caFile = '';

  /** Opens everything; what was opened is closed again if something fails. */
  async open(options: OfficeOptions): Promise<void> {
    const tls = options.tls === true || options.provider === true;
    const folder = await Folder.make();
    this.endings.push(() => folder.remove());
    const [postgres, certificate] = await Promise.all([
      this.openPostgres(),
      tls ? this.certify(folder) : undefined,
    ]);
    const port = await freePort();
    this.origin = certificate === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`;
    const config: Record<string, unknown> =
      options.firstDay === true
        ? { ...firstDay }
        : officeConfig({ host: postgres.socketFolder, port: postgres.port });
    if (options.recorded === true) record(config, folder);
    if (options.commands === true) letAskByCommand(config);
    config.api =
      certificate === undefined
        ? { address: `127.0.0.1:${port}` }
        : {
            address: `127.0.0.1:${port}`,
            public_url: this.origin,
            tls: { certificate: certificate.certificate, key: certificate.key },
          };
    if (certificate !== undefined && options.provider === true)
      config.sign_in = await this.openProvider(certificate, folder);
    const chromium = startChromium(certificate === undefined ? [] : [certificate.fingerprint]);
    chromium.catch(() => undefined);
    this.endings.push(async () => (await chromium).close());
    this.curfewd = await RunningCurfewd.start(folder, config);
    this.endings.push(() => this.curfewd.stop());
    this.admin = new Api({ socket: this.curfewd.socket });
    this.browser = await chromium;
  }

  /** Closes everything, the last first. */
  async close(): Promise<void> {
    await this.endTest();
    for (const ending of this.endings.reverse()) await ending();
    this.endings.length = 0;
  }

  /** Closes what a test opened. */
  async endTest(): Promise<void> {
    for (const ending of this.endingsOfTest.splice(0).reverse()) await ending();
  }

  /** Something that is to be undone when the test has ended, passed or failed. */
  atEndOfTest(ending: Ending): void {
    this.endingsOfTest.push(ending);
  }

  /** The API as somebody uses it with a token. */
  api(name: Name): Api {
    return new Api({
      origin: this.origin,
      ca: this.ca,
      token: async () => (await this.signedIn(name)).token,
    });
  }

  /** The API over the network, without anything that proves who asks. */
  anonymous(cookie?: string): Api {
    return new Api({ origin: this.origin, ca: this.ca, ...(cookie === undefined ? {} : { cookie }) });
  }

  /** NAME=VALUE of somebody's sign-in. */
  async cookie(name: Name): Promise<string> {
    return (await this.signedIn(name)).cookie;
  }

  /** A browser of somebody's own, signed in to nothing, at a place. */
  async stranger(size: Size = 'desk', at?: string): Promise<Page> {
    const context = await this.browser.newContext({
      ...contextOptions,
      viewport: sizes[size],
      hasTouch: size === 'phone',
      isMobile: size === 'phone',
      baseURL: this.origin,
    });
    this.endingsOfTest.push(() => context.close());
    context.setDefaultTimeout(patience);
    await this.watch.over(context);
    const page = await context.newPage();
    this.pages.push(page);
    if (at !== undefined) await page.goto(at);
    return page;
  }

  /** A browser of somebody who has signed in, at a place. What is tested of signing in is tested apart. */
  async at(place: string, name: Name, size: Size = 'desk'): Promise<Page> {
    const page = await this.stranger(size);
    await this.arrive(page, place, name);
    return page;
  }

  /** Signs somebody in at a browser, and opens a place there. */
  async arrive(page: Page, place: string, name: Name): Promise<void> {
    const [cookie, value] = (await this.cookie(name)).split('=') as [string, string];
    const secure = this.origin.startsWith('https:');
    await page
      .context()
      .addCookies([{ name: cookie, value, url: this.origin, httpOnly: true, sameSite: 'Strict', secure }]);
    await page.goto(place);
  }

  /** psql of somebody at a resource that lets people in without a password. */
  async psql(user: Name, resource: string): Promise<Psql> {
    const port = await this.curfewd.port('main');
    return this.psqlBy(`host=127.0.0.1 port=${port} user=${user} dbname=${resource} sslmode=disable`);
  }

  /** psql by a connection string, ended with the test. */
  async psqlBy(connection: string): Promise<Psql> {
    const psql = await Psql.start(connection);
    this.endingsOfTest.push(() => psql.stop());
    return psql;
  }

  /** What there is to see when a test has failed: each page as it stands, and what curfewd logged. */
  async showFailure(test: string): Promise<void> {
    const name = test.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 80);
    for (const [index, page] of this.pages.entries()) {
      if (page.isClosed()) continue;
      const file = path.join(pictureFolder, 'failures', `${name}-${index}.png`);
      await page.screenshot({ path: file, timeout: 5000 }).then(
        () => console.error(`${page.url()} is shown by ${file}`),
        () => undefined,
      );
    }
    console.error(`curfewd's log, its end:\n${this.curfewd.log.split('\n').slice(-40).join('\n')}`);
  }

  private async openPostgres(): Promise<PostgresCluster> {
    this.postgres = await PostgresCluster.start();
    this.endings.push(() => this.postgres.stop());
    await this.postgres.sql(
      'CREATE ROLE curfew_admin LOGIN; GRANT pg_signal_backend, pg_read_all_stats TO curfew_admin;' +
        'CREATE ROLE app LOGIN; CREATE ROLE alice LOGIN',
    );
    await this.postgres.sql('CREATE DATABASE orders OWNER app');
    return this.postgres;
  }

  private async certify(folder: Folder): Promise<Certificate> {
    const ca = await TestCa.make(folder);
    this.ca = readFileSync(ca.certificate, 'utf8');
    this.caFile = ca.certificate;
    return ca.issue('page');
  }

  private async openProvider(certificate: Certificate, folder: Folder): Promise<object> {
    const callback = `${this.origin}/api/v1/sign-in/oidc/callback`;
    this.provider = await RunningProvider.start(certificate, callback);
    this.endings.push(() => this.provider?.stop());
    const secret = folder.file('client-secret');
    await writeFile(secret, providerClient.client_secret, { mode: 0o600 });
    return {
      oidc: {
        issuer: this.provider.issuer,
        client_id: providerClient.client_id,
        root_certificate: this.caFile,
        client_secret: { file: secret },
      },
    };
  }

  // Everybody has a password from their first use on: it takes a while to hash one.
  private signedIn(name: Name): Promise<SignedIn> {
    const known = this.people.get(name) ?? this.signIn(name);
    this.people.set(name, known);
    return known;
  }

  private async signIn(name: Name): Promise<SignedIn> {
    const link = await this.admin.post<{ code: string }>(`/users/${name}/one-time-link`);
    const answer = await this.anonymous().send('POST', '/api/v1/sign-in/one-time', {
      code: link.code,
      password,
    });
    const cookie = answer.headers['set-cookie']
      ?.map((line) => /^(?:__Host-)?curfew=[^;]+/.exec(line)?.[0])
      .find(Boolean);
    if (cookie === undefined)
      throw new Error(`no cookie came with the sign-in: ${answer.status} ${answer.text}`);
    const made = await this.anonymous(cookie).post<{ secret: string }>('/tokens', {
      name: 'tests',
      scopes: ['read', 'request', 'review', 'admin'],
      expires_in: '1h',
    });
    return { cookie, token: made.secret };
  }
}

/** The office of a file of tests, with everything that a test should not have to think of. */
export function useOffice(options: OfficeOptions = {}): Office {
  const office = new Office();
  beforeAll(async () => {
    try {
      await office.open(options);
    } catch (error) {
      await office.close();
      throw error;
    }
  });
  afterEach(async ({ task }) => {
    const complaints = await office.watch.take();
    if (task.result?.state === 'fail' || complaints.length > 0) await office.showFailure(task.name);
    office.pages.length = 0;
    await office.endTest();
    if (complaints.length > 0) throw new Error(`the page did what it should not:\n${complaints.join('\n')}`);
  });
  afterAll(() => office.close());
  return office;
}
