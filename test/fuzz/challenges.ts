import { parseChallenges } from '@tokenflight/core'
import fc from 'fast-check'
import { holds, type Target } from './target.ts'

const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,9}$/)
const token68 = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,20}={0,2}$/)
const blank = fc.stringMatching(/^[ \t]{0,2}$/)
const noise = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'error', 'realm="', '\t', 'abc=='))
    .map((parts) => parts.join('')),
)

const parameters = fc.uniqueArray(fc.tuple(token, fc.stringMatching(/^[\x20-\x7e]*$/), blank), {
  selector: ([parameter]) => parameter.toLowerCase(),
  maxLength: 4,
})
const challenge = fc.oneof(
  fc.record({ scheme: token, parameters }),
  fc.record({ scheme: token, parameters: fc.constant([]), token68 }),
)

export const challenges: Target = {
  name: 'WWW-Authenticate',
  property: fc.asyncProperty(fc.array(challenge, { maxLength: 4 }), noise, async (given, text) => {
    const header = given.map(print).join(', ')
    const wanted = given.map(({ scheme, parameters: own, ...rest }) => [
      scheme.toLowerCase(),
      Object.fromEntries(own.map(([parameter, value]) => [parameter.toLowerCase(), value])),
      'token68' in rest ? rest.token68 : undefined,
    ])
    const found = parseChallenges(header).map((each) => [each.scheme, { ...each.parameters }, each.token68])
    holds(JSON.stringify(found) === JSON.stringify(wanted), `${header} was read as ${JSON.stringify(found)}`)

    // Whatever comes before it, and however long: no failure, and no more time than a length of that kind explains.
    const long = text.repeat(Math.ceil(20_000 / Math.max(1, text.length)))
    const began = performance.now()
    parseChallenges(long)
    holds(performance.now() - began < 1_000, `${long.length} characters took more than a second`)
  }),
}

type Given = typeof challenge extends fc.Arbitrary<infer C> ? C : never

function print({ scheme, parameters: own, ...rest }: Given): string {
  if ('token68' in rest) return `${scheme} ${rest.token68}`
  const printed = own.map(
    ([parameter, value, space]) => `${parameter}${space}=${space}"${value.replace(/["\\]/g, '\\$&')}"`,
  )
  return `${scheme} ${printed.join(', ')}`.trim()
}
