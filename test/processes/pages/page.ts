import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')

/** A page of documentation. */
export function readPage(path: string) {
  const text = readFileSync(join(root, path), 'utf8')
  return {
    text,
    /** The code blocks in a language, in order. */
    blocks: (language: string) =>
      [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(match => match[1]),
  }
}

export interface PageOptions {
  /** Files that are in the folder in which the commands run, by name. */
  files?: Record<string, string>
  /** Which snippets and commands to run; all by default. */
  only?: (code: string) => boolean
  /** Looks at what a snippet printed. */
  onPrinted: (printed: string) => void
  /** Environment variables beside those of the tests. */
  env?: Record<string, string>
}

/**
 * Tests that what a page shows works: every JavaScript snippet as a program, every `sac` command one after the other in
 * one folder, and that the files it links to exist.
 *
 * @returns a function that gives the folder, once the tests run
 */
export function testPage(path: string, options: PageOptions) {
  testSnippets(path, options)
  return testCommands(path, options)
}

export function testSnippets(path: string, { only = () => true, onPrinted, env }: PageOptions): void {
  const { blocks } = readPage(path)
  describe(`${path}: every snippet runs as it stands`, () => {
    const snippets = blocks('js').filter(only)
    test('there are some', () => expect(snippets).not.toHaveLength(0))

    test.each(snippets.map((code, i) => [i + 1, code] as const))('number %d', (number, code) => {
      // Inside the package, where its own name leads to itself.
      const file = join(root, 'dist', `${basename(path)}-${process.pid}-${number}.mjs`)
      writeFileSync(file, code)
      try {
        const options = { encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...env } } as const
        onPrinted(execFileSync(process.execPath, [file], options))
      } finally {
        unlinkSync(file)
      }
    })
  })
}

/** The same without snippets. */
export function testCommands(
  path: string,
  { files = {}, only = () => true, env }: Omit<PageOptions, 'onPrinted'>,
) {
  const { text, blocks } = readPage(path)
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'page-'))
    // As npm does when it installs the package.
    const main = join(root, 'dist/src/cli/main.js')
    chmodSync(main, 0o755)
    symlinkSync(main, join(folder, 'sac'))
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  describe(`${path}: every command works`, () => {
    const commands = blocks('sh')
      .flatMap(block => block.trim().split('\n'))
      .map(line => line.replace(/\s+#.*/, ''))
      .filter(command => command.startsWith('sac ') && only(command))
    test('there are some', () => expect(commands).not.toHaveLength(0))

    test.each(commands)('%s', command => {
      const PATH = `${folder}${delimiter}${process.env.PATH}`
      execFileSync('sh', ['-c', command], {
        cwd: folder,
        env: { ...process.env, ...env, PATH },
        stdio: 'pipe',
        timeout: 60_000,
      })
    })
  })

  test(`${path}: every file that is linked exists`, () => {
    for (const [, link] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
      expect(existsSync(join(root, dirname(path), link)), link).toBe(true)
  })

  return () => folder
}
