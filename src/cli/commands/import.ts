import { readFileSync } from 'node:fs'
import type { Command } from '@commander-js/extra-typings'
import type { Env } from '../../env/env.ts'
import { ModelFileError } from '../../import/model-file-error.ts'
import { type ImportedAgent, importStableBaselines3 } from '../../import/stable-baselines3.ts'
import { resolvePaths } from '../../run/environment-path.ts'
import { createRunDirectory, saveAgent, writeRunConfig } from '../../run/run-directory.ts'
import { parseSettings } from '../../run/settings.ts'
import { UsageError } from '../../run/usage-error.ts'
import { envOptionFlag } from '../environments/env-option.ts'
import { environmentOf } from '../environments/environment.ts'
import { trustOwnRun } from '../environments/require-trust.ts'
import { formatCount } from '../output/format.ts'

/** Adds `sac import`. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .summary('make a run of an agent that Stable-Baselines3 has trained')
    .description(
      'Make a run of an agent that SAC of Stable-Baselines3 has trained, to evaluate, export or train further. ' +
        'Nothing in the file is executed.',
    )
    .argument('<file>', 'the .zip file that save() wrote')
    .requiredOption('--environment <id>', 'the environment it was trained in; `sac envs` lists them')
    .addOption(envOptionFlag())
    .option('--out <directory>', 'the directory of the run (default runs/<environment>-seed<seed>)')
    .action(async (file, { environment, envOption = {}, out }) => {
      const imported = readAgent(file)
      const settings = parseSettings({
        ...resolvePaths({ environment, environmentOptions: envOption }, process.cwd()),
        steps: Math.max(imported.steps, 1),
        ...imported.options,
      })
      const env = await environmentOf(settings)
      try {
        requireSameSpaces(imported, env, file, environment)
        // Imported here, so that help and complaints need not wait for it.
        const { SAC } = await import('../../sac/agent.ts')
        const agent = await SAC.create(env, settings.options)
        agent.loadParameters(imported.parameters)
        agent.steps = imported.steps
        agent.learner.counters.updates = imported.updates
        const directory = createRunDirectory(settings, { out })
        writeRunConfig(directory, settings, `${imported.source}, imported`)
        trustOwnRun(directory, settings, console.log)
        saveAgent(directory, agent)
        await agent.dispose()
        for (const note of imported.notes) console.log(`note: ${note}`)
        console.log(
          `An agent of ${imported.source}, ${formatCount(imported.steps)} steps; saved in ${directory}`,
        )
        console.log(`To evaluate it: sac eval ${directory}`)
      } finally {
        await env.close?.()
      }
    })
}

function readAgent(file: string): ImportedAgent {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${(cause as Error).message}.`, { cause })
  }
  try {
    return importStableBaselines3(bytes)
  } catch (cause) {
    if (cause instanceof ModelFileError)
      throw new UsageError(`${file} cannot be imported: ${cause.message}`, { cause })
    throw cause
  }
}

/** @throws UsageError unless the environment has as many observations and actions as the agent, and its bounds */
function requireSameSpaces(imported: ImportedAgent, env: Env, file: string, environment: string): void {
  const { observationSize, actionSize, actionLow, actionHigh } = imported
  const sizes = (observations: number, actions: number) =>
    `${observations} observations and ${actions} actions`
  const [trained, here] = [
    sizes(observationSize, actionSize),
    sizes(env.observationSpace.size, env.actionSpace.size),
  ]
  if (trained !== here) throw new UsageError(`${file} has ${trained}, but ${environment} has ${here}.`)
  const { low, high } = env.actionSpace
  // As printed, with eight digits.
  const same = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b))
  for (let i = 0; i < actionSize; i++) {
    if (same(actionLow?.[i] ?? low[i], low[i]) && same(actionHigh?.[i] ?? high[i], high[i])) continue
    throw new UsageError(
      `${file} was trained with action ${i} from ${actionLow?.[i]} to ${actionHigh?.[i]}, but in ${environment} it ` +
        `ranges from ${low[i]} to ${high[i]}.`,
    )
  }
}
