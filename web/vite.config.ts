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

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The manifest is what `npm run size` measures the first load with.
  build: { manifest: true, sourcemap: false, target: 'es2022' },
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
    testTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
