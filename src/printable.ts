/**
 * Control characters, marks that turn the direction of writing, separators of lines, and what is no character at all:
 * a terminal obeys them, and XML does not allow most of them.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/gu

/** A text from elsewhere, such as a file's name, with all that a terminal would obey written as an escape: `\u{1b}`. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, character => `\\u{${character.codePointAt(0)!.toString(16)}}`)

/** The same for a text of several lines: line breaks stay. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n')
