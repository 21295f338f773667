import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runPython } from './python.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'notebook-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Output {
  output_type: string
  data?: Record<string, string>
}

const NOTEBOOK = join(root, 'examples/notebook/pendulum.ipynb')

test("the notebook runs on Deno's kernel, and puts out what is stored in it", async () => {
  // As after `npm install soft-actor-critic` and `deno jupyter --install`.
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/soft-actor-critic'))
  writeFileSync(join(folder, 'package.json'), '{ "dependencies": { "soft-actor-critic": "*" } }')
  mkdirSync(join(folder, 'kernels/deno'), { recursive: true })
  const kernel = {
    argv: [join(root, '.venv/bin/deno'), 'jupyter', '--kernel', '--conn', '{connection_file}'],
    display_name: 'Deno',
    language: 'typescript',
    env: { DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
  }
  writeFileSync(join(folder, 'kernels/deno/kernel.json'), JSON.stringify(kernel))
  // To store what it puts out anew: NOTEBOOK=write.
  const writeTo = process.env.NOTEBOOK === 'write' ? [NOTEBOOK] : []
  const outputs = await runPython<Output[][]>('run_notebook.py', NOTEBOOK, folder, folder, ...writeTo)

  const { cells } = JSON.parse(readFileSync(NOTEBOOK, 'utf8'))
  const stored = cells.flatMap(
    (cell: { cell_type: string; outputs: { data?: Record<string, unknown> }[] }) =>
      cell.cell_type === 'code' ? [textsOf(cell.outputs)] : [],
  )
  expect(outputs.map(textsOf)).toEqual(stored)
  const all = outputs.flat()
  expect(all.some(({ data }) => data?.['image/svg+xml']?.includes('<polyline'))).toBe(true)
  const [, mean] = /mean return (-[\d.]+)/.exec(JSON.stringify(all.map(({ data }) => data)))!
  // A random policy gets about -1200.
  expect(Number(mean)).toBeGreaterThan(-300)
})

/** In a file, texts may be lists of lines. */
const textsOf = (outputs: { data?: Record<string, unknown> }[]) =>
  outputs.map(({ data = {} }) =>
    Object.fromEntries(Object.entries(data).map(([type, text]) => [type, [text].flat().join('')])),
  )
