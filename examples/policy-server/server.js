/**
 * A policy behind HTTP, for programs in other languages: `node server.js policy.safetensors [PORT]`.
 *
 *   POST /act   { "observation": [1, 0, 0] }   ->   { "action": [0.3] }
 *   GET /       what the policy takes and gives
 *
 * `sac export RUN --format safetensors --out policy.safetensors` writes the file. No engine, no training: a request takes
 * microseconds.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { loadPolicy } from 'soft-actor-critic/policy'

const [file, port = '8080'] = process.argv.slice(2)
if (!file) {
  console.error('usage: node server.js policy.safetensors [PORT]')
  process.exit(2)
}
const policy = loadPolicy(readFileSync(file))
const { observationSpace, actionSpace } = policy

/** More than any observation needs. */
const LONGEST_BODY = 1_000_000

const server = createServer(async (request, response) => {
  const answer = (status, value) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
  }
  if (request.method === 'GET' && request.url === '/') return answer(200, { observationSpace, actionSpace })
  if (request.method !== 'POST' || request.url !== '/act')
    return answer(404, { error: 'POST /act, or GET /' })
  try {
    let body = ''
    for await (const chunk of request) {
      body += chunk
      if (body.length > LONGEST_BODY) return answer(413, { error: 'the request is too long' })
    }
    const { observation } = JSON.parse(body)
    answer(200, { action: [...policy.act(observation, { deterministic: true })] })
  } catch (error) {
    // A wrong length, something that is no number, or no JSON: the message says which.
    answer(400, { error: error.message })
  }
})
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port} acts by ${file}`)
})
