// Opening a link decides nothing, whoever or whatever opens it; and what comes with every page is strict.
import { describe, expect, test } from 'vitest';

import { useOffice } from '../office/office';

const office = useOffice();

// Every address that stands in a notification or on the page for a request, and what a careless client might make of it.
const addresses = (id: string): string[] => [
  `/requests/${id}`,
  `/requests/${id}?verdict=approve`,
  `/requests/${id}/approve`,
  `/api/v1/requests/${id}`,
  `/api/v1/requests/${id}/reviews`,
  `/api/v1/requests/${id}/revoke`,
];

async function ask(): Promise<string> {
  const asked = await office
    .api('alice')
    .post('/requests', { resource: 'prod-ledger', duration: '1h', reason: 'OPS-3' });
  return asked.id;
}

async function standing(id: string): Promise<{ status: string; reviews: unknown[] }> {
  const { status, reviews } = await office.admin.get(`/requests/${id}`);
  return { status, reviews };
}

describe("Opening a request's link", () => {
  test('leaves it PENDING when a mail scanner does it, without a cookie', async () => {
    const id = await ask();
    for (const address of addresses(id)) {
      for (const method of ['GET', 'HEAD']) await office.anonymous().send(method, address);
    }
    expect(await standing(id)).toEqual({ status: 'PENDING', reviews: [] });
  });

  test("leaves it PENDING when it is done with an approver's cookie", async () => {
    const id = await ask();
    const scanner = office.anonymous(await office.cookie('bob'));
    for (const address of addresses(id)) {
      for (const method of ['GET', 'HEAD']) await scanner.send(method, address);
    }
    expect(await standing(id)).toEqual({ status: 'PENDING', reviews: [] });
  });

  test("leaves it PENDING when a scanner's browser runs the page, signed in", async () => {
    const id = await ask();
    const page = await office.at(`/requests/${id}`, 'bob');
    await page.getByText('OPS-3').first().waitFor();
    await page.waitForLoadState('load');
    expect(await standing(id)).toEqual({ status: 'PENDING', reviews: [] });
  });

  test("does not decide by another site's page, even with an approver's cookie", async () => {
    const id = await ask();
    const cookie = await office.cookie('bob');
    for (const origin of [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }]) {
      const answer = await office
        .anonymous(cookie)
        .send('POST', `/api/v1/requests/${id}/reviews`, { verdict: 'approve', group: 'dba' }, origin);
      expect(answer.status).toBe(403);
    }
    expect(await standing(id)).toEqual({ status: 'PENDING', reviews: [] });
  });
});

describe('What comes with every page', () => {
  test.each(['/', '/requests', '/requests/r-7k3mq9xd', '/sign-in', '/rules/some-rule'])(
    '%s has a policy under which only this server can do anything',
    async (path) => {
      const { status, headers } = await office.anonymous().send('GET', path);
      expect(status).toBe(200);
      const policy = new Map(
        String(headers['content-security-policy'])
          .split(';')
          .map((directive) => directive.trim().split(/\s+/))
          .map(([name, ...values]) => [name, values.join(' ')] as const),
      );
      expect(policy.get('default-src')).toBe("'none'");
      expect(policy.get('frame-ancestors')).toBe("'none'");
      expect(policy.get('base-uri')).toBe("'none'");
      for (const directive of ['script-src', 'style-src', 'connect-src', 'img-src', 'form-action'])
        expect(["'self'", "'none'"]).toContain(policy.get(directive));
      expect([...policy.values()].join(' ')).not.toMatch(/unsafe|nonce|sha256|https?:|\*|data:|blob:/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
    },
  );

  test('has no script and no style in its HTML, and nothing of another origin', async () => {
    const { text } = await office.anonymous().send('GET', '/requests');
    expect(text).toMatch(/<script[^>]+src="\/assets\//);
    for (const [, attributes, content] of text.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)) {
      expect(attributes).toMatch(/src="\/[^/]/);
      expect(content).toBe('');
    }
    expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:|(?:src|href)="(?:https?:)?\/\//);
  });

  test('is not kept by a browser beyond the next version, while what it names is', async () => {
    const page = await office.anonymous().send('GET', '/');
    expect(page.headers['cache-control']).toMatch(/no-cache|no-store|max-age=0/);
    const [, asset] = /src="(\/assets\/[^"]+)"/.exec(page.text)!;
    const script = await office.anonymous().send('GET', asset!);
    expect(script.headers['content-type']).toMatch(/^text\/javascript/);
    expect(script.headers['cache-control']).toMatch(/immutable/);
  });

  test('is nothing where there is nothing: an asset that is gone is 404, not the page', async () => {
    const { status } = await office.anonymous().send('GET', '/assets/of-another-version.js');
    expect(status).toBe(404);
  });
});
