import { defineConfig } from 'vitest/config'

/** Tests in other JavaScript engines: they need Chromium, and fetch other versions of Node. */
export default defineConfig({
  test: {
    include: ['test/portability/**/*.test.ts'],
    globalSetup: 'test/own-state.ts',
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
})
