// Asking for access, as alice of the developers, who are on call as well.
import { afterEach, describe, expect, test } from 'vitest';

import { takeBackEverything } from '../office/access';
import type { Page } from '../office/browser';
import { problemAt, tapChip } from '../office/forms';
import { hasFocus } from '../office/keyboard';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';

const office = useOffice();

const howMany = async (): Promise<number> => (await office.admin.get('/requests')).items.length;
const idAt = (page: Page): string => new URL(page.url()).pathname.split('/').pop()!;

afterEach(() => takeBackEverything(office));

// The durations that are offered.
const chips = (page: Page): Promise<string[]> =>
  page.getByRole('group', { name: 'For how long' }).locator('label.chip').allInnerTexts();

async function choose(page: Page, resource: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${resource} `) }).click();
}

describe('Asking for access', () => {
  test('offers what one may ask for, and no longer than its rule allows', async () => {
    const page = await office.at('/requests/new', 'alice', 'phone');
    await page.getByText('Which resource').waitFor();
    await expectToLookRight(page, 'request-new');
    await choose(page, 'prod-orders');
    expect(await chips(page)).toEqual(['10 min', '30 min', '1 h', '2 h', 'Other']);
    await page.getByRole('button', { name: 'Choose another' }).click();
    await choose(page, 'staging-orders');
    expect(await chips(page)).toEqual(['10 min', '30 min', '1 h', '2 h', '8 h', 'Other']);
    await tapChip(page, 'For how long', 'Other');
    const other = page.getByLabel('For how long: another duration');
    await other.fill('9h');
    expect(await problemAt(other)).toMatch(/At most 8 h/);
  });

  test('says who will have to approve, and by which rule, before anything is sent', async () => {
    const before = await howMany();
    const page = await office.at('/requests/new', 'alice', 'phone');
    await choose(page, 'prod-ledger');
    const deciding = page.locator('.deciding');
    await deciding.getByText('Rule ledger').waitFor();
    expect(await deciding.innerText()).toMatch(/dba[^]*security[^]*Card data needs two pairs of eyes/);
    await expectToLookRight(page, 'request-new-ledger');
    await page.getByRole('button', { name: 'Choose another' }).click();
    await choose(page, 'staging-orders');
    await deciding.getByText('the rules let you in without a review').waitFor();
    expect(await howMany()).toBe(before);
  });

  test('sends the wish, and leads to its page with the link for those who approve', async () => {
    const page = await office.at('/requests/new?resource=prod-orders', 'alice', 'phone');
    await tapChip(page, 'For how long', '2 h');
    await page.getByLabel(/^Reason/).fill('OPS-4711: an order is stuck');
    await page.getByRole('button', { name: 'Ask for prod-orders' }).tap();
    await page.waitForURL(/\/requests\/r-/);
    await page.getByText('Pending', { exact: true }).waitFor();
    const request = await office.admin.get(`/requests/${idAt(page)}`);
    expect(request).toMatchObject({
      requester: 'alice',
      resource: 'prod-orders',
      duration: '2h',
      reason: 'OPS-4711: an order is stuck',
      status: 'PENDING',
    });
    expect((await page.getByLabel('the link to this request').innerText()).trim()).toBe(request.view.url);
    expect(request.view.url).toBe(page.url());
  });

  test('without the reason that the rule wants is refused at that field, and nothing is sent', async () => {
    const before = await howMany();
    const page = await office.at('/requests/new?resource=prod-orders', 'alice');
    await page.getByRole('button', { name: 'Ask for prod-orders' }).click();
    const reason = page.getByLabel(/^Reason/);
    expect(await problemAt(reason)).not.toBe('nothing');
    expect(await hasFocus(reason)).toBe(true);
    await expectToLookRight(page, 'request-new-wrong');
    expect(await howMany()).toBe(before);
  });

  test('for later begins when one says, in the time zone of who asks', async () => {
    const page = await office.at('/requests/new?resource=prod-orders', 'alice');
    await page.getByLabel(/^Reason/).fill('OPS-4712: the monthly close');
    await page.getByLabel('Start later').check();
    await page.getByLabel('Start', { exact: true }).fill('2027-06-01T09:00');
    await expectToLookRight(page, 'request-new-later');
    await page.getByRole('button', { name: 'Ask for prod-orders' }).click();
    await page.waitForURL(/\/requests\/r-/);
    // 09:00 in Berlin, in summer.
    expect(await office.admin.get(`/requests/${idAt(page)}`)).toMatchObject({
      starts_at: '2027-06-01T07:00:00Z',
    });
    const start = page.locator('time[datetime="2027-06-01T07:00:00Z"]').first();
    expect(await start.innerText()).toMatch(/1 Jun.*09:00/);
    expect(await start.getAttribute('title')).toBe('2027-06-01 07:00:00 UTC');
  });

  test('that needs no review is approved at once, and says how to connect', async () => {
    const page = await office.at('/requests/new?resource=staging-orders', 'alice', 'phone');
    await page.getByRole('button', { name: 'Ask for staging-orders' }).tap();
    await page.waitForURL(/\/requests\/r-/);
    await page.getByText('Approved', { exact: true }).waitFor();
    const psql = (await page.getByLabel('the psql command').innerText()).trim();
    expect(psql).toContain(`port=${await office.curfewd.port('main')}`);
    await page.getByText('Needed no review').first().waitFor();
  });

  test('by breaking the glass is in at once, and approvers are asked to look at it', async () => {
    const page = await office.at('/requests/new?resource=prod-orders', 'alice', 'phone');
    await page.getByLabel('Break the glass').check();
    expect(await chips(page)).toEqual(['10 min', '30 min', 'Other']);
    await page.getByLabel(/^Reason/).fill('Orders are lost right now');
    await expectToLookRight(page, 'request-new-break-glass');
    await page.getByRole('button', { name: 'Break the glass and get in' }).tap();
    await page.waitForURL(/\/requests\/r-/);
    await page.getByText('Approved', { exact: true }).waitFor();
    await expectToLookRight(page, 'request-break-glass');
    const id = idAt(page);

    const bob = await office.at('/requests', 'bob', 'phone');
    await bob.getByText('Break-glass: review due').waitFor();
    await expectToLookRight(bob, 'requests-review-due');
    await bob.getByRole('button', { name: `It was right ${id}` }).tap();
    await bob.getByRole('dialog').getByRole('button', { name: 'It was right' }).tap();
    await bob.getByText('Nothing waits for you').waitFor();
    expect(await office.admin.get(`/requests/${id}`)).toMatchObject({
      status: 'APPROVED',
      review_due: false,
    });
  });
});
