import { defineConfig } from 'vitest/config'

/** Tests against other software, which `npm run test:interop` installs first. */
export default defineConfig({
  test: { include: ['test/interop/**/*.test.ts'], testTimeout: 300_000 },
})
