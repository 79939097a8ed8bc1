import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { ProxyOptions } from 'vite';
import { defineConfig } from 'vitest/config';

/** The proxy of the local stack: it routes /api to the two planes by the Host header, which is kept. */
const gateway = process.env.HD_GATEWAY ?? 'http://127.0.0.1:8080';

/** Keeps the organisation in the host, and makes requests look as if the page came from the gateway. */
function comeFromGateway(proxy: Parameters<NonNullable<ProxyOptions['configure']>>[0]): void {
  proxy.on('proxyReq', (request, incoming) => {
    const host = incoming.headers.host?.replace(/:\d+$/, `:${new URL(gateway).port}`);
    if (!host) return;
    request.setHeader('Host', host);
    if (incoming.headers.origin) request.setHeader('Origin', `http://${host}`);
  });
}

/** What every page stands on. In one chunk, because dozens of small ones compress worse: 4 kB of the first load. */
const CORE =
  /node_modules\/(react|react-dom|scheduler|i18next|react-i18next|@tanstack\/(react-query|query-core|react-router|router-core|history|store|react-store)|@mantine\/core\/esm\/core)\/|src\/(api|ui\/explain)/;

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The manifest is what `npm run size` measures the first load with.
  build: {
    manifest: true,
    sourcemap: false,
    target: 'es2022',
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: 'core', test: CORE }] },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    allowedHosts: ['.localhost'],
    proxy: { '/api': { target: gateway, configure: comeFromGateway } },
  },
  test: {
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { url: 'http://acme.localhost:8080/' } },
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: './src/testing/setup.ts',
    css: false,
    // What browsers get, as it is built.
    alias: { 'tus-js-client': 'tus-js-client/lib.esm/browser/index.js' },
    server: { deps: { inline: ['tus-js-client'] } },
    testTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
