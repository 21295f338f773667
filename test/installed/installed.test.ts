/** The packed package in a fresh project: what npm installs, and not what the repository has. */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { build, createServer, type InlineConfig, preview } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../../tools/chromium.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'installed-'))
const bin = (name: string) => join(root, 'node_modules/.bin', name)
const everywhere = process.env.EVERYWHERE === '1'

/** Trains with few steps and prints a number that is the same wherever the arithmetic is. */
const program = (importing: string, print: string) => `${importing}
async function main() {
  const env = await makeEnv('Pendulum-v1')
  const options = { seed: 1, hiddenSizes: [16, 16], batchSize: 16, learningStarts: 50, engine: 'wasm' }
  const agent = await SAC.create(env, options)
  for await (const event of train(agent, env, { steps: 120 })) if (event.type === 'done') steps = event.step
  const { mean } = await evaluate(agent, env, { episodes: 1 })
  agent.dispose()
  return steps + ' steps, return ' + mean
}
let steps = 0
main().then(${print})
`
const names = '{ evaluate, makeEnv, SAC, train }'
const imports = `import ${names} from 'soft-actor-critic'`
const types = `${imports}
import type { Env, SacOptionsInput } from 'soft-actor-critic'
import { makeGymnasiumEnvs } from 'soft-actor-critic/gymnasium'
import { loadPolicy } from 'soft-actor-critic/policy'
import { makeWorkerEnvs } from 'soft-actor-critic/workers'
import 'soft-actor-critic/mujoco'

const options: SacOptionsInput = { seed: 1 }
const env: Env = await makeEnv('Pendulum-v1')
const agent = await SAC.create(env, options)
for await (const event of train(agent, env, { steps: 10 })) {
  if (event.type === 'episode') event.return.toFixed()
}
export const all = [evaluate, makeGymnasiumEnvs, loadPolicy, makeWorkerEnvs]
`
const reading = `async function read() {
  const bytes = new Uint8Array(await (await fetch('minari.hdf5')).arrayBuffer())
  let rows = 0
  for await (const _ of readTransitions({ name: 'minari.hdf5', bytes })) rows++
  if (rows === 0) throw new Error('no rows')
}`
const files: Record<string, string> = {
  'package.json': '{ "private": true, "type": "module" }',
  'train.js': program(imports, 'console.log'),
  'train.cjs': program(`const ${names} = require('soft-actor-critic')`, 'console.log'),
  'types.ts': types,
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      strict: true,
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2022', 'dom'],
      // As in a project for pages, without the types of Node.
      types: [],
      noEmit: true,
    },
    files: ['types.ts'],
  }),
  'nats/index.ts': "export { openNatsTransport } from 'soft-actor-critic/nats'",
  'nats/tsconfig.json': '{ "extends": "../tsconfig.json", "files": ["index.ts"] }',
  'page/index.html': '<!doctype html><script type="module" src="./page.js"></script>',
  'page/page.js': program(imports, 'result => { document.title = result }'),
  'asking/index.html': '<!doctype html><script type="module" src="./asking.js"></script>',
  'asking/asking.js': `import 'soft-actor-critic/hdf5'
import 'soft-actor-critic/mujoco'
import { makeEnv, readTransitions } from 'soft-actor-critic'
${reading}
read().then(() => makeEnv('Hopper-v5')).then(
  ({ id }) => { document.title = 'HDF5 read, ' + id + ' made' },
  error => { document.title = error.message }
)`,
  'reading/index.html': '<!doctype html><script type="module" src="./reading.js"></script>',
  'reading/reading.js': `import { readTransitions } from 'soft-actor-critic'
${reading}
read().catch(error => { document.title = error.message })`,
  'workers.js': "import { makeWorkerEnvs } from 'soft-actor-critic/workers'\nconsole.log(makeWorkerEnvs)",
}

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
const npm = (...args: string[]) =>
  run('npm', ...args, '--silent', '--no-audit', '--no-fund', '--prefer-offline')

let tarball: string
beforeAll(() => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  for (const page of ['asking', 'reading'])
    cpSync(join(root, 'test/data/files/minari.hdf5'), join(folder, page, 'public/minari.hdf5'))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root, stdio: 'pipe' })
  tarball = join(folder, readdirSync(folder).find(name => name.endsWith('.tgz'))!)
  const others = [
    'webpack@5',
    'typescript-5.4@npm:typescript@5.4',
    'typescript-5.9@npm:typescript@5.9',
    'typescript-newest@npm:typescript',
  ]
  npm('install', tarball, ...others, ...(everywhere ? ['deno', 'bun'] : []))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('what is packed', () => {
  test('publint finds nothing', () => {
    expect(run(bin('publint'), '--strict', tarball)).toContain('All good!')
  })

  test('types and code are found by whoever can import modules', () => {
    expect(run(bin('attw'), '--profile', 'esm-only', '--format', 'ascii', tarball)).toContain(
      'node16 (from ESM)',
    )
  })

  test('contains what the manifest names, and the documentation', () => {
    const installed = join(folder, 'node_modules/soft-actor-critic')
    for (const file of ['dist/src/cli/main.js', 'README.md', 'CHANGELOG.md', 'LICENSE', 'docs/runs.md'])
      expect(existsSync(join(installed, file)), file).toBe(true)
  })
})

describe('in Node', () => {
  test('a program trains, and one that requires the package does the same', () => {
    const printed = run(process.execPath, 'train.js')
    expect(printed).toMatch(/^120 steps, return -\d+/)
    expect(run(process.execPath, '--no-warnings', 'train.cjs')).toBe(printed)
  })

  test('the command is there', () => {
    expect(run(join(folder, 'node_modules/.bin/sac'), 'envs')).toContain('Pendulum-v1')
  })
})

test.each(['5.4', '5.9', 'newest'])('TypeScript %s knows the types', version => {
  expect(run(process.execPath, `node_modules/typescript-${version}/bin/tsc`, '-p', '.')).toBe('')
})

// The types of the NATS clients are for TypeScript 5.7 and later.
test.each(['5.9', 'newest'])('TypeScript %s knows the types of the entry for NATS', version => {
  expect(run(process.execPath, `node_modules/typescript-${version}/bin/tsc`, '-p', 'nats')).toBe('')
})

test.runIf(everywhere).each([
  ['deno', ['run', '-A']],
  ['bun', []],
])('%s trains, to the same bits', (name, options) => {
  const printed = run(join(folder, 'node_modules/.bin', name), ...options, 'train.js')
  expect(printed.split('\n').at(-1)).toBe(run(process.execPath, 'train.js'))
})

describe('bundled for a page', () => {
  const shipped = (out: string) =>
    readdirSync(join(folder, out), { recursive: true, encoding: 'utf8' })
      .filter(name => statSync(join(folder, out, name)).isFile() && !/\.(html|hdf5)$/.test(name))
      .map(name => ({ name, content: readFileSync(join(folder, out, name)) }))
  /** What of the large packages is in a bundle: files of WebAssembly, and scripts with names that only one of them has. */
  const largeIn = (out: string) => {
    const files = shipped(out)
    expect(files).not.toHaveLength(0)
    const has = (text: string) => files.some(({ content }) => content.includes(text))
    return {
      files: files.map(({ name }) => name).filter(name => !name.endsWith('.js')),
      mujoco: has('mj_step1'),
      hdf5: has('HDF5_USE_FILE_LOCKING'),
    }
  }
  const NOTHING_LARGE = { files: [], mujoco: false, hdf5: false }
  const expectNothingLarge = (out: string) => expect(largeIn(out)).toEqual(NOTHING_LARGE)
  /** Made anew each time, because Vite writes into it. */
  const configOf = (page: string): InlineConfig => ({
    root: join(folder, page),
    configFile: false,
    logLevel: 'error',
    server: { port: 0, host: '127.0.0.1' },
    preview: { port: 0, host: '127.0.0.1' },
  })

  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())
  /** The title that the page gives itself when it has trained, and the names of the scripts it loaded until then. */
  async function trainAt(url: string | undefined): Promise<{ title: string; loaded: string[] }> {
    const page = await browser.newPage()
    const loaded: string[] = []
    page.on('response', response => {
      if (response.url().endsWith('.js')) loaded.push(basename(response.url()))
    })
    await page.goto(url!)
    await page.waitForFunction(() => document.title, undefined, { timeout: 60_000 })
    const title = await page.title()
    await page.close()
    return { title, loaded }
  }

  test('by Vite: it trains as in Node, and its first load is small', async () => {
    await build(configOf('page'))
    expectNothingLarge('page/dist')
    const server = await preview(configOf('page'))
    const { title, loaded } = await trainAt(server.resolvedUrls?.local[0])
    expect(title).toBe(run(process.execPath, 'train.js'))
    await server.close()
    const sizes = Object.fromEntries(
      shipped('page/dist').map(({ name, content }) => [basename(name), gzipSync(content).length]),
    )
    const sizeOf = (names: string[]) => names.reduce((sum, name) => sum + sizes[name], 0)
    // What compiles the gradient step is loaded when an agent is made.
    const engine = loaded.filter(name => name.startsWith('program-'))
    expect(engine).toHaveLength(1)
    expect(sizeOf(loaded.filter(name => !engine.includes(name)))).toBeLessThan(60_000)
    expect(sizeOf(loaded)).toBeLessThan(78_000)
  })

  test("on Vite's development server", async () => {
    const server = await createServer(configOf('page'))
    await server.listen()
    const { title } = await trainAt(server.resolvedUrls?.local[0])
    expect(title).toBe(run(process.execPath, 'train.js'))
    await server.close()
  })

  test('the example for Vite: an agent learns in a Worker, with shared memory where the headers are sent', async () => {
    const example = join(folder, 'example')
    cpSync(join(root, 'examples/vite'), example, { recursive: true })
    const own: InlineConfig = { root: example, logLevel: 'error', preview: { port: 0, host: '127.0.0.1' } }
    await build(own)
    const server = await preview(own)
    const page = await browser.newPage()
    await page.goto(server.resolvedUrls!.local[0])
    await page.waitForFunction(
      () => Number(document.querySelector<HTMLOutputElement>('#step')?.value) >= 2000,
      undefined,
      { timeout: 60_000 },
    )
    // It has learned: a random policy gets about -1200.
    await page.waitForFunction(
      () => Number(document.querySelector<HTMLOutputElement>('#return')?.value) > -500,
      undefined,
      { timeout: 60_000 },
    )
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    await page.close()
    await server.close()
  })

  test('by Vite, with the entry for threads, which a page may name but not use', async () => {
    const input = join(folder, 'workers.js')
    await build({ ...configOf('.'), build: { outDir: 'workers', rolldownOptions: { input } } })
    expectNothingLarge('workers')
  })

  test('by esbuild', () => {
    run(bin('esbuild'), 'train.js', '--bundle', '--format=esm', '--splitting', '--minify', '--outdir=esbuild')
    expectNothingLarge('esbuild')
  })

  test('by webpack, without a warning', () => {
    const script = `import webpack from 'webpack'
      const options = { entry: './train.js', mode: 'development', devtool: false, context: process.cwd() }
      webpack({ ...options, output: { path: process.cwd() + '/webpack' } }, (error, result) => {
        if (error) throw error
        console.log(JSON.stringify(result.toJson({ all: false, errors: true, warnings: true })))
      })`
    expect(JSON.parse(run(process.execPath, '--input-type=module', '--eval', script))).toMatchObject({
      errors: [],
      warnings: [],
    })
    expectNothingLarge('webpack')
  })

  test('MuJoCo and HDF5 are there once they are asked for, and a file of HDF5 is read', async () => {
    await build(configOf('asking'))
    expect(largeIn('asking/dist')).toMatchObject({ mujoco: true, hdf5: true })
    const server = await preview(configOf('asking'))
    const { title } = await trainAt(server.resolvedUrls?.local[0])
    expect(title).toBe('HDF5 read, Hopper-v5 made')
    await server.close()
  })

  test('a page that did not ask for HDF5 is told how to', async () => {
    await build(configOf('reading'))
    expectNothingLarge('reading/dist')
    const server = await preview(configOf('reading'))
    const { title } = await trainAt(server.resolvedUrls?.local[0])
    expect(title).toContain("in a web page also: import 'soft-actor-critic/hdf5'")
    await server.close()
  })
})
