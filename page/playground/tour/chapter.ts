import type { ComponentChildren, ComponentType } from 'preact'

/** One short chapter: a picture that moves, a control, and a question whose answer is to be predicted. */
export interface Chapter {
  /** In the list of chapters. */
  name: string
  title: string
  words: ComponentChildren
  equation: ComponentChildren
  question: string
  answers: readonly string[]
  /** Opens the chapter; `close` ends all that it started. */
  open(): Opened
}

export interface Opened {
  Picture: ComponentType
  Control: ComponentType
  /** Lets it happen; the reader has predicted by now. */
  play(): Promise<Outcome>
  close(): void
}

/** What happened. */
export interface Outcome {
  /** Which of the answers came true. */
  right: number
  /** What was seen, and a sentence of why. */
  why: ComponentChildren
}
