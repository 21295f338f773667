import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import type { Env } from '../../env/env.ts'
import { environmentIds } from '../../envs/registry.ts'
import { nearest } from '../../nearest.ts'
import { option } from '../../options.ts'
import type { Policy } from '../../policy/policy.ts'
import { environmentName, GYMNASIUM, isModulePath, resolvePaths } from '../../run/environment-path.ts'
import { environmentOf } from '../../run/environments/environment.ts'
import { loadSettings } from '../../run/load-run.ts'
import { type Recorded, randomPolicy, recordPolicy, requireRecording } from '../../run/record-run.ts'
import { UsageError } from '../../run/usage-error.ts'
import { openRunPolicy } from '../../run/use-run.ts'
import { EVALUATION_STEPS } from '../../training/evaluate.ts'
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
    const options = recordingSchema.parse(flags)
    const filmed = out !== undefined || transitions === undefined
    if (!filmed || out !== undefined) requireRecording({ film: out, transitions })
    const subject = await subjectOf(name, envOption, options.seed, trust)
    try {
      const { id, what, seed, policy, env } = subject
      const film = filmed ? (out ?? `${id.replace(/[^\w.#-]+/g, '-')}.gif`) : undefined
      const size = film === undefined ? '' : `, ${options.width} x ${options.height} pixels,`
      say(`Recording ${what}${size} in ${film ?? transitions}`)
      const recorded = await recordPolicy(policy, env, { ...options, seed, film, transitions })
      describeEpisodes(recorded, options.maxSteps)
      if (recorded.transitions !== undefined) {
        say(`Recorded ${formatCount(recorded.transitions)} transitions in ${transitions}`)
      }
    } finally {
      await closeAtEnd([subject.env])
    }
  })
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

function describeEpisodes({ returns, steps, cutOff, pictures, bytes }: Recorded, maxSteps: number): void {
  const episodes = returns.length === 1 ? 'episode' : `${returns.length} episodes`
  const results = returns.map(value => value.toFixed(1)).join(', ')
  const size =
    pictures === undefined || bytes === undefined
      ? ''
      : `; ${formatCount(pictures)} picture${pictures === 1 ? '' : 's'}, ${formatCount(Math.ceil(bytes / 1000))} kB`
  say(`Recorded ${episodes}, ${formatCount(steps)} steps, return ${results}${size}`)
  if (cutOff === 0) return
  const ended =
    returns.length === 1
      ? 'The episode did not end by itself'
      : `${cutOff} of ${returns.length} episodes did not end by themselves`
  say(`note: ${ended}; cut off after ${formatCount(maxSteps)} steps (--max-steps)`)
}
