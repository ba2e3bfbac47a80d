// usage: main.mjs DIRECTORY-WITH-node_modules [FLOW...]
// Runs the flows with both peers and compares what each call returned and what it put on the wire.
import { compareSteps, deviations, met } from './compare.mjs'
import { flows } from './flows.mjs'
import { Official, Ours, Sandbox } from './peers.mjs'

const [modules, ...wanted] = process.argv.slice(2)
const DEVICE = { fingerprint: 'UQ_peer0123456789', os: 'Node.js', browser: 'Node.js/peer012345', location: 'en-US' }
const MODULES = ['AuthProvider', 'Orders', 'Payments', 'Users']

// The modules of a peer as a flow sees them: every call is written down.
function recorder(peer, sandbox, steps, status) {
  const call = async (module, method, args) => {
    const answer = await peer.call(module, method, args)
    const step = { name: `${module}.${method}`, method, args, answer, requests: await sandbox.requests() }
    steps.push(step)
    if (!answer.failure !== !status || answer.failure && answer.failure.body?.statusCode !== status) {
      step.surprise = `${peer.name}: ${status || 'success'} expected, got ${JSON.stringify(answer.failure ?? answer.value)}`
      if (!status) throw step // the rest of the flow has nothing to go on with
    }
    return answer.value
  }
  const shop = Object.fromEntries(MODULES.map((module) => [
    module, new Proxy({}, { get: (_, method) => (...args) => call(module, method, args) }),
  ]))
  shop.refused = (expected) => recorder(peer, sandbox, steps, expected)
  return shop
}

async function run(flow, peer, sandbox) {
  const steps = []
  await sandbox.reset()
  await peer.define(sandbox.url, { token: 'sandbox-app-token', device: DEVICE, ...flow.config })
  try {
    await flow.run(recorder(peer, sandbox, steps), sandbox)
  } catch (problem) {
    if (!problem.surprise) throw problem
  }
  return steps
}

let passed = 0, failed = 0
function check(name, problems) {
  if (problems.length === 0) {
    passed++
    return
  }
  failed++
  console.log(`FAILED: ${name}\n    ${problems.join('\n    ')}`)
}

async function compareFlow(flow, peers, sandbox) {
  const [theirs, mine] = [await run(flow, peers[0], sandbox), await run(flow, peers[1], sandbox)]
  const before = failed
  for (let i = 0; i < Math.max(theirs.length, mine.length); i++) {
    const a = theirs[i], b = mine[i], name = `${flow.name}, step ${i + 1}, ${(a ?? b).name}`
    if (!a || !b || a.surprise || b.surprise) {
      const missing = a && b ? [] : [`${a ? 'ours' : 'official'} did not come so far`]
      check(name, [a?.surprise, b?.surprise, ...missing].filter(Boolean))
      continue
    }
    const found = compareSteps(a, b)
    check(name + ': result', found.result)
    check(name + ': requests', found.requests)
  }
  console.log(`${failed === before ? 'same' : 'DIFFERENT'}: ${flow.name} (${mine.length} calls)`)
}

function reportDeviations() {
  console.log('\nDifferent on purpose:')
  for (const [name, reason] of Object.entries(deviations)) {
    console.log(`  ${name} (${met[name] ?? 0} times): ${reason}`)
    if (!wanted.length) check(`deviation '${name}'`, met[name] ? [] : ['was not seen: take it off the list'])
  }
}

try {
  const sandbox = await Sandbox.start()
  const peers = [new Official(modules), new Ours()]
  for (const flow of flows.filter(({ name }) => !wanted.length || wanted.includes(name))) {
    await compareFlow(flow, peers, sandbox)
  }
  await peers[1].stop()
  await sandbox.stop()
  reportDeviations()
} catch (problem) {
  check('the run', [problem.stack])
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed || !passed ? 1 : 0)
