/**
 * `npm run transpile`: src, bench and tools become JavaScript in dist, file by file, where a source is newer than that.
 * Types are neither checked nor written (`npm run typecheck` and `npm run build` do that), so it takes a tenth of the time.
 */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

process.chdir(join(import.meta.dirname, '..'))

const filesIn = (folder, pattern) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => pattern.test(name))
    .map(name => join(folder, name))
const timeOf = path => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
const outputOf = source => join('dist', source.replace(/\.ts$/, '.js'))

const sources = ['src', 'bench', 'tools'].flatMap(folder => filesIn(folder, /(?<!\.d)\.ts$/))
const configured = Math.max(timeOf('tsconfig.json'), timeOf('package.json'))
const stale = sources.filter(source => timeOf(outputOf(source)) <= Math.max(timeOf(source), configured))

/** Files import each other as they do in the sources, under the names of the outputs. */
const apart = {
  name: 'every file by itself',
  setup: ({ onResolve }) =>
    onResolve({ filter: /./ }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/^(\..*)\.ts$/, '$1.js'), external: true },
    ),
}

if (stale.length > 0) {
  const { build } = await import('esbuild')
  await build({
    entryPoints: stale,
    outdir: 'dist',
    outbase: '.',
    bundle: true,
    treeShaking: false,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [apart],
  })
}

// What no source stands for any more would be found by those who look at folders.
const outputs = new Set(sources.map(outputOf))
for (const folder of ['src', 'bench', 'tools']) {
  for (const path of filesIn(join('dist', folder), /\.js$/)) if (!outputs.has(path)) rmSync(path)
}
