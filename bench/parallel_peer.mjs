// usage: parallel_peer.mjs MODULES URL CALLS warm|cold
// The official SDK with Promise.all; as rounds.lua. A certificate authority comes in NODE_EXTRA_CA_CERTS.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const [modules, url, calls, mode] = process.argv.slice(2)
const { defineOneEntry } = createRequire(modules + '/')('oneentry')
const api = defineOneEntry(url, { token: 'app' })
api.Payments.setAccessToken('token')

async function batch() {
  const ids = Array.from({ length: Number(calls) }, (_, i) => i + 1)
  const all = await Promise.all(ids.map((id) => api.Payments.getSessionByOrderId(id)))
  all.forEach((sessions, i) => {
    if (sessions[2].orderId !== ids[i]) throw new Error('a wrong answer')
  })
}

// New connections: another dispatcher for fetch.
const dispatcher = Symbol.for('undici.globalDispatcher.1')
await fetch(url).catch(() => {}) // makes the first
function forget() {
  globalThis[dispatcher] = new globalThis[dispatcher].constructor()
}

for await (const _ of createInterface({ input: process.stdin })) {
  if (mode === 'warm') await batch()
  else forget()
  const wall = performance.now()
  const cpu = process.cpuUsage()
  await batch()
  const { user, system } = process.cpuUsage(cpu)
  console.log((performance.now() - wall).toFixed(3), ((user + system) / 1000).toFixed(3))
}
