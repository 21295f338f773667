import { defineConfig } from 'vitest/config'

/** Tests with a real broker, which `tools/nats-server.sh` puts there. */
export default defineConfig({
  test: {
    include: ['test/broker/**/*.test.ts'],
    globalSetup: 'test/own-state.ts',
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
})
