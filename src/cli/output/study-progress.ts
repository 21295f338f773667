import { existsSync } from 'node:fs'
import { mean } from 'simple-statistics'
import { summarizeRun } from '../../run/reports/run-summary.ts'
import type { StudyJob } from '../../run/study/make-study.ts'
import type { Training } from '../../run/study/study-file.ts'
import { resultOf } from '../../run/study/study-results.ts'
import { createBars } from './bars.ts'
import { formatDuration } from './format.ts'

/** How far a training has come. */
interface JobState {
  job: StudyJob
  ended: boolean
  steps: number
  /** Time that it has taken so far. */
  seconds: number
}

const BAR_MS = 2000
const LINES_MS = 30_000

/** Shows the progress of a study, read from the directories of its runs: a bar or, in a pipe, a line now and then. */
export async function showStudy(
  jobs: readonly StudyJob[],
  { atOnce, stream }: { atOnce: number; stream: NodeJS.WriteStream },
) {
  const ended = new Map<StudyJob, JobState>()
  const states = () =>
    jobs.map(job => {
      const state = ended.get(job) ?? stateOf(job)
      if (state.ended) ended.set(job, state)
      return state
    })
  const show = stream.isTTY ? await drawBar(stream, jobs.length) : writeLines(stream)
  const draw = () => {
    const now = states()
    const done = now.filter(state => state.ended).length
    const left = secondsLeft(now) / atOnce
    show.update(
      done,
      `${done} of ${jobs.length} trainings${Number.isFinite(left) && done < jobs.length ? `, ends ${endOf(left)}` : ''}`,
    )
  }
  draw()
  const timer = setInterval(draw, stream.isTTY ? BAR_MS : LINES_MS)
  return {
    note: show.note,
    stop() {
      clearInterval(timer)
      draw()
      show.stop()
    },
  }
}

/** `in about 1 h 20 min, at 14:05`. */
function endOf(seconds: number): string {
  const time = new Date(Date.now() + 1000 * seconds).toTimeString().slice(0, 5)
  return `in about ${formatDuration(seconds)}, at ${time}`
}

function stateOf(job: StudyJob): JobState {
  const { status, steps } = resultOf(job.training, job.directory)
  const ended = status !== 'open'
  const seconds = existsSync(job.directory) && (ended || steps > 0) ? summarizeRun(job.directory).seconds : 0
  return { job, ended, steps, seconds }
}

/** Time that one core would need for what is left, judged by the pace of similar trainings; NaN before any has made a step. */
export function secondsLeft(states: readonly Omit<JobState, 'directory'>[]): number {
  const paces = states
    .filter(({ steps, seconds }) => steps > 0 && seconds > 0)
    .map(({ job, steps, seconds }) => ({ ...job.training, pace: seconds / steps }))
  const paceOf = ({ task, variant }: Training) => {
    const same = paces.filter(other => other.task === task && other.variant === variant)
    const sameTask = paces.filter(other => other.task === task)
    const [alike = []] = [same, sameTask, paces].filter(group => group.length > 0)
    return alike.length > 0 ? mean(alike.map(({ pace }) => pace)) : Number.NaN
  }
  return states
    .filter(({ ended }) => !ended)
    .reduce((sum, { job, steps }) => sum + Math.max(0, job.steps - steps) * paceOf(job.training), 0)
}

async function drawBar(stream: NodeJS.WriteStream, total: number) {
  const bars = await createBars(stream)
  const bar = bars.create(total, 0, { text: '' }, { format: '{bar} {percentage}%  {text}' })
  return {
    update: (done: number, text: string) => bar.update(done, { text }),
    note(text: string) {
      bars.log(`${text}\n`)
      bars.update()
    },
    stop: () => bars.stop(),
  }
}

function writeLines(stream: NodeJS.WriteStream) {
  let last = ''
  return {
    update(_done: number, text: string) {
      if (text !== last) stream.write(`${text}\n`)
      last = text
    },
    note: (text: string) => void stream.write(`${text}\n`),
    stop() {},
  }
}
