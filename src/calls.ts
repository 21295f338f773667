/** Calls of another thread or process: those made in one tick travel in one message, and one message answers them. */
export interface Calls<Request, Answer> {
  /** Rejects if the other side answers with an error or has ended. */
  call(request: Request): Promise<Answer>
  /** Must be called with every message that comes back: the results of the calls in the oldest pending message. */
  answered(outcomes: readonly ({ value: Answer } | { error: unknown })[]): void
  /** Must be called when the other side has ended: fails the pending calls and all later ones. */
  ended(reason: Error): void
}

/** How messages get to the other side. */
export interface CallsOptions<Request> {
  post(requests: readonly Request[]): void
  /** Called with whether an answer is awaited: only then should the other side keep this program alive. */
  onAwaited(awaited: boolean): void
}

interface Pending<Answer> {
  resolve(value: Answer): void
  reject(error: unknown): void
}

/** Collects the calls of a tick and sends them with `post`. */
export function createCalls<Request, Answer>({
  post,
  onAwaited,
}: CallsOptions<Request>): Calls<Request, Answer> {
  let requests: Request[] = []
  let waiting: Pending<Answer>[] = []
  /** Pending messages, oldest first. */
  const sent: Pending<Answer>[][] = []
  let over: Error | undefined

  function send(): void {
    sent.push(waiting)
    onAwaited(true)
    post(requests)
    requests = []
    waiting = []
  }

  return {
    call: request =>
      new Promise((resolve, reject) => {
        if (over) return reject(over)
        if (requests.length === 0) queueMicrotask(send)
        requests.push(request)
        waiting.push({ resolve, reject })
      }),

    answered(outcomes) {
      const calls = sent.shift()!
      for (const [i, outcome] of outcomes.entries()) {
        if ('error' in outcome) calls[i].reject(outcome.error)
        else calls[i].resolve(outcome.value)
      }
      if (sent.length === 0) onAwaited(false)
    },

    ended(reason) {
      over ??= reason
      for (const { reject } of [...sent.splice(0).flat(), ...waiting]) reject(over)
    },
  }
}
