import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/own-state.ts',
    exclude: ['test/interop/**', 'test/portability/**', 'test/page/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
