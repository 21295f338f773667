import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSac } from '../sac-process.ts'
import { readPage } from './page.ts'

const root = join(import.meta.dirname, '../../..')
const { blocks } = readPage('docs/export.md')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'export-'))
  // As npm installs packages.
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/soft-actor-critic'))
  for (const name of ['onnxruntime-web', 'onnxruntime-common']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const agents = join(root, 'test/import/stable-baselines3')
  copyFileSync(join(agents, 'pendulum.zip'), join(folder, 'model.zip'))
  copyFileSync(join(agents, 'vec_normalize.pkl'), join(folder, 'vec_normalize.pkl'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('docs/export.md', () => {
  const commands = blocks('sh')
    .flatMap(block => block.trim().split('\n'))
    .map(line => line.replace(/\s+#.*/, ''))

  test.each(commands)('%s', async command => {
    const [program, ...args] = command.split(' ')
    expect(program).toBe('sac')
    expect(await runSac(args.join(' '), { cwd: folder })).toMatchObject({ code: 0, stderr: '' })
  })

  const actions = new Map<string, string[]>()
  test.each(blocks('js').map((code, i) => [i + 1, code] as const))(
    'snippet %d runs as it stands',
    (number, code) => {
      const file = join(folder, `snippet-${number}.js`)
      writeFileSync(file, code)
      const printed = execFileSync(process.execPath, [file], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 60_000,
      })
      const found = [...printed.matchAll(/^(action|sample) .*?\[ (.*?) \]/gm)]
      expect(found.length).toBeGreaterThan(0)
      if (printed.includes('sample'))
        for (const [, name, value] of found) actions.set(name, [...(actions.get(name) ?? []), value])
    },
  )

  test('its formats act the same', () => {
    const [action, ...others] = (actions.get('action') ?? []).map(Number)
    expect(others).toHaveLength(2)
    for (const other of others) expect(other).toBeCloseTo(action, 5)
    // The file draws noise of its own.
    const [module, , onnx] = (actions.get('sample') ?? []).map(Number)
    expect(module).toBeCloseTo(onnx, 5)
    expect(module).not.toBeCloseTo(action, 5)
  })
})
