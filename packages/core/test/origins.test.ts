import { describe, expect, it } from 'vitest'
import { isTokenError } from '../src/errors.ts'
import { allowedOrigins, type OriginOptions } from '../src/origins.ts'

function refusal(options: OriginOptions, baseUrl?: string): string {
  try {
    allowedOrigins(options, baseUrl)
  } catch (error) {
    if (isTokenError(error) && error.code === 'invalid_option') return error.message
    throw error
  }
  return 'accepted'
}

describe('A1 the allowed origins', () => {
  it.each([
    ['https://api.example.com', 'https://api.example.com'],
    ['https://api.example.com/', 'https://api.example.com'],
    ['HTTPS://API.Example.com:443', 'https://api.example.com'],
    ['https://api.example.com:8443', 'https://api.example.com:8443'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://[2001:db8::1]', 'https://[2001:db8::1]'],
  ])('are spelled as URL.origin spells them: %s', (entry, origin) => {
    expect([...allowedOrigins({ origins: entry })]).toEqual([origin])
  })

  it('may be several', () => {
    expect([...allowedOrigins({ origins: ['https://a.example', 'https://b.example'] })]).toEqual([
      'https://a.example',
      'https://b.example',
    ])
  })

  it('may be URLs too', () => {
    const url = new URL('https://api.example.com')
    expect([...allowedOrigins({ origins: url })]).toEqual(['https://api.example.com'])
    expect([...allowedOrigins({ origins: [url, 'https://b.example'] })]).toEqual([url.origin, 'https://b.example'])
    expect(refusal({ origins: new URL('/v1', url) })).toContain("pass 'https://api.example.com'")
    expect(refusal({ origins: [new URL('http://api.example.com')] })).toContain('allowInsecureOrigins: true')
  })

  it.each([null, 1, {}, [null], new Set(['https://api.example.com'])])(
    'are named where they are something else: %s',
    (origins) => {
      expect(refusal({ origins: origins as never })).toBe('origins takes strings and URLs')
    },
  )

  it("default to the origin of the client's base URL, whatever its path", () => {
    expect([...allowedOrigins({}, 'https://api.example.com/v1/?x=1')]).toEqual(['https://api.example.com'])
    expect([...allowedOrigins({}, new URL('https://api.example.com/v1'))]).toEqual(['https://api.example.com'])
  })

  it('replace that default where both are given', () => {
    expect([...allowedOrigins({ origins: 'https://a.example' }, 'https://b.example')]).toEqual(['https://a.example'])
  })

  it.each([
    [{}, undefined],
    [{ origins: [] }, 'https://b.example'],
    [{}, '/api'],
    [{}, 'file:///etc/passwd'],
  ])('cannot be guessed: %j with base URL %s is refused with what to pass', (options, baseUrl) => {
    expect(refusal(options, baseUrl)).toContain("origins: 'https://api.example.com'")
  })

  it.each([
    ['https://*.example.com', 'no wildcards'],
    ['*', 'no wildcards'],
    ['api.example.com', 'needs https://'],
    ['localhost:3000', 'needs https://'],
    ['ftp://api.example.com', 'needs https://'],
    ['', 'needs https://'],
    [
      'https://api.example.com/v1',
      "origins has no paths, a token is locked to a whole origin: pass 'https://api.example.com'",
    ],
    ['https://api.example.com/?x', "pass 'https://api.example.com'"],
    ['https://api.example.com/#x', "pass 'https://api.example.com'"],
  ])('are whole origins and nothing else: %s is refused', (entry, reason) => {
    expect(refusal({ origins: entry })).toContain(reason)
  })

  it('never repeat credentials of a mistaken entry', () => {
    expect(refusal({ origins: 'https://user:hunter2@api.example.com' })).not.toContain('hunter2')
    expect(refusal({ origins: 'https://user:hunter2@*.example.com' })).not.toContain('hunter2')
  })

  it.each([
    'http://localhost:3000',
    'http://app.localhost',
    'http://127.0.0.1:8080',
    'http://127.255.1.2',
    'http://2130706433',
    'http://[::1]:8080',
  ])('may be plain http on loopback: %s', (entry) => {
    expect(refusal({ origins: entry })).toBe('accepted')
    expect(refusal({}, `${entry}/api`)).toBe('accepted')
  })

  it.each([
    'http://api.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://notlocalhost',
    'http://128.0.0.1',
    'http://[::2]',
    'http://192.168.0.1',
  ])('may not be plain http elsewhere, unless the user says so: %s', (entry) => {
    expect(refusal({ origins: entry })).toContain('allowInsecureOrigins: true')
    expect(refusal({}, entry)).toContain('allowInsecureOrigins: true')
    expect(refusal({ origins: entry, allowInsecureOrigins: true })).toBe('accepted')
    expect(refusal({ allowInsecureOrigins: true }, entry)).toBe('accepted')
  })
})
