import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { option } from '../../options.ts'
import { environmentName } from '../../run/environment-path.ts'
import { loadSettings } from '../../run/load-run.ts'
import { evaluationLimit, trainingSchema } from '../../run/settings.ts'
import { openRunPolicy } from '../../run/use-run.ts'
import { evaluate } from '../../training/evaluate.ts'
import { closeAtEnd } from '../environments/close-in-time.ts'
import { requireTrust, TRUST_FLAG } from '../environments/require-trust.ts'
import { episodeSeedOption, flagsFor } from '../option-flags.ts'
import { reportEpisodes } from '../output/evaluation-progress.ts'
import { describeCutOff, formatCount, formatReturn } from '../output/format.ts'
import { say } from '../output/say.ts'

const evaluationSchema = z.strictObject({
  episodes: option(
    z._default(z.int().check(z.minimum(1)), 100),
    'Episodes to evaluate over',
    'a whole number of at least 1',
  ),
  evaluationSteps: option(
    z.optional(trainingSchema.shape.evaluationSteps.def.innerType),
    "Steps after which an episode is cut off, by default the run's setting",
    "'auto', 'never' or a whole number of at least 1",
  ),
  seed: episodeSeedOption("Seed of the environment, by default the run's"),
})

/** Adds `sac eval`. */
export function addEvalCommand(program: Command): void {
  const command = program
    .command('eval')
    .summary('evaluate the policy of a run')
    .description('Evaluate the deterministic policy that a run has learned.')
    .argument('<run>', 'directory of the run, as `sac train` printed it')
    .option(...TRUST_FLAG)
    .option('--best', 'use the policy of the best evaluation during training instead of the last one')
  for (const flag of flagsFor(evaluationSchema)) command.addOption(flag)

  command.action(async (directory, { best, trust, ...flags }) => {
    const { episodes, seed, evaluationSteps } = evaluationSchema.parse(flags)
    await requireTrust(directory, loadSettings(directory), trust)
    // Asked already, as far as it is a question.
    const { settings, steps, policy, env, ...opened } = await openRunPolicy(directory, { best, trust: true })
    try {
      const result = await evaluate(policy, env, {
        episodes,
        maxSteps: evaluationLimit({ ...settings, ...(evaluationSteps !== undefined && { evaluationSteps }) }),
        seed: seed ?? opened.seed,
        onEpisode: reportEpisodes(episodes, say),
      })
      const { returns } = result
      say(
        `${environmentName(settings.environment)} after ${formatCount(steps)} steps of training: ${formatReturn(result)}`,
      )
      say(`lowest ${Math.min(...returns).toFixed(1)}, highest ${Math.max(...returns).toFixed(1)}`)
      if (result.cutOff) say(describeCutOff(result))
    } finally {
      await closeAtEnd([env])
    }
  })
}
