import { defineConfig } from 'vitest/config';

// `npx vite` serves the sources as they are, with the API of this curfewd behind them.
const curfew = 'http://127.0.0.1:8443';

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2021',
    // Nothing as a data: address, and nothing inline: the Content-Security-Policy allows neither.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': { target: curfew, changeOrigin: false } } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
