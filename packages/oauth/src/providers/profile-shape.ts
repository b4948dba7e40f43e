import { invalidOption } from '../invalid-option.ts'

/** Throws where a value is not what the place at `path` is for. */
type Check = (value: unknown, path: string) => void

const must =
  (fits: (value: unknown) => boolean, what: string): Check =>
  (value, path) => {
    if (!fits(value)) throw invalidOption(path, `must be ${what}`)
  }

const text = must((value) => typeof value === 'string' && value !== '', 'a string that is not empty')
const flag = must((value) => typeof value === 'boolean', 'true or false')
const duration = must(
  (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
  'a number of milliseconds, zero or more',
)
const oneOf = (...words: string[]) =>
  must((value) => words.some((word) => word === value), `one of ${words.join(', ')}`)
const status = must((value) => Number.isInteger(value), 'an HTTP status')
const object = must(isPlainObject, 'an object')

const listOf =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) throw invalidOption(path, 'must be an array')
    for (const [at, each] of value.entries()) check(each, `${path}[${at}]`)
  }

const mapOf =
  (check: Check): Check =>
  (value, path) => {
    object(value, path)
    for (const [name, each] of Object.entries(Object(value))) check(each, `${path}.${name}`)
  }

/** Members by name. A mistyped name would otherwise be a fact that nobody hears of. */
const shape =
  (members: Readonly<Record<string, Check>>, required: readonly string[] = []): Check =>
  (value, path) => {
    object(value, path)
    for (const name of required)
      if (Object(value)[name] === undefined) throw invalidOption(`${path}.${name}`, 'is needed')
    for (const [name, each] of Object.entries(Object(value))) {
      const check = Object.hasOwn(members, name) ? members[name] : undefined
      if (check === undefined)
        throw invalidOption(
          `${path}.${name}`,
          `is nothing that profiles have there: ${Object.keys(members).join(', ')}`,
        )
      if (each !== undefined) check(each, `${path}.${name}`)
    }
  }

/** At least one thing that an answer must fit, lest it fit every answer. */
const row =
  (check: Check, ...conditions: string[]): Check =>
  (value, path) => {
    check(value, path)
    if (conditions.every((name) => Object(value)[name] === undefined))
      throw invalidOption(path, `must say which answers it is about: ${conditions.join(', ')}`)
  }

const means = oneOf('rejected', 'refused', 'unavailable', 'unknown', 'client_authentication_failed')

/** A profile that did not come from here, field by field. @throws TokenError `invalid_option`, which names the field */
export const checkShape: Check = shape(
  {
    title: text,
    tokenEndpoint: text,
    refreshEndpoint: text,
    placeholders: mapOf(shape({ example: text, default: text, values: listOf(text) }, ['example'])),
    request: shape({
      format: oneOf('form', 'json', 'query'),
      headers: mapOf(text),
      parameters: mapOf(text),
      clientIdHeader: text,
      grantType: flag,
    }),
    clientAuthentication: oneOf('client_secret_basic', 'client_secret_post'),
    clientCredentials: shape({ grantType: text, parameters: listOf(text) }),
    rotation: oneOf('always', 'sometimes', 'never', 'configurable'),
    spentToken: oneOf('valid', 'revoked', 'grace', 'until-successor-used'),
    grace: duration,
    endsAccessToken: flag,
    response: shape({ member: text, expiresAt: text, refreshExpiresIn: text, scopeArray: flag }),
    errors: listOf(row(shape({ status, code: text, message: text, means }, ['means']), 'status', 'code', 'message')),
    rejections: listOf(row(shape({ status, codes: listOf(text), text }, ['status']), 'codes', 'text')),
    policy: object,
  },
  ['title', 'tokenEndpoint'],
)

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
