/**
 * Who may talk to the local server: the browser that was opened with its token. Pages of other sites, also those that
 * have made their name point to this machine (DNS rebinding), are refused, whatever they ask for.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

/** Scripts and styles from files of this server alone; nothing from elsewhere, no frames, no forms. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * For the Worker in which environments act, which has a policy of its own: MuJoCo's bindings make functions from texts.
 * It sees nothing of the page, and what it gets from a run is numbers.
 */
export const WORKER_POLICY = POLICY.replace("'wasm-unsafe-eval'", "'unsafe-eval'")

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

/** A word that nobody can guess. */
export const newToken = (): string => randomBytes(24).toString('base64url')

/**
 * Lets in only requests to this machine's own address, from this server's own page, with the token: in the address at
 * first, from then on in a cookie that scripts cannot read and other sites cannot send.
 *
 * @param port of the server, once it is known
 */
export function guard(token: string, port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context
    const hosts = [`127.0.0.1:${port()}`, `localhost:${port()}`]
    const host = req.header('host') ?? ''
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value)
    context.header('Cache-Control', 'no-store')
    const refuse = (reason: string) => context.json({ error: reason }, 403)
    if (!hosts.includes(host)) return refuse('This server answers to its own address alone.')
    const origin = req.header('origin')
    if (origin !== undefined && origin !== `http://${host}`) return refuse('Another site may not ask.')
    const site = req.header('sec-fetch-site')
    const isOwn = site === undefined || site === 'same-origin' || site === 'none'
    // A link on another site may lead here, but only to the page, and the cookie does not come along.
    if (!isOwn) return refuse('Another site may not ask.')

    const cookie = `sac-ui-${port()}`
    const given = req.query('token')
    if (given !== undefined && req.method === 'GET' && isSame(given, token)) {
      setCookie(context, cookie, token, { httpOnly: true, sameSite: 'Strict', path: '/' })
      return context.redirect('/runs/', 303)
    }
    if (!isSame(getCookie(context, cookie) ?? '', token)) {
      return context.text('Open the address that `sac ui` has printed: it has a token in it.', 401)
    }
    if (req.method === 'GET') return next()
    if (req.method !== 'POST') return context.json({ error: `${req.method} is not allowed.` }, 405)
    // Forms, the one thing that other sites could send without asking first, have other types.
    const isJson = req.header('content-type')?.split(';')[0].trim() === 'application/json'
    if (origin === undefined || !isJson) return refuse('Changes come from the page itself, as JSON.')
    return next()
  }
}

/** Takes the same time whatever is wrong. */
function isSame(a: string, b: string): boolean {
  const [x, y] = [a, b].map(text => createHash('sha256').update(text).digest())
  return timingSafeEqual(x, y)
}
