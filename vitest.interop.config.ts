import { defineConfig } from 'vitest/config'

/** Comparisons with the original environments in Python: `tools/make-venv.sh` installs them. */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    globalSetup: 'test/own-state.ts',
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
