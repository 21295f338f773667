import { printableLines } from '../../printable.ts'

/** Prints lines of text. Parts of it may come from files of other people, so nothing in it reaches the terminal as a command. */
export const say = (text: string): void => void process.stdout.write(`${printableLines(text)}\n`)
