/**
 * What is measured in every library alike: the same work, in turn (A B C A B C ...), on one core and on two. On one
 * core all threads of a subject share a processor; on two, its busy threads are spread over both.
 */
import { setTimeout } from 'node:timers/promises'
import { type Cores, type Library, type Subject, startSubject } from './subjects.ts'
import { forEachCores, type Reach, type Series, type Table, tabulate } from './table.ts'
import type { AgentDescription, Pace } from './tasks.ts'

export interface Extent {
  /** What can be measured here: engines of ours, and peers that are installed. */
  libraries: readonly Library[]
  /** One core, and two if the machine gives two threads more than one. */
  cores: readonly Cores[]
  /** Turns that each subject gets. */
  rounds: number
  /** Seconds of a turn. */
  seconds: number
  /** Fewer cases. */
  quick: boolean
}

const HALF_CHEETAH: [number, number] = [17, 6]
const NETWORKS = {
  full: { hidden: [256, 256], batch: 256 },
  small: { hidden: [64, 64], batch: 64 },
}

/** What updates are measured with, and how far ahead this project's subjects should be. */
interface Case {
  id: string
  name: string
  sizes: [number, number]
  network: keyof typeof NETWORKS
  reaches: Partial<Record<Cores, Reach[]>>
}

const CASES: readonly Case[] = [
  {
    id: 'full',
    name: 'HalfCheetah',
    sizes: HALF_CHEETAH,
    network: 'full',
    reaches: {
      1: [
        { subject: 'native', against: 'sbx', atLeast: 1.4 },
        { subject: 'wasm-fast-wide', against: 'sbx', atLeast: 1 },
        { subject: 'wasm-wide', against: 'sbx', atLeast: 0.7 },
      ],
      2: [
        { subject: 'native', against: 'sbx', atLeast: 1.6 },
        { subject: 'wasm-fast-wide', against: 'sbx', atLeast: 1.2 },
        { subject: 'wasm-wide', against: 'sbx', atLeast: 0.95 },
        { subject: 'native', against: 'sb3', atLeast: 4 },
        { subject: 'native', against: 'torch', atLeast: 2.5 },
      ],
    },
  },
  {
    id: 'humanoid',
    name: 'Humanoid',
    sizes: [348, 17],
    network: 'full',
    reaches: { 2: [{ subject: 'native', against: 'sbx', atLeast: 1.5 }] },
  },
  {
    id: 'small',
    name: 'Pendulum',
    sizes: [3, 1],
    network: 'small',
    reaches: {
      1: [
        { subject: 'wasm-wide', against: 'sbx', atLeast: 4 },
        { subject: 'wasm-wide', against: 'sb3', atLeast: 18 },
        { subject: 'wasm-wide', atLeast: 5000 },
      ],
    },
  },
]

/** Engines and libraries that learn at any size. */
const LEARNERS: readonly Library[] = [
  'native',
  'wasm-fast-wide',
  'wasm-fast',
  'wasm-wide',
  'wasm',
  'sbx',
  'sb3',
  'torch',
  'cleanrl',
]

const among = ({ libraries }: Extent, wanted: readonly Library[]): Library[] =>
  wanted.filter(library => libraries.includes(library))

/** Every library with one thread, and with two where there are two cores. */
const startAll = (extent: Extent, wanted: readonly Library[] = LEARNERS): Subject[] =>
  among(extent, wanted).flatMap(library => extent.cores.map(cores => startSubject(library, cores)))

/** Milliseconds after which threads that spin for more work have given up. */
const PAUSE = 50

/** Rounds of turns, one subject working at a time. */
async function inTurns(
  subjects: readonly Subject[],
  rounds: number,
  turn: (subject: Subject, round: number) => Promise<Pace | number>,
): Promise<Series[]> {
  const series = subjects.map(
    ({ library, threads, cores }): Series => ({ library, threads, cores, values: [] }),
  )
  for (let round = 0; round < rounds; round++) {
    for (const [i, subject] of subjects.entries()) {
      const found = await turn(subject, round)
      if (typeof found === 'number') series[i].values.push(found)
      else {
        series[i].values.push(found.rate)
        series[i].processor = [...(series[i].processor ?? []), found.processor]
      }
      await setTimeout(PAUSE)
    }
  }
  return series
}

async function withSubjects<T>(subjects: Subject[], use: (subjects: Subject[]) => Promise<T>): Promise<T> {
  try {
    return await use(subjects)
  } finally {
    await Promise.all(subjects.map(subject => subject.stop()))
  }
}

/** Makes an agent with something to learn from, and spreads its threads. Returns the seconds that compiling took. */
async function prepare(subject: Subject, agent: AgentDescription): Promise<number> {
  await subject.ask('create', agent)
  await subject.ask('fill', { size: 20_000 })
  const compilation = await subject.ask('first_update')
  // The kernel counts in hundredths of a second.
  await subject.warmUp(() => subject.ask('update', { seconds: 0.4 }))
  return compilation
}

/** Gradient updates a second. */
export function updates(extent: Extent): Promise<Table[]> {
  const { rounds, seconds, quick, cores } = extent
  return withSubjects(startAll(extent), async subjects => {
    const tables: Table[] = []
    for (const { id, name, sizes, network, reaches } of CASES) {
      if (quick && id === 'humanoid') continue
      const { hidden, batch } = NETWORKS[network]
      const compilation: number[] = []
      for (const subject of subjects) compilation.push(await prepare(subject, { sizes, hidden, batch }))
      const series = await inTurns(subjects, rounds, subject => subject.ask('update', { seconds }))
      const what = `Updates, sizes of ${name} (${sizes[0]} and ${sizes[1]}), 2x${hidden[0]}, batch ${batch}`
      tables.push(
        ...forEachCores(
          cores,
          { id, what, unit: 'updates/s' },
          series.map((one, i) => ({ ...one, compilation: compilation[i] })),
          reaches,
        ),
      )
    }
    return tables
  })
}

/** Two threads of the WebAssembly module where there is one processor: what the second costs. */
export async function packed(extent: Extent): Promise<Table[]> {
  const tables: Table[] = []
  for (const library of among(extent, ['wasm', 'native'])) {
    const subjects = [startSubject(library, 1, 1), startSubject(library, 2, 1)]
    await withSubjects(subjects, async subjects => {
      for (const subject of subjects) await prepare(subject, { sizes: HALF_CHEETAH, ...NETWORKS.full })
      const series = await inTurns(subjects, extent.rounds, subject =>
        subject.ask('update', { seconds: extent.seconds }),
      )
      const [one, two] = series.map(({ values }) => values)
      const share = {
        ...series[1],
        values: two.map((value, i) => (100 * value) / one[i]),
        processor: undefined,
      }
      const what = `Two threads on one processor, share of the speed of one, ${library}, 2x256, batch 256`
      const reach = { subject: library, atLeast: 95 }
      tables.push(tabulate({ id: `packed-${library}`, what, unit: '%', cores: 1 }, [share], [reach]))
    })
  }
  return tables
}

/** Steps a second of whole training runs, one update a step. */
export function training(extent: Extent): Promise<Table[]> {
  const { rounds, cores } = extent
  const wanted = LEARNERS.filter(library => library !== 'wasm-fast')
  return withSubjects(startAll(extent, wanted), async subjects => {
    for (const subject of subjects) {
      await subject.ask('create', { env: 'HalfCheetah-v5', ...NETWORKS.full })
      await subject.ask('train', { steps: 110 }) // 100 of them random; the rest compiles
      await subject.warmUp(() => subject.ask('train', { steps: 50 }))
    }
    const series = await inTurns(subjects, rounds, subject => subject.ask('train', { steps: 50 }))
    const what = 'Training, HalfCheetah-v5, 2x256, batch 256, an update a step'
    return forEachCores(cores, { id: 'training', what, unit: 'steps/s' }, series, {
      2: [
        { subject: 'native', against: 'sbx', atLeast: 1.5 },
        { subject: 'native', against: 'sb3', atLeast: 3 },
      ],
    })
  })
}

/** A whole training of Pendulum-v1, as rl_tools publishes it. */
export function pendulum(extent: Extent): Promise<Table[]> {
  const wanted = among(extent, ['native', 'wasm-fast-wide', 'wasm-wide', 'wasm', 'rl_tools'])
  return withSubjects(
    wanted.map(library => startSubject(library, 1)),
    async subjects => {
      const rounds = Math.min(3, extent.rounds)
      // The first of each compiles.
      for (const subject of subjects) await subject.ask('pendulum', { seed: 100 })
      const series = await inTurns(subjects, rounds, (subject, seed) => subject.ask('pendulum', { seed }))
      const what = 'Pendulum-v1, 10,000 steps, 2x64, batch 100, an update a step'
      // "As near as you get": what the ratio is, and no bound.
      return [tabulate({ id: 'pendulum', what, unit: 's', more: false, cores: 1 }, series)]
    },
  )
}

/** Time of one deterministic action. */
export function latency(extent: Extent): Promise<Table[]> {
  const subjects = among(extent, ['native', 'wasm', 'sbx', 'sb3', 'torch']).map(library =>
    startSubject(library, 1),
  )
  return withSubjects(subjects, async subjects => {
    for (const subject of subjects) {
      await subject.ask('create', { sizes: HALF_CHEETAH, ...NETWORKS.full })
      await subject.ask('act', { calls: 2000 })
    }
    const series = await inTurns(subjects, extent.rounds, subject => subject.ask('act', { calls: 1000 }))
    const what = 'One deterministic action, 17 -> 256 -> 256 -> 6'
    return [tabulate({ id: 'latency', what, unit: 'µs', more: false, cores: 1 }, series)]
  })
}

/** What fresh processes show, one at a time: this project with the engine it picks, threads left to each. */
async function ofFreshProcesses(
  extent: Extent,
  rounds: number,
  measure: (subject: Subject, started: number) => Promise<number>,
): Promise<Series[]> {
  const cores: Cores = extent.cores.includes(2) ? 2 : 1
  const libraries = among(extent, ['auto', 'sbx', 'sb3', 'torch', 'cleanrl'])
  const all = libraries.map((library): Series => ({ library, threads: cores, cores, values: [] }))
  for (let round = 0; round < rounds; round++) {
    for (const series of all) {
      const started = performance.now()
      await withSubjects([startSubject(series.library, cores)], async ([subject]) => {
        series.values.push(await measure(subject, started))
      })
    }
  }
  return all
}

const lessOnAllCores = (
  extent: Extent,
  head: { id: string; what: string; unit: string },
  series: Series[],
) => [tabulate({ ...head, more: false, cores: extent.cores.includes(2) ? 2 : 1 }, series)]

/** Time from the command to the end of the first update: loading, compiling, 100 random steps. */
export async function firstUpdate(extent: Extent): Promise<Table[]> {
  const series = await ofFreshProcesses(extent, Math.min(3, extent.rounds), async (subject, started) => {
    await subject.ask('create', { env: 'Pendulum-v1', ...NETWORKS.full })
    await subject.ask('train', { steps: 101 })
    return (performance.now() - started) / 1000
  })
  const what = 'From the command to the first update, Pendulum-v1, 2x256, batch 256'
  return lessOnAllCores(extent, { id: 'first-update', what, unit: 's' }, series)
}

/** Peak memory of a process with a full replay buffer. */
export async function memory(extent: Extent): Promise<Table[]> {
  const size = 1_000_000
  const series = await ofFreshProcesses(extent, 1, async subject => {
    await subject.ask('create', { env: 'HalfCheetah-v5', ...NETWORKS.full, buffer: size })
    await subject.ask('fill', { size })
    await subject.ask('update', { seconds: 1 })
    return await subject.ask('memory')
  })
  const what = 'Peak memory with 1,000,000 HalfCheetah-v5 transitions'
  return lessOnAllCores(extent, { id: 'memory', what, unit: 'MB' }, series)
}

const GOAL = -200
const EVALUATE_EVERY = 250
const LONGEST = 10_000

/** Training time until Pendulum-v1's evaluation first stays above -200: three evaluations in a row. */
export async function learning(extent: Extent): Promise<Table[]> {
  const description: AgentDescription = {
    env: 'Pendulum-v1',
    ...NETWORKS.small,
    learningRate: 1e-3,
    learningStarts: 500,
  }
  const series = await ofFreshProcesses(extent, extent.quick ? 1 : 3, async subject => {
    await subject.ask('create', description)
    const above: number[] = []
    let trained = 0
    for (let steps = 0; steps < LONGEST && above.length < 3; steps += EVALUATE_EVERY) {
      const began = performance.now()
      await subject.ask('train', { steps: EVALUATE_EVERY })
      trained += (performance.now() - began) / 1000
      const reached = (await subject.ask('evaluate', { episodes: 10 })) > GOAL
      if (reached) above.push(trained)
      else above.length = 0
    }
    return above.length === 3 ? above[0] : Number.POSITIVE_INFINITY
  })
  const what = `Training until Pendulum-v1 stays above ${GOAL}, 2x64, batch 64 (evaluation not counted)`
  return lessOnAllCores(extent, { id: 'learning', what, unit: 's' }, series)
}
