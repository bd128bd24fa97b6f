// How a view looks: in every size and colour scheme it keeps to WCAG 2.2 AA as far as axe-core can tell, needs no
// horizontal scrolling, and a picture of it is kept for people to judge.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import type { Result } from 'axe-core';
import { expect } from 'vitest';

import { sizes, type Page, type Size } from './browser';
import { pictureFolder } from './places';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];

export type Scheme = 'light' | 'dark';

/** What axe-core has to say against a page as it stands, one line for each element. */
export async function violations(page: Page): Promise<string[]> {
  // By the debugger, which no Content-Security-Policy forbids.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  const found = await page.evaluate((wanted) => {
    const { axe: engine } = globalThis as unknown as { axe: typeof import('axe-core') };
    return engine.run(document, { runOnly: { type: 'tag', values: wanted }, resultTypes: ['violations'] });
  }, tags);
  return found.violations.flatMap((rule: Result) =>
    rule.nodes.map(
      (node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary?.replaceAll('\n', ' ')}`,
    ),
  );
}

/** Elements that reach beyond the right edge of the window or hold text that does, where the page as a whole does. */
export function sticksOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const spills = (element: Element): boolean =>
      element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === 'visible';
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > width + 1 || spills(element))
      .map(
        (element) =>
          `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} at ${width} px: ` +
          `${element.textContent?.trim().slice(0, 40)}`,
      );
  });
}

/** The page is drawn as it will stay: nothing moves any more, and its fonts are there. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const endless = (animation: Animation): boolean =>
      animation.effect?.getComputedTiming().endTime === Infinity;
    const drawn = (): Promise<unknown> =>
      new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    // The end of one may begin another: what inherits a colour changes it after its parent has.
    for (;;) {
      await drawn();
      const moving = document.getAnimations().filter((one) => one.playState === 'running' && !endless(one));
      if (moving.length === 0) break;
      await Promise.all(moving.map((one) => one.finished.catch(() => one)));
    }
  });
}

// A view as a whole: in a window as high as it is, so that what sticks to the window's edge is at the picture's.
async function takePicture(page: Page, name: string, what: 'view' | 'dialog'): Promise<void> {
  if (what === 'view') {
    const [width, height] = await page.evaluate(
      () => [innerWidth, document.documentElement.scrollHeight] as const,
    );
    await page.setViewportSize({ width, height });
  }
  await page.screenshot({ path: path.join(pictureFolder, `${name}.png`) });
}

/** Expects a view, or a dialog over it, to look right, and keeps `NAME.SIZE.SCHEME.png` of it. Leaves size and scheme as
 *  they were. */
export async function expectToLookRight(
  page: Page,
  name: string,
  what: 'view' | 'dialog' = 'view',
): Promise<void> {
  const before = page.viewportSize();
  const problems: string[] = [];
  for (const size of Object.keys(sizes) as Size[]) {
    await page.setViewportSize(sizes[size]);
    for (const scheme of ['light', 'dark'] as Scheme[]) {
      // Without motion, so that nothing has to be waited for while it moves.
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await settled(page);
      const found = [...(await sticksOut(page)), ...(await violations(page))];
      problems.push(...found.map((problem) => `${name}, ${size}, ${scheme}: ${problem}`));
      await takePicture(page, `${name}.${size}.${scheme}`, what);
      await page.setViewportSize(sizes[size]);
    }
  }
  // WCAG 1.4.10: what 1280 px are at 400 %, which holds 200 % as well.
  await page.setViewportSize({ width: 320, height: 256 });
  await settled(page);
  problems.push(...(await sticksOut(page)).map((problem) => `${name}, 320 px: ${problem}`));
  if (before !== null) await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
  expect(problems).toEqual([]);
}
