import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(match => match[1])
const { scripts, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'readme-'))
  // As npm does when it installs the package.
  const main = join(root, 'dist/src/cli/main.js')
  chmodSync(main, 0o755)
  symlinkSync(main, join(folder, 'sac'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('every snippet runs as it stands', () => {
  test.each(blocks('js').map((code, i) => [i + 1, code] as const))('number %d', (number, code) => {
    // Inside the package, where its own name leads to itself.
    const file = join(root, 'dist', `readme-${number}.mjs`)
    writeFileSync(file, code)
    try {
      const printed = execFileSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 })
      const [, meanReturn] = /mean return (.*)/.exec(printed) ?? []
      if (meanReturn) expect(Number(meanReturn)).toBeGreaterThan(-500)
      else expect(printed.trim()).toBe('[]')
    } finally {
      rmSync(file)
    }
  })
})

describe('every command works', () => {
  const commands = blocks('sh')
    .flatMap(block => block.trim().split('\n'))
    .map(line => line.replace(/\s+#.*/, ''))

  test('there are some', () => expect(commands.length).toBeGreaterThan(4))

  test.each(commands.filter(command => command.startsWith('sac ')))('%s', command => {
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` }
    execFileSync('sh', ['-c', command], { cwd: folder, env, stdio: 'pipe', timeout: 60_000 })
  })

  test('a repeated run is the same to the last bit', () => {
    const weights = (run: string) => readFileSync(join(folder, run, 'parameters.safetensors'))
    expect(weights('again').equals(weights('pendulum'))).toBe(true)
  })

  test('every npm script that is named exists', () => {
    const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(match => match[1])
    for (const name of named) expect(scripts, name).toHaveProperty([name])
    expect(scripts).toHaveProperty('start')
    expect(scripts).toHaveProperty('test')
  })
})

test('every file that is linked or named exists', () => {
  for (const page of ['algorithm.md', 'engines.md']) {
    const text = readFileSync(join(root, 'docs', page), 'utf8')
    for (const [, path] of text.matchAll(/\]\(([^)#]+)\)/g))
      expect(existsSync(join(root, 'docs', path)), path).toBe(true)
  }
  for (const [, path] of readme.matchAll(/\]\(([^)#]+)\)/g))
    expect(existsSync(join(root, path)), path).toBe(true)
  for (const [path] of readme.matchAll(/\b(src|test|docs)\/[\w./-]*/g))
    expect(existsSync(join(root, path)), path).toBe(true)
  expect(exports).toHaveProperty(['.'])
})
