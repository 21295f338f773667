import { getBuiltinModule } from 'node:process'
import { expect, test } from 'vitest'
import { compileWasm } from '../../../src/graph/wasm/program.ts'
import { allowWideKernels, isTested } from '../../../src/graph/wasm/wide-tiles.ts'

const node24 = {
  arch: 'x64' as const,
  versions: { ...process.versions, node: '24.21.0', v8: '13.6.233.17-node.53' },
  execArgv: [] as string[],
  env: {} as NodeJS.ProcessEnv,
}

test('V8 compiles wide tiles where that is tested, and nowhere else', () => {
  // In this thread, which under other settings of the test runner is not the main one.
  const { isMainThread } = getBuiltinModule('node:worker_threads')
  expect(isTested(node24)).toBe(isMainThread)
  const others = [
    { arch: 'arm64' as const },
    { versions: { ...node24.versions, v8: '13.7.1.1-node.1' } },
    { versions: { ...node24.versions, v8: '13.6.2330.1' } },
    { versions: { ...node24.versions, v8: '13.6.233.17-electron.0' } },
    { versions: { ...node24.versions, v8: '13.6.233.8-rusty' } },
    { versions: { ...node24.versions, v8: undefined as never } },
    { versions: { ...node24.versions, bun: '1.3.0' } },
    { execArgv: ['--no-liftoff'] },
    { execArgv: ['--experimental-wasm-revectorize'] },
    { env: { NODE_OPTIONS: '--jitless' } },
  ]
  for (const other of others) expect(isTested({ ...node24, ...other }), JSON.stringify(other)).toBe(false)
  expect(isTested({ ...node24, execArgv: ['--expose-gc', '--import', './hooks.js'] })).toBe(isMainThread)
})

test('where they are allowed and can be had, programs take them; elsewhere nothing changes', async () => {
  const nothing = { inputs: {}, state: {}, steps: {} }
  const engineOf = async (options?: { wide: boolean }) => (await compileWasm(nothing, options)).engine
  expect(await engineOf()).toBe('WebAssembly, 1 thread')
  const can = await allowWideKernels()
  expect(can).toBe(isTested(process))
  expect(await engineOf()).toBe(can ? 'WebAssembly of 256 bits, 1 thread' : 'WebAssembly, 1 thread')
  expect(await engineOf({ wide: false })).toBe('WebAssembly, 1 thread')
  expect((await compileWasm(nothing)).notice).toBeUndefined()
})
