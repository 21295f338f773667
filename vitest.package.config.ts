import { defineConfig } from 'vitest/config'

/** The package as others install it: `npm run test:package`; with EVERYWHERE=1 also in Deno and Bun. */
export default defineConfig({
  test: {
    include: ['test/installed/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
})
