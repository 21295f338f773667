import { signal } from '@preact/signals'

/** Something to be read, with perhaps one thing to do about it. */
export interface Notice {
  id: number
  text: string
  kind: 'info' | 'bad'
  action?: { name: string; do(): void }
}

export const notices = signal<readonly Notice[]>([])

/** A question that is open. */
export const question = signal<{ text: string; yes: string; answer(yes: boolean): void } | undefined>(
  undefined,
)

let count = 0
/** What can be undone stays long enough to be read and to be thought about. */
const SHOWN_MS = 12_000

/** Shows something; errors stay until they are closed. */
export function report(
  text: string,
  { kind = 'info', action }: Partial<Pick<Notice, 'kind' | 'action'>> = {},
): void {
  const notice = { id: ++count, text, kind, action }
  notices.value = [...notices.value.slice(-3), notice]
  if (kind !== 'bad') setTimeout(() => dismiss(notice.id), SHOWN_MS)
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter(notice => notice.id !== id)
}

/** Asks the user, and answers with what was said. */
export const ask = (text: string, yes: string): Promise<boolean> =>
  new Promise(resolve => {
    question.value = {
      text,
      yes,
      answer(agreed) {
        question.value = undefined
        resolve(agreed)
      },
    }
  })
