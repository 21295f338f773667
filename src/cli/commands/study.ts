import { spawnSync } from 'node:child_process'
import { extname } from 'node:path'
import type { Command } from '@commander-js/extra-typings'
import { parseStudy } from '../../run/study/study-file.ts'
import { readConfigFile } from '../config-file.ts'
import { stopOnSignals } from '../training/stop-signals.ts'

/** Adds `sac study`. */
export function addStudyCommand(program: Command): void {
  program
    .command('study')
    .summary('compare settings over tasks and seeds, on one page')
    .description(
      'Train every combination of variants, tasks and seeds that a file describes, as many at once as there are cores, ' +
        'and write a page about them: scores with intervals, learning curves, and the command of each cell. ' +
        'If it is interrupted, the same command resumes it.',
    )
    .argument('<file>', 'what to compare: a .yaml, .json, .ts or .js file')
    .option(
      '--out <directory>',
      'where runs, results and page go (default: the path of the file without its extension)',
    )
    .action(async (file, { out }) => {
      const study = parseStudy(await readConfigFile(file))
      const directory = out ?? file.slice(0, file.length - extname(file).length)
      const { signal, release } = stopOnSignals()
      try {
        const { reportStudy } = await import('../training/study.ts')
        const { stdout, stderr } = process
        const command = `sac study ${file}`
        const commit = commitHere()
        const surroundings = { directory, command, commit, stdout, stderr, signal }
        process.exitCode = await reportStudy(study, surroundings)
      } finally {
        release()
      }
    })
}

/** What the repository of the working directory is at, so that the page can say it; undefined outside of one. */
function commitHere(): string | undefined {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
