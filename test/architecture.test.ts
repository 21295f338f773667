import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const source = join(root, 'src')
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))

/** What a file imports: paths relative to src/ for its own modules, names of packages otherwise. */
function importsOf(file: string): string[] {
  const code = readFileSync(join(source, file), 'utf8')
  const specifiers = [...code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1])
  return specifiers.map(name =>
    name.startsWith('.') ? relative(source, join(source, dirname(file), name)) : name,
  )
}

/** The folder directly under src/ that a module belongs to; files beside the folders are the ground they stand on. */
const folderOf = (path: string) => (path.includes(sep) ? path.split(sep)[0] : '')

/** Which folders a folder may import from. */
const mayImport: Record<string, string[]> = {
  encoding: [],
  chart: [],
  graph: ['encoding'],
  nn: ['graph'],
  env: [],
  envs: ['env'],
  replay: ['env'],
  data: ['env', 'replay', 'encoding'],
  render: ['env'],
  workers: ['env'],
  policy: ['env', 'encoding', 'graph'],
  sac: ['graph', 'nn', 'env', 'encoding', 'replay', 'policy'],
  import: ['sac', 'policy', 'encoding'],
  training: ['sac', 'policy', 'env', 'envs', 'encoding'],
  storage: ['training', 'sac'],
  distributed: ['training', 'sac', 'replay', 'policy', 'env', 'encoding'],
  nats: ['distributed'],
  gymnasium: ['env', 'encoding'],
  doctor: ['training', 'sac', 'replay'],
  tune: [],
  run: [
    'chart',
    'data',
    'doctor',
    'training',
    'tune',
    'sac',
    'policy',
    'render',
    'env',
    'envs',
    'encoding',
    'graph',
    'gymnasium',
    'import',
    'workers',
  ],
  cli: [
    'chart',
    'data',
    'doctor',
    'run',
    'distributed',
    'nats',
    'import',
    'gymnasium',
    'workers',
    'training',
    'tune',
    'sac',
    'policy',
    'env',
    'envs',
    'encoding',
    'graph',
  ],
}

describe('imports point one way', () => {
  test.each(Object.keys(mayImport))('%s', folder => {
    for (const file of files.filter(name => folderOf(name) === folder)) {
      for (const imported of importsOf(file).filter(path => path.endsWith('.ts'))) {
        expect([folder, '', ...mayImport[folder]], `${file} imports ${imported}`).toContain(
          folderOf(imported),
        )
      }
    }
  })

  test('every folder is listed', () => {
    expect(new Set(files.map(folderOf))).toEqual(new Set(['', ...Object.keys(mayImport)]))
  })
})

test('only what is for Node alone reaches for Node', () => {
  const reaching = files.filter(file => importsOf(file).some(name => name.startsWith('node:')))
  expect(reaching.filter(file => !['run', 'cli', 'workers', 'gymnasium'].includes(folderOf(file)))).toEqual(
    [],
  )
})

test('envs has no circle of imports, not even of types', () => {
  const inEnvs = files.filter(file => folderOf(file) === 'envs')
  const reached = (file: string, seen = new Set<string>()): Set<string> => {
    for (const next of importsOf(file)) {
      if (folderOf(next) !== 'envs' || seen.has(next)) continue
      seen.add(next)
      reached(next, seen)
    }
    return seen
  }
  expect(inEnvs.filter(file => reached(file).has(file))).toEqual([])
})

test('commands print by say(), which shows what a terminal would obey', () => {
  const printing = files.filter(
    file =>
      folderOf(file) === 'cli' && /console\.(log|error|warn)/.test(readFileSync(join(source, file), 'utf8')),
  )
  expect(printing).toEqual([])
})

test.each([
  ['hyparquet', ['data/parquet-numbers.ts', 'data/read-parquet.ts']],
  ['h5wasm', ['data/bundled-hdf5.ts']],
  ['@mujoco/mujoco', ['envs/mujoco/bundled.ts']],
])('only what needs %s reaches it, and when it is needed', (name, needing) => {
  const reaching = (file: string) =>
    (
      readFileSync(join(source, file), 'utf8').match(new RegExp(`\\bimport\\b.*'${name}(/.*)?'`, 'g')) ?? []
    ).filter(found => !found.startsWith('import type'))
  const paths = needing.map(path => join(...path.split('/')))
  expect(files.filter(file => reaching(file).length > 0).sort()).toEqual(paths)
  for (const found of paths.flatMap(reaching)) expect(found).toMatch(/import\('/)
})

test('only what is for NATS reaches its clients, and when they are needed', () => {
  const reaching = files.filter(file => importsOf(file).some(name => name.startsWith('@nats-io/')))
  for (const file of reaching) {
    expect(['nats', 'cli']).toContain(folderOf(file))
    const code = readFileSync(join(source, file), 'utf8')
    for (const [found] of code.matchAll(/import[^\n]*'@nats-io\/[^']+'/g))
      expect(found).toMatch(/^import type|import\('/)
  }
})

test.each(['index.ts', 'policy/index.ts', 'storage/index.ts', 'workers/index.ts', 'nats/index.ts'])(
  '%s bundles for a browser, without MuJoCo and HDF5',
  async entry => {
    // esbuild fails on anything a browser does not have.
    const { metafile } = await build({
      entryPoints: [join(source, entry)],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'browser',
      format: 'esm',
      external: ['hyparquet'],
      logLevel: 'silent',
    })
    expect(Object.keys(metafile.inputs).filter(path => /mujoco\/mujoco|h5wasm/.test(path))).toEqual([])
    const external = Object.values(metafile.inputs).flatMap(({ imports }) =>
      imports.filter(found => found.external),
    )
    // What esbuild itself adds where it bundles CommonJS.
    const allowed = ['hyparquet', '<runtime>']
    expect(external.filter(({ path }) => !allowed.includes(path.split('/')[0]))).toEqual([])
  },
)
