/** What is measured in every library alike: the same work, in turn (A B C A B C ...) on the same cores. */
import { setTimeout } from 'node:timers/promises'
import { type Library, OURS, PEERS, type Subject, startSubject } from './subjects.ts'
import { type Series, type Table, tabulate } from './table.ts'
import type { AgentDescription } from './tasks.ts'

export interface Extent {
  peers: boolean
  /** Turns that each subject gets; twice as many where there is something to reach. */
  rounds: number
  /** Seconds of a turn. */
  seconds: number
  /** Fewer cases. */
  quick: boolean
}

const HALF_CHEETAH: [number, number] = [17, 6]
const SIZES: Record<string, [number, number]> = {
  HalfCheetah: HALF_CHEETAH,
  Humanoid: [348, 17],
  Pendulum: [3, 1],
}
const NETWORKS = {
  full: { hidden: [256, 256], batch: 256 },
  small: { hidden: [64, 64], batch: 64 },
}

/** How many times better than its peers this project should be. */
const REACH: Record<string, Partial<Record<Library, number>>> = {
  full: { sb3: 2, torch: 1.6, sbx: 1.2 },
  small: { sb3: 8, sbx: 1.5 },
  training: { sb3: 2, sbx: 1.2 },
}

const turnsFor = (reach: object, rounds: number): number =>
  Object.keys(reach).length > 0 ? 2 * rounds : rounds

const libraries = ({ peers }: Extent): Library[] => [...OURS, ...(peers ? PEERS : [])]

/** Every library with one thread and with two: the better one counts. */
function startAll(extent: Extent): Subject[] {
  return libraries(extent).flatMap(library => [startSubject(library, 1), startSubject(library, 2)])
}

/** Milliseconds after which threads that spin for more work have given up. */
const PAUSE = 50

/** Rounds of turns, one subject working at a time. */
async function inTurns(
  subjects: readonly Subject[],
  rounds: number,
  turn: (subject: Subject, index: number) => Promise<number>,
): Promise<Series[]> {
  const series = subjects.map(({ library, threads }): Series => ({ library, threads, values: [] }))
  for (let round = 0; round < rounds; round++) {
    for (const [i, subject] of subjects.entries()) {
      series[i].values.push(await turn(subject, i))
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

/** Gradient updates a second, and the processor time of one, which other programs on the machine do not stretch. */
export function updates(extent: Extent): Promise<Table[]> {
  const { rounds, seconds, quick } = extent
  return withSubjects(startAll(extent), async subjects => {
    const tables: Table[] = []
    for (const [network, { hidden, batch }] of Object.entries(NETWORKS)) {
      for (const [name, sizes] of Object.entries(SIZES)) {
        if (quick && name !== (network === 'full' ? 'HalfCheetah' : 'Pendulum')) continue
        const compilation: number[] = []
        for (const subject of subjects) {
          await subject.ask('create', { sizes, hidden, batch })
          await subject.ask('fill', { size: 20_000 })
          compilation.push(await subject.ask('first_update'))
          await subject.ask('update', { seconds: seconds / 2 })
        }
        const isNamed = name === (network === 'full' ? 'HalfCheetah' : 'Pendulum')
        const reach = isNamed ? REACH[network] : {}
        const processor = subjects.map(({ library, threads }): Series => ({ library, threads, values: [] }))
        const series = await inTurns(subjects, turnsFor(reach, rounds), async (subject, i) => {
          const pace = await subject.ask('update', { seconds })
          processor[i].values.push(pace.processor)
          return pace.rate
        })
        const what = `Updates, ${name} (${sizes[0]} observations, ${sizes[1]} actions), 2x${hidden[0]}, batch ${batch}`
        tables.push(
          tabulate(
            { what, unit: 'updates/s' },
            series.map((one, i) => ({ ...one, compilation: compilation[i] })),
            reach,
          ),
          tabulate({ what: `${what}: processor time of all threads`, unit: 'ms', more: false }, processor),
        )
      }
    }
    return tables
  })
}

/** Steps a second of whole training runs, one update a step. */
export function training(extent: Extent): Promise<Table[]> {
  const { rounds, quick } = extent
  const environments = quick ? ['HalfCheetah-v5'] : ['Pendulum-v1', 'HalfCheetah-v5', 'Humanoid-v5']
  return withSubjects(startAll(extent), async subjects => {
    const tables: Table[] = []
    for (const env of environments) {
      for (const subject of subjects) {
        await subject.ask('create', { env, ...NETWORKS.full })
        await subject.ask('train', { steps: 120 }) // 100 of them random; the rest compiles and warms up
      }
      const reach = env === 'HalfCheetah-v5' ? REACH.training : {}
      const series = await inTurns(subjects, turnsFor(reach, rounds), subject =>
        subject.ask('train', { steps: 60 }),
      )
      tables.push(
        tabulate(
          { what: `Training, ${env}, 2x256, batch 256, an update a step`, unit: 'steps/s' },
          series,
          reach,
        ),
      )
    }
    return tables
  })
}

/** Time of one deterministic action. */
export function latency(extent: Extent): Promise<Table[]> {
  const subjects = libraries(extent).map(library => startSubject(library, 1))
  return withSubjects(subjects, async subjects => {
    for (const subject of subjects) {
      await subject.ask('create', { sizes: HALF_CHEETAH, ...NETWORKS.full })
      await subject.ask('act', { calls: 2000 })
    }
    const series = await inTurns(subjects, extent.rounds, subject => subject.ask('act', { calls: 1000 }))
    const what = 'One deterministic action, 17 -> 256 -> 256 -> 6'
    return [tabulate({ what, unit: 'us', more: false }, series, { sb3: 5 })]
  })
}

/** Libraries as they choose themselves: this project with the engine it picks, threads left to each. */
const asChosen = ({ peers }: Extent): Library[] => ['auto', ...(peers ? PEERS : [])]
const start = (library: Library): Subject => startSubject(library, library === 'auto' ? 'auto' : 2)

/** Series of what fresh processes show, one process at a time. */
async function ofFreshProcesses(
  extent: Extent,
  rounds: number,
  measure: (subject: Subject, started: number) => Promise<number>,
): Promise<Series[]> {
  const all = asChosen(extent).map((library): Series => ({ library, threads: 'auto', values: [] }))
  for (let round = 0; round < rounds; round++) {
    for (const series of all) {
      const started = performance.now()
      await withSubjects([start(series.library)], async ([subject]) => {
        series.values.push(await measure(subject, started))
      })
    }
  }
  return all
}

/** Time from the command to the end of the first update: loading, compiling, 100 random steps. */
export async function firstUpdate(extent: Extent): Promise<Table[]> {
  const series = await ofFreshProcesses(extent, Math.min(3, extent.rounds), async (subject, started) => {
    await subject.ask('create', { env: 'Pendulum-v1', ...NETWORKS.full })
    await subject.ask('train', { steps: 101 })
    return (performance.now() - started) / 1000
  })
  const what = 'From the command to the first update, Pendulum-v1, 2x256, batch 256'
  return [tabulate({ what, unit: 's', more: false }, series, { sb3: 4 })]
}

/** Peak memory of a process with a full replay buffer. */
export async function memory(extent: Extent): Promise<Table[]> {
  const size = 1_000_000
  const series = await ofFreshProcesses(extent, 1, async subject => {
    await subject.ask('create', { env: 'HalfCheetah-v5', ...NETWORKS.full, buffer: size })
    await subject.ask('fill', { size })
    await subject.ask('update', { seconds: 2 })
    return await subject.ask('memory')
  })
  const what = 'Peak memory with 1,000,000 HalfCheetah-v5 transitions'
  return [tabulate({ what, unit: 'MB', more: false }, series, { sb3: 2 })]
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
  return [tabulate({ what, unit: 's', more: false }, series)]
}
