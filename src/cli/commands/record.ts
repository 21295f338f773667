import { existsSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { createTransitionWriter, WRITABLE, type WritableFormat } from '../../data/write.ts'
import { drawAction } from '../../env/action-space.ts'
import type { Env } from '../../env/env.ts'
import { type RecordedEnv, recordTransitions } from '../../env/record-transitions.ts'
import { environmentIds } from '../../envs/registry.ts'
import { nearest } from '../../nearest.ts'
import { option } from '../../options.ts'
import type { Policy } from '../../policy/policy.ts'
import { createRandom } from '../../random.ts'
import { environmentName, GYMNASIUM, isModulePath, resolvePaths } from '../../run/environment-path.ts'
import { environmentOf } from '../../run/environments/environment.ts'
import type { FilmOptions } from '../../run/film/film.ts'
import { loadSettings } from '../../run/load-run.ts'
import { UsageError } from '../../run/usage-error.ts'
import { openRunPolicy } from '../../run/use-run.ts'
import { writeFileAtomically } from '../../run/write-file.ts'
import { EVALUATION_STEPS, evaluate } from '../../training/evaluate.ts'
import { closeAtEnd } from '../environments/close-in-time.ts'
import { envOptionFlag } from '../environments/env-option.ts'
import { requireTrust, TRUST_FLAG, withoutOptions } from '../environments/require-trust.ts'
import { episodeSeedOption, flagsFor } from '../option-flags.ts'
import { formatCount } from '../output/format.ts'
import { say } from '../output/say.ts'

const pixels = (preset: number, description: string) =>
  option(
    z._default(z.int().check(z.minimum(16), z.maximum(1920)), preset),
    description,
    'a whole number from 16 to 1920',
  )

const recordingSchema = z.strictObject({
  episodes: option(
    z._default(z.int().check(z.minimum(1)), 1),
    'Episodes to record',
    'a whole number of at least 1',
  ),
  maxSteps: option(
    z._default(z.int().check(z.minimum(1)), EVALUATION_STEPS),
    'Steps after which an episode is cut off',
    'a whole number of at least 1',
  ),
  seed: episodeSeedOption("Seed of the environment, by default the run's, or 0"),
  width: pixels(320, 'Width in pixels'),
  height: pixels(240, 'Height in pixels'),
  fps: option(
    z._default(z.int().check(z.minimum(1), z.maximum(50)), 25),
    'Largest number of pictures per second of the simulation',
    'a whole number from 1 to 50',
  ),
})

const KINDS = ['.gif', '.png'] as const

/** Adds `sac record`. */
export function addRecordCommand(program: Command): void {
  const command = program
    .command('record')
    .summary('record a run, or an environment, as pictures or as transitions')
    .description(
      'Record what the policy of a run does, or random actions in an environment, as a GIF or PNG, or as transitions to learn from.',
    )
    .argument(
      '<run>',
      'directory of the run, as `sac train` printed it, or an environment, as for `sac train`',
    )
    .option(
      '--out <file>',
      'the file, replaced if it is there: .gif for a film, .png for its last picture (default <environment>.gif)',
    )
    .option(
      '--transitions <file>',
      'record every step for `sac train --demonstrations`: .jsonl or .npz, replaced if it is there; a film only with --out',
    )
    .addOption(envOptionFlag())
    .option(...TRUST_FLAG)
  for (const flag of flagsFor(recordingSchema)) command.addOption(flag)

  command.action(async (name, { out, transitions, envOption = {}, trust, ...flags }) => {
    const { width, height, ...options } = recordingSchema.parse(flags)
    if (out !== undefined) requireWritable(out, KINDS)
    const format = transitions === undefined ? undefined : formatOf(transitions)
    const subject = await subjectOf(name, envOption, options.seed, trust)
    try {
      const { id, what, seed } = subject
      const writer = format && createTransitionWriter(format)
      const env = writer ? recordTransitions(subject.env, writer.add) : subject.env
      if (out !== undefined || !writer) {
        const file = out ?? `${id.replace(/[^\w.#-]+/g, '-')}.gif`
        say(`Recording ${what}, ${width} x ${height} pixels, in ${file}`)
        await record({ ...subject, env }, file, { width, height }, { ...options, seed })
      } else {
        say(`Recording ${what} in ${transitions}`)
        const { episodes, maxSteps } = options
        const {
          returns,
          lengths,
          cutOff = 0,
        } = await evaluate(subject.policy, env, { episodes, maxSteps, seed })
        describeEpisodes({ returns, cutOff, steps: lengths.reduce((a, b) => a + b) }, maxSteps)
      }
      if (!writer) return
      ;(env as RecordedEnv).finish()
      writeFileAtomically(transitions!, writer.finish())
      say(`Recorded ${formatCount(writer.count)} transitions in ${transitions}`)
    } finally {
      await closeAtEnd([subject.env])
    }
  })
}

/** The format of a file of transitions, by its name. */
function formatOf(file: string): WritableFormat {
  requireWritable(
    file,
    WRITABLE.map(format => `.${format}`),
  )
  return extname(file).slice(1) as WritableFormat
}

function requireWritable(out: string, kinds: readonly string[]): void {
  if (!kinds.some(kind => kind === extname(out))) {
    throw new UsageError(`The recording ${out} must have a name that ends in ${kinds.join(' or ')}.`)
  }
  if (!existsSync(dirname(out))) throw new UsageError(`There is no directory ${dirname(out)} for ${out}.`)
}

/** What is recorded. */
interface Subject {
  id: string
  /** In words. */
  what: string
  env: Env
  policy: Policy
  seed: number
}

async function subjectOf(
  name: string,
  environmentOptions: Record<string, unknown>,
  seed: number | undefined,
  trust: boolean | undefined,
): Promise<Subject> {
  // Only the last part decides, because paths of runs have folders in them too.
  const isModule = isModulePath(basename(name))
  if (existsSync(name) && !isModule) {
    await requireTrust(name, withoutOptions(loadSettings(name), environmentOptions), trust)
    const { settings, steps, env, policy, ...opened } = await openRunPolicy(name, {
      environmentOptions,
      trust: true,
    })
    const id = environmentName(settings.environment)
    const what = `${id} after ${formatCount(steps)} steps of training`
    return { id, what, env, policy, seed: seed ?? opened.seed }
  }
  if (!(environmentIds().includes(name) || isModule || name.startsWith(GYMNASIUM))) {
    const meant = nearest(name, environmentIds())
    const hint = meant ? `; did you mean '${meant}'?` : '. `sac envs` lists the environments.'
    throw new UsageError(`'${name}' is neither the directory of a run nor an environment${hint}`)
  }
  const id = environmentName(name)
  const env = await environmentOf(resolvePaths({ environment: name, environmentOptions }, process.cwd()))
  const what = `${id} with random actions`
  return { id, what, env, policy: randomPolicy(env, seed ?? 0), seed: seed ?? 0 }
}

function randomPolicy({ actionSpace }: Env, seed: number): Policy {
  const random = createRandom(seed, 'recording')
  return { act: () => drawAction(actionSpace, random) }
}

async function record(
  { env, policy }: Subject,
  file: string,
  picture: { width: number; height: number },
  options: FilmOptions & { maxSteps: number },
): Promise<void> {
  // Imported here, so that help and error messages need not wait for it.
  const { saveFilm } = await import('../../run/film/save-film.ts')
  const { pictures, returns, steps, cutOff, bytes } = await saveFilm(policy, env, file, picture, options)
  const kilobytes = `${formatCount(Math.ceil(bytes / 1000))} kB`
  const size = `; ${formatCount(pictures)} picture${pictures === 1 ? '' : 's'}, ${kilobytes}`
  describeEpisodes({ returns, steps, cutOff }, options.maxSteps, size)
}

/** @param more what else there is to say of the recording */
function describeEpisodes(
  { returns, steps, cutOff }: { returns: readonly number[]; steps: number; cutOff: number },
  maxSteps: number,
  more = '',
): void {
  const episodes = returns.length === 1 ? 'episode' : `${returns.length} episodes`
  const results = returns.map(value => value.toFixed(1)).join(', ')
  say(`Recorded ${episodes}, ${formatCount(steps)} steps, return ${results}${more}`)
  if (cutOff === 0) return
  const ended =
    returns.length === 1
      ? 'The episode did not end by itself'
      : `${cutOff} of ${returns.length} episodes did not end by themselves`
  say(`note: ${ended}; cut off after ${formatCount(maxSteps)} steps (--max-steps)`)
}
