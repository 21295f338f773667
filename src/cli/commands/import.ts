import type { Command } from '@commander-js/extra-typings'
import { importRun } from '../../run/import-run.ts'
import { closeAtEnd } from '../environments/close-in-time.ts'
import { envOptionFlag } from '../environments/env-option.ts'
import { trustOwnRun } from '../environments/require-trust.ts'
import { sacCommand } from '../output/commands.ts'
import { formatCount } from '../output/format.ts'
import { say } from '../output/say.ts'

/** Adds `sac import`. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .summary('make a run of an agent that Stable-Baselines3 has trained')
    .description(
      'Make a run of an agent that SAC, TD3 or DDPG of Stable-Baselines3 has trained, or TQC of sb3-contrib, to ' +
        'evaluate, export or train further. ' +
        'Nothing in the file is executed.',
    )
    .argument('<file>', 'the .zip file that save() wrote')
    .requiredOption('--environment <id>', 'the environment it was trained in; `sac envs` lists them')
    .addOption(envOptionFlag())
    .option(
      '--vec-normalize <file>',
      'the file that VecNormalize saved (default: the one in the folder of the .zip file, if there is one)',
    )
    .option(
      '--no-vec-normalize',
      'the agent was trained without VecNormalize: ignore such files in its folder',
    )
    .option('--out <directory>', 'the directory of the run (default runs/<environment>-seed<seed>)')
    .action(async (file, { environment, envOption = {}, vecNormalize, out }) => {
      const { directory, settings, imported, env } = await importRun(file, {
        environment,
        environmentOptions: envOption,
        vecNormalize,
        out,
      })
      try {
        trustOwnRun(directory, settings, say)
        for (const note of imported.notes) say(`note: ${note}`)
        say(
          `An agent of ${imported.source} (${settings.options.algorithm}), ${formatCount(imported.steps)} steps and ` +
            `${formatCount(imported.updates)} updates; saved in ${directory}`,
        )
        say(`To evaluate it: ${sacCommand('eval', directory)}`)
      } finally {
        await closeAtEnd([env])
      }
    })
}
