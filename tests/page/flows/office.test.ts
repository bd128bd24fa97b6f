// The office itself: what all the other tests stand on does what it says.
import { describe, expect, test } from 'vitest';

import type { Page } from '../office/browser';
import { sticksOut, violations } from '../office/looks';
import { useOffice } from '../office/office';

const office = useOffice();

describe('The office', () => {
  test('has people who can sign in', async () => {
    expect((await office.api('alice').get('/me')).groups).toEqual(['developers', 'oncall']);
    expect((await office.api('ada').get('/me')).administrator).toBe(true);
  });

  test('has a psql that is let in by a grant and told why it ends', async () => {
    const grant = await office.admin.post('/grants', {
      subject: 'alice',
      resource: 'staging-orders',
      for: '5m',
    });
    const psql = await office.psql('alice', 'staging-orders');
    expect(await psql.value('SELECT current_user')).toBe('alice');
    psql.send('SELECT pg_sleep(3600)');
    await office.postgres.await(
      "count(*) = 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(3600)%' AND state = 'active'",
    );
    await office.admin.post(`/grants/${grant.id}/revoke`, { reason: 'seen enough' });
    await psql.complains(/FATAL.*revoked/);
    expect(await psql.ended).toBe(2);
    await office.postgres.await("count(*) = 0 FROM pg_stat_activity WHERE usename = 'alice'");
  });
});

// A page of our own at curfewd's origin, without the strict policy of curfewd's.
async function openPage(html: string): Promise<Page> {
  const page = await office.stranger();
  await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.goto('/blank');
  return page;
}

describe('The watch over a page', () => {
  test('notes a request to another origin, an error on the console and an uncaught exception', async () => {
    const page = await openPage('<!doctype html><title>A page</title>');
    await page.evaluate(async () => {
      await fetch('http://127.0.0.1:1/elsewhere').catch(() => undefined);
      console.error('a complaint');
      const thrown = new Promise((resolve) => addEventListener('error', resolve));
      setTimeout(() => {
        throw new Error('uncaught');
      });
      await thrown;
    });
    const complaints = (await office.watch.take()).join('\n');
    expect(complaints).toContain('a request to another origin: http://127.0.0.1:1/elsewhere');
    expect(complaints).toContain('a complaint');
    expect(complaints).toMatch(/uncaught on .*Error: uncaught/);
  });

  test("notes what curfewd's policy forbids", async () => {
    const page = await office.stranger('desk', '/api/v1/openapi.json');
    await page.evaluate(() => {
      document.body.innerHTML = '<p style="color: red">A style of its own</p>';
    });
    expect((await office.watch.take()).join('\n')).toMatch(/violation on .*style-src/);
  });

  test('hears of what a page does wrong for people with disabilities', async () => {
    const page = await openPage(
      '<!doctype html><html lang="en"><title>A page</title><img src="data:,"><input>',
    );
    const rules = (await violations(page)).map((line) => line.split(':')[0]);
    expect(rules).toEqual(expect.arrayContaining(['image-alt', 'label']));
  });

  test('sees what does not fit the width of its window', async () => {
    const page = await openPage('<!doctype html><title>A page</title><pre>' + 'wide '.repeat(400));
    expect((await sticksOut(page)).join('\n')).toMatch(/^pre\..* at 1280 px/);
    await page.setContent('<!doctype html><title>A page</title><p>' + 'wide '.repeat(400));
    expect(await sticksOut(page)).toEqual([]);
  });
});
