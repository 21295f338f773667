import { printable } from '../../printable.ts'
import { shellWord } from '../../shell-word.ts'

/** How this program was started: npm says so to what it runs, and has it on no path of the user's. */
export const PROGRAM = process.env.npm_command ? 'npx sac' : 'sac'

/** `sac resume 'my run'`: a command on a run that works when it is pasted. */
export const sacCommand = (command: string, directory: string): string =>
  `${PROGRAM} ${command} ${printable(shellWord(directory))}`

/** What to look at after a training. */
export const whatNext = (directory: string): string =>
  [
    `To evaluate it again: ${sacCommand('eval', directory)}`,
    `To see its curve:     ${sacCommand('show', directory)}`,
    `To see it act:        ${sacCommand('record', directory)}`,
  ].join('\n')
