// The three programs that take part: the sandbox, the official SDK (in this process) and this module (ours.lua).
// A peer has define(url, config) and call(module, method, args), which gives { value } or { failure } and { saved }.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

// A child that is talked to by lines, and that ends with its stdin.
class Child {
  constructor(command, args) {
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]()
    this.ended = new Promise((done) => this.process.on('exit', done).on('error', done))
    this.process.stdin.on('error', () => {}) // it died; read() tells
    this.name = command + ' ' + args[0]
  }

  async read() {
    const { value, done } = await Promise.race([this.lines.next(), this.ended.then(() => this.lines.next())])
    if (done) throw new Error(this.name + ' ended')
    return value
  }

  write(line) {
    this.process.stdin.write(line + '\n')
  }

  async stop() {
    this.process.stdin.end()
    await this.ended
  }
}

export class Sandbox {
  static async start() {
    const self = new Sandbox()
    const main = here('../../src/lua/oneentry/sandbox/main.lua')
    self.child = new Child(process.env.SANDBOX_LUA, [main, '--port', '0', '--until-eof'])
    const started = /^listening on (.+)$/.exec(await self.child.read())
    if (!started) throw new Error('the sandbox did not start')
    self.url = started[1]
    return self
  }

  async control(path, body) {
    const options = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(this.url + '/__sandbox/' + path, options)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }

  async reset() {
    await this.control('reset', {})
    this.seen = 0
  }

  // The requests since the last time.
  async requests() {
    const { items } = await this.control('log')
    const fresh = items.filter((item) => item.number > this.seen)
    this.seen += fresh.length
    return fresh
  }

  expireAccessTokens() {
    return this.control('fault', { expire_access_tokens: true })
  }

  // The visitor's click on the pay page.
  async pay(url, result) {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: new URLSearchParams({ result }), redirect: 'manual' })
    if (response.status !== 303) throw new Error('the pay page answered ' + response.status)
  }

  async lastCode() {
    const { codes } = await this.control('log')
    return codes[codes.length - 1].code
  }

  stop() {
    return this.child.stop()
  }
}

export class Official {
  constructor(modules) {
    this.name = 'official'
    this.defineOneEntry = createRequire(modules + '/').call(null, 'oneentry').defineOneEntry
  }

  define(url, { device, ...config }) {
    this.saved = []
    const auth = { ...config.auth, saveFunction: (token) => this.saved.push(token) }
    this.client = this.defineOneEntry(url, { ...config, auth })
    // Outside a browser each module of the SDK is a device of its own, so that a refresh caused by Orders is refused to
    // a session opened by AuthProvider (contract D26). In a browser it has one id, as here.
    const id = device.fingerprint.slice('UQ_'.length)
    for (const module of Object.values(this.client)) module._nodeDeviceId = id
  }

  async call(module, method, args) {
    this.saved = []
    const outcome = {}
    try {
      const value = await this.client[module][method](...structuredClone(args))
      if (value instanceof Error) throw value
      if (Number.isInteger(value?.statusCode)) outcome.failure = { body: value, raised: false }
      else outcome.value = value === undefined ? { $nil: true } : value
    } catch (error) {
      if (error instanceof Error) outcome.value = { $error: error.name + ': ' + error.message }
      else outcome.failure = { body: error, raised: true }
    }
    return { ...outcome, saved: this.saved }
  }
}

export class Ours {
  constructor() {
    this.name = 'ours'
    this.child = new Child(process.env.LUA, [here('ours.lua')])
  }

  async ask(request) {
    this.child.write(JSON.stringify(request, (_, value) => (value === undefined ? { $undefined: true } : value)))
    return JSON.parse(await this.child.read())
  }

  define(url, config) {
    return this.ask({ define: { url, config } })
  }

  async call(module, method, args) {
    const answer = await this.ask({ module, method, args })
    if (answer.saved.$empty) answer.saved = []
    return answer
  }

  stop() {
    return this.child.stop()
  }
}
