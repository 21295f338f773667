/** Something cannot be done the way it was asked for; the message is one sentence for the user. */
export class UsageError extends Error {
  override name = 'UsageError'
}
