/** A word of a command as a shell reads it: in quotes if it has any character that a shell would not take as it is. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./\\-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
