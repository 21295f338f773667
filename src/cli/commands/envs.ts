import type { Command } from '@commander-js/extra-typings'
import { environments } from '../../envs/environments.ts'
import { say } from '../output/say.ts'

/** Adds `sac envs`. */
export function addEnvsCommand(program: Command): void {
  program
    .command('envs')
    .summary('list the environments')
    .description('List the environments and their options.')
    .action(() => {
      for (const { id, summary, options = {} } of environments()) {
        say(`${id}: ${summary}`)
        for (const [name, meaning] of Object.entries(options)) {
          say(`  --env-option ${name}=...  ${meaning}`)
        }
      }
    })
}
