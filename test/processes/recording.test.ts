import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from 'fast-png'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Env } from '../../src/env/env.ts'
import type { Scene2d } from '../../src/env/scene.ts'
import { box } from '../../src/env/spaces.ts'
import { type CanvasContext, drawScene } from '../../src/render/canvas.ts'
import { film, type Shot } from '../../src/run/film/film.ts'
import { createGif } from '../../src/run/film/gif.ts'
import { createPainter } from '../../src/run/film/painter.ts'
import { decodeGif } from './gif-decoder.ts'
import { runSac } from './sac-process.ts'

const policy = { act: () => Float32Array.of(0) }

/** Lasts `length` steps of `timeStep` s; shows how many it has taken. */
function clock({ length, timeStep }: { length: number; timeStep: number }): Env & { seeds: unknown[] } {
  let steps = 0
  const seeds: unknown[] = []
  return {
    seeds,
    observationSpace: box({ low: 0, high: 1 }),
    actionSpace: box({ low: 0, high: 1 }),
    reset({ seed } = {}) {
      seeds.push(seed)
      steps = 0
      return { observation: [0] }
    },
    step: () => ({ observation: [0], reward: 2, terminated: ++steps === length, truncated: false }),
    scene: async () => ({ ...hand(steps), timeStep }),
  }
}

/** A square that stands at x on white. */
const hand = (x: number): Scene2d => ({
  dimensions: 2,
  timeStep: 0.1,
  view: { left: 0, right: 32, bottom: 0, top: 24 },
  background: '#ffffff',
  shapes: [
    {
      type: 'polygon',
      points: [
        [x, 0],
        [x + 4, 0],
        [x + 4, 4],
        [x, 4],
      ],
      fill: '#ff0000',
    },
  ],
})

async function shotsOf(env: Env, options: Partial<Parameters<typeof film>[2]> = {}): Promise<Shot[]> {
  const shots: Shot[] = []
  for await (const shot of film(policy, env, { episodes: 1, seed: 5, fps: 25, ...options })) shots.push(shot)
  return shots
}

describe('a film', () => {
  test('shows the start, as many steps between as are wanted, and the end', async () => {
    // 25 pictures a second of steps of 0.01 s: every fourth step.
    const shots = await shotsOf(clock({ length: 10, timeStep: 0.01 }))
    expect(shots.map(({ step }) => step)).toEqual([0, 4, 8, 10])
    expect(shots.map(({ seconds }) => seconds)).toEqual([0.04, 0.04, 0.04, 0.6])
    expect(shots.map(shot => shot.return)).toEqual([0, 8, 16, 20])
    expect(shots.map(({ last }) => last)).toEqual([false, false, false, true])
    expect(shots[1].scene).toEqual({ ...hand(4), timeStep: 0.01 })
  })

  test('shows each step where that is not often enough, at the speed of the simulation', async () => {
    const shots = await shotsOf(clock({ length: 3, timeStep: 0.1 }), { fps: 50 })
    expect(shots.map(({ step, seconds }) => [step, seconds])).toEqual([
      [0, 0.1],
      [1, 0.1],
      [2, 0.1],
      [3, 0.6],
    ])
  })

  test('cuts episodes off, and goes on without a seed', async () => {
    const env = clock({ length: 100, timeStep: 0.1 })
    const shots = await shotsOf(env, { episodes: 2, maxSteps: 2 })
    expect(shots.map(({ step }) => step)).toEqual([0, 1, 2, 0, 1, 2])
    expect(env.seeds).toEqual([5, undefined])
  })

  test('needs an environment that can be seen', async () => {
    await expect(
      shotsOf({ ...clock({ length: 1, timeStep: 1 }), id: 'Dark-v0', scene: undefined }),
    ).rejects.toThrow('Dark-v0 has no scene(), and so no picture.')
  })
})

describe('a GIF', () => {
  const size = { width: 32, height: 24 }

  test('gives the pictures back, with their times', async () => {
    const gif = createGif(size)
    const paint = createPainter(size)
    const pictures: Uint8ClampedArray[] = []
    for (let i = 0; i < 6; i++) {
      const pixels = await paint(hand(2 * i))
      pictures.push(pixels.slice())
      gif.add(pixels, 0.044)
    }
    const { width, height, loops, frames } = decodeGif(gif.finish())
    expect({ width, height, loops }).toEqual({ ...size, loops: 0 })
    // Hundredths of a second, as near as can be to 0.044, 0.088, 0.132, ... in all.
    expect(frames.map(({ seconds }) => seconds)).toEqual([0.04, 0.05, 0.04, 0.05, 0.04, 0.04])
    for (const [i, { pixels }] of frames.entries()) {
      for (let pixel = 0; pixel < 32 * 24; pixel++) {
        for (let channel = 0; channel < 3; channel++) {
          const error = Math.abs(pixels[3 * pixel + channel] - pictures[i][4 * pixel + channel])
          expect(error, `picture ${i}, pixel ${pixel}`).toBeLessThan(8)
        }
      }
    }
  })

  test('takes new colours when there are some', () => {
    const gif = createGif(size)
    const plain = (r: number, g: number, b: number) => {
      const pixels = new Uint8ClampedArray(4 * 32 * 24)
      for (let i = 0; i < pixels.length; i += 4) pixels.set([r, g, b, 255], i)
      return pixels
    }
    const colors = [
      [200, 40, 40],
      [40, 200, 40],
      [40, 40, 200],
      [200, 40, 40],
    ] as const
    for (const [r, g, b] of colors) gif.add(plain(r, g, b), 0.1)
    const { frames } = decodeGif(gif.finish())
    for (const [i, { pixels }] of frames.entries()) {
      for (let channel = 0; channel < 3; channel++) {
        expect(Math.abs(pixels[channel] - colors[i][channel])).toBeLessThan(8)
      }
    }
  })

  test('hardly grows where nothing moves', async () => {
    const pixels = (await createPainter(size)(hand(3))).slice()
    const bytes = (count: number) => {
      const gif = createGif(size)
      for (let i = 0; i < count; i++) gif.add(pixels, 0.1)
      return gif.finish().length
    }
    expect(bytes(11) - bytes(1)).toBeLessThan(10 * 100)
  })
})

describe('drawing on a canvas', () => {
  /** Writes down what is done to it. */
  function spy() {
    const calls: unknown[] = []
    const context = new Proxy({} as CanvasContext, {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          calls.push([name, ...args]),
      set: (_, name, value) => calls.push([name, value]) > 0,
    })
    return { calls, context }
  }

  test('fits the view into the middle, y upwards', () => {
    const { calls, context } = spy()
    drawScene(
      context,
      { ...hand(0), view: { left: 10, right: 20, bottom: 0, top: 5 } },
      { width: 100, height: 100 },
    )
    // 10 pixels to a metre; the view is 50 pixels high, from row 25 to 75.
    expect(calls).toContainEqual(['setTransform', 10, 0, 0, -10, -100, 75])
    expect(calls.slice(0, 3)).toEqual([
      ['setTransform', 1, 0, 0, 1, 0, 0],
      ['fillStyle', '#ffffff'],
      ['fillRect', 0, 0, 100, 100],
    ])
  })

  test('draws every kind of shape from back to front', () => {
    const { calls, context } = spy()
    const shapes: Scene2d['shapes'] = [
      { type: 'circle', center: [1, 2], radius: 3, fill: '#111111' },
      {
        type: 'line',
        points: [
          [0, 0],
          [1, 1],
        ],
        stroke: '#222222',
        strokeWidth: 0.5,
      },
      {
        type: 'polygon',
        points: [
          [0, 0],
          [1, 0],
          [0, 1],
        ],
        fill: '#333333',
        stroke: '#444444',
      },
    ]
    drawScene(context, { ...hand(0), shapes }, { width: 32, height: 24 })
    const drawn = calls.slice(calls.findIndex(call => (call as string[])[0] === 'beginPath'))
    expect(drawn).toEqual([
      ['beginPath'],
      ['arc', 1, 2, 3, 0, 2 * Math.PI],
      ['fillStyle', '#111111'],
      ['fill'],
      ['beginPath'],
      ['moveTo', 0, 0],
      ['lineTo', 1, 1],
      ['strokeStyle', '#222222'],
      ['lineWidth', 0.5],
      ['stroke'],
      ['beginPath'],
      ['moveTo', 0, 0],
      ['lineTo', 1, 0],
      ['lineTo', 0, 1],
      ['closePath'],
      ['fillStyle', '#333333'],
      ['fill'],
      ['strokeStyle', '#444444'],
      ['lineWidth', 0.03],
      ['stroke'],
    ])
  })

  test('and headless: the pixels are where the shapes are', async () => {
    const pixels = await createPainter({ width: 32, height: 24 })(hand(10))
    const at = (x: number, y: number) => Array.from(pixels.slice(4 * (y * 32 + x), 4 * (y * 32 + x) + 4))
    expect(at(12, 22)).toEqual([255, 0, 0, 255])
    expect([at(12, 2), at(2, 22), at(20, 22)]).toEqual(Array(3).fill([255, 255, 255, 255]))
  })
})

test('without @napi-rs/canvas, pictures in two dimensions are refused, with what to install', async () => {
  vi.doMock('@napi-rs/canvas', () => {
    throw new Error('not installed')
  })
  await expect(createPainter({ width: 32, height: 24 })(hand(0))).rejects.toThrow(
    'npm install @napi-rs/canvas',
  )
  vi.doUnmock('@napi-rs/canvas')
})

describe('sac record', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sac-record-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const sac = (args: string) => runSac(args, { cwd: folder })

  test('films a run', async () => {
    const training = '--steps 60 --learning-starts 40 --hidden-sizes 8 --batch-size 8 --evaluation-episodes 1'
    expect(await sac(`train Pendulum-v1 ${training} --seed 3 --out run`)).toMatchObject({ code: 0 })
    const options = '--episodes 2 --max-steps 10 --width 64 --height 48 --fps 10'
    const { code, stdout, stderr } = await sac(`record run --out agent.gif ${options}`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(
      'Recording Pendulum-v1 after 60 steps of training, 64 x 48 pixels, in agent.gif\n',
    )
    expect(stdout).toMatch(/Recorded 2 episodes, 20 steps, return -[\d.]+, -[\d.]+; 12 pictures, \d+ kB\n/)
    expect(stdout).toMatch(
      /\nnote: 2 of 2 episodes did not end by themselves; cut off after 10 steps \(--max-steps\)\n$/,
    )
    const { width, height, frames } = decodeGif(readFileSync(join(folder, 'agent.gif')))
    expect({ width, height }).toEqual({ width: 64, height: 48 })
    // Steps of 0.05 s, two to a picture.
    const episode = [0.1, 0.1, 0.1, 0.1, 0.1, 0.6]
    expect(frames.map(({ seconds }) => seconds)).toEqual([...episode, ...episode])

    // The same again, to the last bit; another seed is another film.
    const first = readFileSync(join(folder, 'agent.gif'))
    await sac(`record run --out agent.gif ${options} --seed 3`)
    expect(readFileSync(join(folder, 'agent.gif')).equals(first)).toBe(true)
    await sac(`record run --out agent.gif ${options} --seed 4`)
    expect(readFileSync(join(folder, 'agent.gif')).equals(first)).toBe(false)
  })

  test('films an environment in space with random actions, and takes a single picture', async () => {
    const small = '--width 64 --height 48'
    const filmed = await sac(`record Reacher-v5 --max-steps 10 ${small}`)
    expect(filmed).toMatchObject({ code: 0, stderr: '' })
    expect(filmed.stdout).toContain('Recording Reacher-v5 with random actions')
    // Steps of 0.02 s, two to a picture of 25 a second.
    expect(decodeGif(readFileSync(join(folder, 'Reacher-v5.gif'))).frames).toHaveLength(6)

    const pictured = await sac(`record Reacher-v5 --max-steps 10 ${small} --out reacher.png`)
    expect(pictured.stdout).toContain('1 picture, ')
    const { width, height, data } = decode(readFileSync(join(folder, 'reacher.png')))
    expect({ width, height }).toEqual({ width: 64, height: 48 })
    expect(new Set(data).size).toBeGreaterThan(50)
  })

  test('films environments of files that have a scene, and says which have none', async () => {
    const file = (scene: string) => `export default () => ({
      id: 'Own-v0',
      observationSpace: { kind: 'box', shape: [1], size: 1, low: Float32Array.of(0), high: Float32Array.of(1) },
      actionSpace: { kind: 'box', shape: [1], size: 1, low: Float32Array.of(0), high: Float32Array.of(1) },
      reset: () => ({ observation: [0] }),
      step: () => ({ observation: [0], reward: 0, terminated: false, truncated: true }),
      ${scene}
    })`
    writeFileSync(join(folder, 'seen.mjs'), file(`scene: () => (${JSON.stringify(hand(1))})`))
    writeFileSync(join(folder, 'unseen.mjs'), file(''))
    expect(await sac('record ./seen.mjs')).toMatchObject({ code: 0, stderr: '' })
    expect(decodeGif(readFileSync(join(folder, 'seen.gif'))).frames).toHaveLength(2)
    const { code, stderr } = await sac('record unseen.mjs')
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'error: Own-v0 has no scene(), and so no picture.\n',
    })
  })

  test('takes settings of the environment', async () => {
    const filmed = await sac('record Pendulum-v1 --env-option gravity=0 --max-steps 2 --out still.png')
    expect(filmed).toMatchObject({ code: 0, stderr: '' })
  })

  test.each([
    ['record runs/nothing', "'runs/nothing' is neither the directory of a run nor an environment"],
    ['record nothing', "'nothing' is neither the directory of a run nor an environment"],
    ['record Pendulum-v0', "an environment; did you mean 'Pendulum-v1'?"],
    ['record empty', 'There is no complete run in empty: it has no config.json.'],
    ['record Pendulum-v1 --out agent.mp4', 'agent.mp4 must have a name that ends in .gif or .png.'],
    ['record Pendulum-v1 --out nowhere/agent.gif', 'There is no directory nowhere for nowhere/agent.gif.'],
    ['record Pendulum-v1 --width 5000', "--width is '5000'; it must be a whole number from 16 to 1920."],
    ['record Pendulum-v1 --height 8.5', "--height is '8.5'; it must be a whole number from 16 to 1920."],
    ['record Pendulum-v1 --fps 0', "--fps is '0'; it must be a whole number from 1 to 50."],
    ['record Pendulum-v1 --env-option mass=2', "Pendulum-v1 has no option 'mass'"],
    ['record', "missing required argument 'run'"],
  ])('%s: is refused in one sentence', async (args, message) => {
    writeFileSync(join(folder, 'empty'), '')
    const { code, stdout, stderr } = await sac(args)
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(existsSync(join(folder, 'Pendulum-v1.gif'))).toBe(false)
  })
})
