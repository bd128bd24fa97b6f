import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['flows/**/*.test.ts'],
    globalSetup: ['office/before_all.ts'],
    // Processes, not threads: what an office starts dies with the process that started it, however that ends.
    pool: 'forks',
    poolOptions: { forks: { minForks: 1, maxForks: 2, isolate: false } },
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // One at a time within a file, which has one office.
    sequence: { concurrent: false },
    reporters: ['verbose'],
  },
});
