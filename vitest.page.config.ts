import { defineConfig } from 'vitest/config'

/** Tests of the page, in a real Chromium; `npm run build:page` comes first. */
export default defineConfig({
  test: {
    include: ['test/page/**/*.test.ts'],
    globalSetup: 'test/own-state.ts',
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
