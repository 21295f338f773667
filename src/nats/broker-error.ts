/** A NATS server is out of reach, or does not let this program do what it must. */
export class BrokerError extends Error {
  override name = 'BrokerError'
}
