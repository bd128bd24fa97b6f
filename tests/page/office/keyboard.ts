// Somebody who has no mouse. Each stop of the Tab key has to be seen: marked, and not hidden behind anything (WCAG 2.4.7,
// 2.4.11).
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';

import type { Page } from './browser';

/** What is wrong with how the focus is shown; undefined: nothing. */
export function unseenFocus(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return undefined;
    const name = `${element.outerHTML.slice(0, 120)}`;
    // A chip's own box is drawn by what stands beside its input.
    const drawn = [element, element.nextElementSibling].filter((one): one is Element => one !== null);
    const marked = drawn.some((one) => {
      const style = getComputedStyle(one);
      return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    });
    if (!marked) return `no mark on ${name}`;
    const boxes = drawn
      .map((one) => one.getBoundingClientRect())
      .filter((box) => box.width > 1 && box.height > 1);
    const within = (one: Element, x: number, y: number): boolean => {
      const top = document.elementFromPoint(x, y);
      return (
        top !== null && (one.contains(top) || top.contains(one) || drawn.some((other) => other.contains(top)))
      );
    };
    const seen = boxes.some((box) => within(element, box.x + box.width / 2, box.y + box.height / 2));
    return seen ? undefined : `something hides ${name}`;
  });
}

/** Presses Tab until the focus is on `wanted`; each stop on the way has to be seen. */
export async function tabTo(page: Page, wanted: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let stops = 0; stops < 80; ++stops) {
    await page.keyboard.press(key);
    expect(await unseenFocus(page)).toBeUndefined();
    if (await wanted.evaluate((element) => element === document.activeElement).catch(() => false)) return;
  }
  throw new Error(`80 stops of ${key} did not lead to ${String(wanted)}`);
}

/** Is the focus on it? */
export function hasFocus(of: Locator): Promise<boolean> {
  return of.evaluate((element) => element === document.activeElement);
}
