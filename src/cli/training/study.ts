import { join } from 'node:path'
import { isOpen, makeStudy } from '../../run/study/make-study.ts'
import { nameOf, type Study } from '../../run/study/study-file.ts'
import { showStudy } from '../output/study-progress.ts'
import type { Interruption } from './stop-signals.ts'

/** What the page of a study says, where the study is made and reported, and what stops it. */
interface Surroundings {
  directory: string
  command: string
  commit?: string
  stdout: NodeJS.WriteStream
  stderr: { write(text: string): unknown }
  signal: AbortSignal
}

/**
 * Makes a study and reports how it goes.
 * @returns the exit code: 0 if every training has ended, in divergence too, which is a result
 */
export async function reportStudy(
  study: Study,
  { stdout, stderr, ...options }: Surroundings,
): Promise<number> {
  const { directory, signal } = options
  let progress: Awaited<ReturnType<typeof showStudy>> | undefined
  const onAbort = () => progress?.note('Stopping; the same command resumes the study.')
  signal.addEventListener('abort', onAbort)
  try {
    const { results } = await makeStudy(study, {
      ...options,
      async onBegin(jobs, atOnce) {
        const done = jobs.filter(({ open }) => !open).length
        stdout.write(
          `${study.title}: ${jobs.length} trainings, ${done} of them done before, in ${directory}\n`,
        )
        progress = await showStudy(jobs, { atOnce, stream: stdout })
      },
      onTraining({ training, directory }, error) {
        if (!error) return
        const name = `${nameOf(training)}, seed ${training.seed}`
        progress?.note(`${name}: ${error}`)
        if (isOpen(training, directory)) stderr.write(`error: ${name} left no result\n`)
      },
    })
    progress?.stop()
    stdout.write(`The page of the study: ${join(directory, 'README.md')}\n`)
    if (signal.aborted) return (signal.reason as Interruption).exitCode
    return results.some(({ status }) => status === 'open') ? 1 : 0
  } finally {
    progress?.stop()
    signal.removeEventListener('abort', onAbort)
  }
}
