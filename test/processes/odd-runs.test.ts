import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSac } from './sac-process.ts'

const time = '2026-01-01T00:00:00.000Z'
const line = (content: object) => JSON.stringify({ step: 100, time, ...content })
const deep = (opening: string, closing: string) => opening.repeat(100_000) + closing.repeat(100_000)

/** A second line of metrics, behind a sound one. */
const ODD_LINES = {
  nonsense: 'nonsense',
  nothing: 'null',
  list: '[]',
  noStep: '{"type":"train"}',
  fractionalStep: line({ type: 'train', step: 1.5 }),
  largeStep: line({ type: 'train', step: 1e300 }),
  noTime: '{"type":"train","step":100}',
  otherTime: line({ type: 'train', time: 'yesterday' }),
  textForNumber: line({ type: 'train', return: '=1+1' }),
  tableForNumber: line({ type: 'train', updates: {} }),
  beyondDrawing: line({ type: 'train', return: 1e308 }),
  infinite: line({ type: 'train', return: 0 }).replace(':0', ':1e999'),
  noLengths: line({ type: 'evaluation', mean: 1, standardDeviation: 1, returns: [1] }),
  noReason: line({ type: 'end' }),
  noDiagnoses: line({ type: 'examination' }),
  oddDiagnosis: line({ type: 'examination', diagnoses: [null] }),
  oddStart: line({ type: 'start', pid: 'x', host: 5 }),
  deep: deep('[', ']'),
}

/** What `config.json` may hold. */
const ODD_CONFIGS = {
  noJson: '{',
  nullConfig: 'null',
  listConfig: '[1]',
  numberForName: '{"environment":5,"steps":1}',
  deepOptions: `{"environment":"Pendulum-v1","steps":1,"environmentOptions":{"a":${deep('[', ']')}}}`,
  deepRecord: `{"environment":"Pendulum-v1","steps":1,"run":${deep('{"a":', '}').replace('}', '0}')}}`,
  deepName: `{"environment":${deep('[', ']')},"steps":1}`,
}

const HARMLESS = JSON.stringify({ environment: 'Pendulum-v1', steps: 500 })
const SOUND = [
  line({ type: 'start', step: 0, pid: 1, host: 'elsewhere' }),
  line({ type: 'train', return: -5, updates: 1 }),
  line({ type: 'train', step: 200, return: -4, updates: 2 }),
]

let folder: string
const writeRun = (name: string, config: string, lines: readonly string[]) => {
  mkdirSync(join(folder, 'runs', name), { recursive: true })
  writeFileSync(join(folder, 'runs', name, 'config.json'), config)
  writeFileSync(join(folder, 'runs', name, 'metrics.jsonl'), lines.map(text => `${text}\n`).join(''))
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'odd-'))
  writeRun('sound', HARMLESS, SOUND)
  for (const [name, odd] of Object.entries(ODD_LINES)) {
    writeRun(name, HARMLESS, [SOUND[0], odd, ...SOUND.slice(1)])
  }
  for (const [name, config] of Object.entries(ODD_CONFIGS)) writeRun(name, config, SOUND)
  for (const [name, file] of [
    ['pipe', 'metrics.jsonl'],
    ['pipeConfig', 'config.json'],
  ]) {
    writeRun(name, HARMLESS, SOUND)
    rmSync(join(folder, 'runs', name, file))
    execFileSync('mkfifo', [join(folder, 'runs', name, file)])
  }
  writeRun('folder', HARMLESS, SOUND)
  rmSync(join(folder, 'runs/folder/metrics.jsonl'))
  mkdirSync(join(folder, 'runs/folder/metrics.jsonl'))
  const huge = [1e100, -1e100].map((value, i) => line({ type: 'train', step: 100 * (i + 1), return: value }))
  writeRun('huge', HARMLESS, [SOUND[0], ...huge])
  writeRun('empty', HARMLESS, [])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sac = (...args: string[]) => runSac(args.join(' '), { cwd: folder })
const UNREADABLE = [...Object.keys(ODD_CONFIGS), 'pipe', 'pipeConfig', 'folder']

describe('an odd run does not hide the others', () => {
  test.each(['runs', 'compare runs', 'plot runs --out curves.svg'])('sac %s', async command => {
    const { code, stdout, stderr } = await sac(command)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toMatch(/\n +at /)
    const notes = stdout.split('\n').filter(text => text.startsWith('note: '))
    for (const name of Object.keys(ODD_LINES)) {
      expect(notes).toContain(`note: runs/${name}/metrics.jsonl: line 2 cannot be read and is left out`)
    }
    for (const name of UNREADABLE) {
      expect(notes.filter(note => new RegExp(`runs/${name}\\b`).test(note))).toEqual([
        expect.stringMatching(/cannot be (used|read)|is not a file/),
      ])
    }
    expect(notes).toHaveLength(Object.keys(ODD_LINES).length + UNREADABLE.length)
    if (!command.startsWith('plot')) expect(stdout).toMatch(/^runs\/sound +/m)
  })
})

describe('alone, it is one sentence', () => {
  test.each([...Object.keys(ODD_LINES).slice(-3), 'huge', 'empty'])('%s', async name => {
    for (const command of ['show', 'doctor', 'export-metrics']) {
      const { code, stdout, stderr } = await sac(command, `runs/${name}`)
      expect(code).toBe(0)
      const note = `note: runs/${name}/metrics.jsonl: line 2 cannot be read and is left out`
      if (name in ODD_LINES) expect((stdout + stderr).split('\n')).toContain(note)
      expect(stdout + stderr).not.toMatch(/undefined|NaN|\n +at /)
    }
  })

  test('numbers as large as can be are drawn', async () => {
    expect(await sac('plot runs/huge --out huge.svg')).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(join(folder, 'huge.svg'), 'utf8')).not.toMatch(/NaN|Infinity/)
  })

  test.each(UNREADABLE)('%s', async name => {
    for (const command of ['show', 'resume']) {
      const { code, stderr } = await sac(command, `runs/${name}`)
      expect(code).toBe(2)
      expect(stderr).toMatch(/^error: .*(config\.json|metrics\.jsonl).*\n$/)
    }
  })
})

describe('what a terminal would obey is shown as an escape', () => {
  const ESCAPE = '\u001b]0;title\u0007\u001b[2J\u009b31m\u202e'
  const name = `odd${ESCAPE}`

  beforeAll(() => {
    const options = { environment: 'Pendulum-v1', steps: 500, environmentOptions: { [ESCAPE]: ESCAPE } }
    const diagnosis = { kind: ESCAPE, problem: `problem ${ESCAPE}\r`, remedy: ESCAPE }
    writeRun(`../escapes/${name}`, JSON.stringify(options), [
      ...SOUND,
      line({ type: 'examination', diagnoses: [diagnosis] }),
      line({ type: 'end', reason: 'error', message: ESCAPE }),
    ])
    writeRun('../escapes/plain', HARMLESS, SOUND)
    writeRun(`../escapes/broken${ESCAPE}`, `{${ESCAPE}`, SOUND)
    writeFileSync(join(folder, 'model.zip'), ESCAPE)
  })

  test.each([
    'runs escapes',
    'compare escapes',
    'plot escapes --out escapes.svg',
    `show escapes/${name}`,
    `doctor escapes/${name}`,
    `export-metrics escapes/${name}`,
    `eval escapes/${name}`,
    `show escapes/broken${ESCAPE}`,
    `import model.zip --environment ${ESCAPE}`,
    `check ${ESCAPE}`,
    `train ${ESCAPE}`,
    `${ESCAPE}`,
  ])('sac %j', async command => {
    const { stdout, stderr } = await sac(command)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  })
})
