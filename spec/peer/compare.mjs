// Same or not? What may differ is listed here by name, each with its reason; everything else is a difference.

export const deviations = {
  'null members': 'a null member of an object is absent, so that `if session.paymentUrl then` works',
  'empty tables': 'an empty list and an empty object are both {}: lua-cjson 2.1.0 cannot mark lists',
  'errors apart': 'a failure is nil and err (or raises err), never a value; err.body is what the SDK returns or throws',
  'language asked for': 'a map is translated into the language of the call; the SDK only looks for the default one (D20)',
  'no refresh without a token': 'the 401 is the answer then; the SDK posts an empty refresh (D14)',
  'a login is not repeated': 'a 401 on auth is the answer; the SDK refreshes the old session and logs in again (D16)',
}
export const met = {} // how often each was seen

function meet(name) {
  met[name] = (met[name] ?? 0) + 1
  return true
}

const DAY = 24 * 3600 * 1000
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const ACCESS = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/
const REFRESH = /^\d{13}-[0-9a-f-]{36}$/
const SECRET = /^(pi_\d+_secret_)[0-9a-f-]{36}$/
const REDUCED = /^.{4}\.\.\..{4}$/ // a token in the sandbox's log

// Ids stay: a fresh sandbox gives both peers the same ones. So do moments that are not of this run.
function normalised(value, key) {
  if (typeof value === 'string') {
    if (TIMESTAMP.test(value) && Math.abs(Date.parse(value) - Date.now()) < DAY) return '<now>'
    if (ACCESS.test(value)) return '<access token>'
    if (REFRESH.test(value)) return '<refresh token>'
    if (key === 'authorization') return value.split(' ')[0] + ' <token>'
    if (key === 'refreshToken' && REDUCED.test(value)) return '<token>'
    return value.replace(SECRET, '$1<secret>')
  }
  if (Array.isArray(value)) return value.map((item) => normalised(item))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, normalised(item, name)]))
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)
const text = (value) => (value === undefined ? 'absent' : JSON.stringify(value))

// The SDK has left a map that holds the language of the call.
function isTranslation(theirs, ours, language) {
  return language && isObject(theirs) && language in theirs && compare(theirs[language], ours, '', language).length === 0
}

function compareMembers(theirs, ours, path, language) {
  const found = []
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
    if (theirs[key] === null && !(key in ours) && meet('null members')) continue
    found.push(...compare(theirs[key], ours[key], `${path}.${key}`, language))
  }
  return found
}

// The differences as texts. `language`: of the call, if it named one.
function compare(theirs, ours, path, language) {
  if (theirs === ours) return []
  if (ours?.$empty && Array.isArray(theirs) && theirs.length === 0 && meet('empty tables')) return []
  if (ours?.$empty && isObject(theirs)) return compareMembers(theirs, {}, path, language)
  if (Array.isArray(theirs) && Array.isArray(ours) && theirs.length === ours.length) {
    return theirs.flatMap((item, i) => compare(item, ours[i], `${path}[${i}]`, language))
  }
  if (isTranslation(theirs, ours, language) && meet('language asked for')) return []
  if (isObject(theirs) && isObject(ours)) return compareMembers(theirs, ours, path, language)
  return [`${path || 'value'}: official ${text(theirs)}, ours ${text(ours)}`]
}

function compareFailure(theirs, ours) {
  meet('errors apart')
  const { body, ...mine } = ours
  const { statusCode, message } = theirs.body
  return [
    ...compare(theirs.body, body, 'err.body'),
    ...compare({ code: 'http', statusCode, message, raised: theirs.raised }, mine, 'err'),
  ]
}

function compareAnswers(theirs, ours, language) {
  if (theirs.failure && ours.failure) return compareFailure(theirs.failure, ours.failure)
  if (theirs.failure || ours.failure) return [`official ${text(theirs)}, ours ${text(ours)}`]
  return compare(theirs.value, ours.value, '', language)
}

function plainRequest({ method, path, headers, body, status }) {
  const { host, 'user-agent': agent, ...kept } = headers
  return normalised({ method, path: decodeURIComponent(path), headers: kept, body, status })
}

function compareRequests(theirs, ours) {
  if (theirs.length === ours.length) return theirs.flatMap((item, i) => compare(item, ours[i], `request ${i + 1}`))
  const lines = (requests) => requests.map(({ method, path, status }) => `${method} ${path} -> ${status}`).join(', ')
  return [`official sent [${lines(theirs)}], ours [${lines(ours)}]`]
}

// Takes out what the SDK sends in vain and we do not. A session that it renewed that way was saved, too.
function withoutVain(method, requests, saved) {
  const [first, second, ...rest] = requests
  if (!second?.path.endsWith('/users/refresh')) return { requests, saved }
  if (Object.keys(second.body).length === 0 && meet('no refresh without a token')) return { requests: [first, ...rest], saved }
  if (method === 'auth' && meet('a login is not repeated')) return { requests: [first], saved: [] }
  return { requests, saved }
}

// Two records of the same step (main.mjs): what differs in the result, and what on the wire.
export function compareSteps(official, ours) {
  const theirs = normalised(official.answer), mine = normalised(ours.answer)
  const language = official.args.find((arg) => typeof arg === 'string' && /^[a-z]{2}_[A-Z]{2}$/.test(arg))
  const { requests, saved } = withoutVain(official.method, official.requests.map(plainRequest), theirs.saved)
  return {
    result: [...compareAnswers(theirs, mine, language), ...compare(saved, mine.saved, 'saveFunction')],
    requests: compareRequests(requests, ours.requests.map(plainRequest)),
  }
}
