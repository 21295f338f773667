import { defineConfig } from 'vitest/config'

/** Tests of the documentation site: they build it, and open it in Chromium. */
export default defineConfig({
  test: {
    include: ['test/site/**/*.test.ts'],
    globalSetup: 'test/own-state.ts',
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
})
