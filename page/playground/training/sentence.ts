/** How browsers say that they give no memory: none of them says what to do. */
const NO_MEMORY = /allocation failed|could not allocate|out of memory|invalid (typed )?array length/i

/** What went wrong, as a sentence that a person can act on. */
export function sentenceOf(message: string): string {
  if (NO_MEMORY.test(message)) {
    return (
      `The browser gives this page no more memory (${message}). Take a smaller bufferSize, smaller networks or fewer ` +
      'copies, or close other tabs.'
    )
  }
  return /[.!?:]$/.test(message) ? message : `${message}.`
}
