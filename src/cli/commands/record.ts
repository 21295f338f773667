import { existsSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod'
import { drawAction } from '../../env/action-space.ts'
import type { Env } from '../../env/env.ts'
import { episodeSeed } from '../../env/episode-seed.ts'
import { environmentIds } from '../../envs/registry.ts'
import { nearest } from '../../nearest.ts'
import { type Policy, policyFromParameters } from '../../policy/policy.ts'
import { createRandom } from '../../random.ts'
import { environmentName, GYMNASIUM, isModulePath, resolvePaths } from '../../run/environment-path.ts'
import type { FilmOptions } from '../../run/film/film.ts'
import { loadRun } from '../../run/load-run.ts'
import { UsageError } from '../../run/usage-error.ts'
import { policyNetworkOf } from '../../sac/policy-network.ts'
import { EVALUATION_STEPS } from '../../training/evaluate.ts'
import { closeAtEnd } from '../environments/close-in-time.ts'
import { envOptionFlag } from '../environments/env-option.ts'
import { environmentOf } from '../environments/environment.ts'
import { requireTrust, TRUST_FLAG, withoutOptions } from '../environments/require-trust.ts'
import { episodeSeedOption, flagsFor } from '../option-flags.ts'
import { formatCount } from '../output/format.ts'
import { say } from '../output/say.ts'

const pixels = (preset: number, description: string) =>
  z.int().min(16).max(1920).default(preset).meta({ description, allowed: 'a whole number from 16 to 1920' })

const recordingSchema = z.strictObject({
  episodes: z.int().min(1).default(1).meta({
    description: 'Episodes to record',
    allowed: 'a whole number of at least 1',
  }),
  maxSteps: z.int().min(1).default(EVALUATION_STEPS).meta({
    description: 'Steps after which an episode is cut off',
    allowed: 'a whole number of at least 1',
  }),
  seed: episodeSeedOption("Seed of the environment, by default the run's, or 0"),
  width: pixels(320, 'Width in pixels'),
  height: pixels(240, 'Height in pixels'),
  fps: z.int().min(1).max(50).default(25).meta({
    description: 'Largest number of pictures per second of the simulation',
    allowed: 'a whole number from 1 to 50',
  }),
})

const KINDS = ['.gif', '.png'] as const

/** Adds `sac record`. */
export function addRecordCommand(program: Command): void {
  const command = program
    .command('record')
    .summary('record a run, or an environment, as pictures')
    .description(
      'Record what the policy of a run does, or random actions in an environment, as a GIF or PNG.',
    )
    .argument(
      '<run>',
      'directory of the run, as `sac train` printed it, or an environment, as for `sac train`',
    )
    .option(
      '--out <file>',
      'the file, replaced if it is there: .gif for a film, .png for its last picture (default <environment>.gif)',
    )
    .addOption(envOptionFlag())
    .option(...TRUST_FLAG)
  for (const flag of flagsFor(recordingSchema)) command.addOption(flag)

  command.action(async (name, { out, envOption = {}, trust, ...flags }) => {
    const { width, height, ...options } = recordingSchema.parse(flags)
    if (out !== undefined) requireWritable(out)
    const subject = await subjectOf(name, envOption, options.seed, trust)
    try {
      const file = out ?? `${subject.id.replace(/[^\w.#-]+/g, '-')}.gif`
      say(`Recording ${subject.what}, ${width} x ${height} pixels, in ${file}`)
      await record(subject, file, { width, height }, { ...options, seed: subject.seed })
    } finally {
      await closeAtEnd([subject.env])
    }
  })
}

function requireWritable(out: string): void {
  if (!KINDS.some(kind => kind === extname(out))) {
    throw new UsageError(`The recording ${out} must have a name that ends in ${KINDS.join(' or ')}.`)
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
    const { settings, parameters, steps } = loadRun(name)
    const id = environmentName(settings.environment)
    await requireTrust(name, withoutOptions(settings, environmentOptions), trust)
    const options = { ...settings.environmentOptions, ...environmentOptions }
    const env = await environmentOf({ ...settings, environmentOptions: options })
    const what = `${id} after ${formatCount(steps)} steps of training`
    const policy = policyFromParameters(parameters, env, policyNetworkOf(settings.options, env.actionSpace))
    return { id, what, env, policy, seed: seed ?? episodeSeed(env, settings.options.seed) }
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
  size: { width: number; height: number },
  options: FilmOptions & { maxSteps: number },
): Promise<void> {
  // Imported here, so that help and error messages need not wait for it.
  const { saveFilm } = await import('../../run/film/save-film.ts')
  const { pictures, returns, steps, cutOff, bytes } = await saveFilm(policy, env, file, size, options)
  const episodes = returns.length === 1 ? 'episode' : `${returns.length} episodes`
  const results = returns.map(value => value.toFixed(1)).join(', ')
  const kilobytes = `${formatCount(Math.ceil(bytes / 1000))} kB`
  say(
    `Recorded ${episodes}, ${formatCount(steps)} steps, return ${results}; ` +
      `${formatCount(pictures)} picture${pictures === 1 ? '' : 's'}, ${kilobytes}`,
  )
  if (cutOff === 0) return
  const ended =
    returns.length === 1
      ? 'The episode did not end by itself'
      : `${cutOff} of ${returns.length} episodes did not end by themselves`
  say(`note: ${ended}; cut off after ${formatCount(options.maxSteps)} steps (--max-steps)`)
}
