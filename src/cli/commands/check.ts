import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { checkEnv, type Finding } from '../../env/check-env.ts'
import type { ActionSpace } from '../../env/spaces.ts'
import { option } from '../../options.ts'
import { printableLines } from '../../printable.ts'
import { environmentName, resolvePaths } from '../../run/environment-path.ts'
import { makeUnchecked } from '../../run/environments/environment.ts'
import { closeAtEnd } from '../environments/close-in-time.ts'
import { envOptionFlag } from '../environments/env-option.ts'
import { episodeSeedOption, flagsFor } from '../option-flags.ts'
import { coloursFor } from '../output/colours.ts'
import { formatCount } from '../output/format.ts'
import { say } from '../output/say.ts'

const { red, yellow } = coloursFor(process.stdout)

const checkSchema = z.strictObject({
  steps: option(
    z._default(z.int().check(z.minimum(1)), 2000),
    'Steps to try, with random actions',
    'a whole number of at least 1',
  ),
  seed: episodeSeedOption('Seed of the environment and of the actions, by default 0'),
})

/** Adds `sac check`. */
export function addCheckCommand(program: Command): void {
  const command = program
    .command('check')
    .summary('look for mistakes in an environment')
    .description('Try an environment out with random actions; exit code 1 if something is wrong with it.')
    .argument('<environment>', 'an id that `sac envs` lists, a file such as ./my-env.ts, or gymnasium:<id>')
    .addOption(envOptionFlag())
  for (const flag of flagsFor(checkSchema)) command.addOption(flag)

  command.action(async (environment, { envOption: environmentOptions = {}, ...flags }) => {
    const { steps, seed } = checkSchema.parse(flags)
    const named = resolvePaths({ environment, environmentOptions }, process.cwd())
    const envs = await makeUnchecked(named, 1)
    const [{ observationSpace, actionSpace }] = envs
    const findings = await checkEnv(envs[0], { steps, seed })
    const name = environmentName(named.environment)
    if (findings.length === 0) {
      say(`${name}: nothing wrong was found in ${formatCount(steps)} steps with random actions.`)
      say(`  observation  ${describeSpace(observationSpace)}`)
      say(`  action       ${describeSpace(actionSpace)}`)
    } else {
      const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`
      say(`${name}: ${count}`)
      for (const finding of findings) process.stdout.write(`\n${describeFinding(finding)}\n`)
      process.exitCode = 1
    }
    await closeAtEnd(envs)
  })
}

const meaning = {
  error: 'training would fail or learn the wrong thing',
  warning: 'likely not what you meant',
}

function describeFinding({ severity, problem, remedy }: Finding): string {
  const colour = severity === 'error' ? red : yellow
  return `${colour(severity)} (${meaning[severity]})\n${printableLines(`  What was seen: ${problem}.\n  What to do:    ${remedy}.`)}`
}

/** `3 numbers in [-1, 1]`, with the least and the largest of all bounds, or `one of 4 choices`. */
function describeSpace(space: ActionSpace): string {
  if (space.kind === 'discrete') {
    const { n, nvec, size } = space
    return size === 1
      ? `one of ${n} choices`
      : `${size} choices, of ${nvec.join(', ')} values (${n} combinations)`
  }
  const { size, shape, low, high } = space
  const extents = shape.length > 1 ? ` (${shape.join(' x ')})` : ''
  const bounds = `[${Math.min(...low)}, ${Math.max(...high)}]`
  return `${size} number${size === 1 ? '' : 's'}${extents} in ${bounds}`
}
