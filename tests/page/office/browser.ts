// Chromium, and people at it. Whatever a page should not do is noted down and fails the test: an error on the console, a
// violation of the Content-Security-Policy, an uncaught exception, a request to another origin.
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

export const sizes = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 900 } } as const;
export type Size = keyof typeof sizes;

export async function startChromium(trusted: string[] = []): Promise<Browser> {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const certificates =
    trusted.length === 0 ? [] : [`--ignore-certificate-errors-spki-list=${trusted.join(',')}`];
  return chromium.launch({
    executablePath: process.env.CURFEW_TEST_CHROMIUM ?? '/usr/bin/chromium',
    args: [...flags, ...asRoot, ...certificates],
    chromiumSandbox: asRoot.length === 0,
  });
}

/** What pages did that they should not. */
export class Watch {
  private readonly complaints: string[] = [];
  private expected: RegExp[] = [];
  private readonly contexts: BrowserContext[] = [];

  /** Judges pages of `origin`, which may lead people to the origins `elsewhere`; what pages do there is not our page's. */
  constructor(
    private readonly origin: () => string,
    private readonly elsewhere: () => string[],
  ) {}

  async over(context: BrowserContext): Promise<void> {
    this.contexts.push(context);
    context.on('close', () => this.contexts.splice(this.contexts.indexOf(context), 1));
    await context.exposeBinding('__violation', ({ page }, what: string) =>
      this.noteOf(page.url(), `violation on ${page.url()}: ${what}`),
    );
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        const report = (globalThis as unknown as { __violation: (what: string) => void }).__violation;
        report(
          `${event.violatedDirective} forbids ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`,
        );
      });
    });
    context.on('page', (page) => {
      page.on('pageerror', (error) =>
        this.noteOf(page.url(), `uncaught on ${page.url()}: ${error.stack ?? error.message}`),
      );
      page.on('console', (message) => {
        if (message.type() !== 'error' && message.type() !== 'warning') return;
        this.noteOf(page.url(), `console on ${page.url()}: ${message.text()} (${message.location().url})`);
      });
    });
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol === 'data:' || url.protocol === 'blob:' || url.origin === this.origin()) return;
      if (request.isNavigationRequest() && this.elsewhere().includes(url.origin)) return;
      this.noteOf(request.frame().url(), `a request to another origin: ${request.url()}`);
    });
  }

  /** This may happen until the end of the test: what the test provokes, such as the 401 of a wrong password. */
  allow(...patterns: RegExp[]): void {
    this.expected.push(...patterns);
  }

  /** What there is to complain about; forgets it. */
  async take(): Promise<string[]> {
    // What a page has told of is on its way until it has had its turn once more.
    const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
    await Promise.all(
      this.contexts
        .flatMap((context) => context.pages())
        .map((page) => page.evaluate(turn).catch(() => undefined)),
    );
    const found = this.complaints.filter(
      (complaint) => !this.expected.some((pattern) => pattern.test(complaint)),
    );
    this.complaints.length = 0;
    this.expected = [];
    return found;
  }

  private noteOf(page: string, complaint: string): void {
    if (page === 'about:blank' || page.startsWith(this.origin())) this.complaints.push(complaint);
  }
}

export const contextOptions: BrowserContextOptions = {
  viewport: sizes.desk,
  locale: 'en-GB',
  timezoneId: 'Europe/Berlin',
  colorScheme: 'light',
  reducedMotion: 'no-preference',
};

export type { Browser, BrowserContext, Page };
