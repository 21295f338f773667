import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/own-state.ts',
    exclude: ['test/interop/**', 'test/portability/**', 'test/page/**', 'test/installed/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
