import { defineConfig } from 'vitest/config'

/** Run by configurations of their own: they need Python, a broker, Chromium or other versions of Node. */
const ELSEWHERE = [
  'test/interop/**',
  'test/broker/**',
  'test/portability/**',
  'test/page/**',
  'test/site/**',
  'test/installed/**',
]
/** They train agents, load MuJoCo, wait for clocks or start processes. */
const LONG = ['test/processes/**', 'test/**/*.long.test.ts']
/** They replace modules, change flags of V8, or count the environments there are, which other tests add to. */
const APART = [
  'test/sac/engine.test.ts',
  'test/run/run-directory.test.ts',
  'test/graph/wasm/{program,native-product,wide-tiles}.test.ts',
]

export default defineConfig({
  test: {
    globalSetup: 'test/own-state.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        // One after the other in the same process, so that modules are loaded and compiled once.
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...ELSEWHERE, ...LONG, ...APART],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'apart', include: APART } },
      {
        extends: true,
        test: { name: 'long', include: LONG.map(files => files.replace(/\*\*$/, '**/*.test.ts')) },
      },
    ],
  },
})
