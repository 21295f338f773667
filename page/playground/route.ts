/** Which door of the page is open: the playground, or a chapter of the guided tour at `#tour/3`. */

export const CHAPTERS = 7

/** The number of the chapter that an address's end asks for; undefined where it asks for the playground. */
export function chapterIn(hash: string): number | undefined {
  const match = /^#tour(?:\/(\d+))?$/.exec(hash)
  if (!match) return undefined
  return Math.min(CHAPTERS, Math.max(1, Number(match[1] ?? 1)))
}

export const toChapter = (number: number) => `#tour/${number}`
