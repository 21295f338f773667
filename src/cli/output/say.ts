import { printableLines } from '../../printable.ts'

/** Prints lines of text, of which parts may come from files of somebody else: nothing in it reaches the terminal as a command. */
export const say = (text: string): void => void process.stdout.write(`${printableLines(text)}\n`)
