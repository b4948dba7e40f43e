import { isTokenError } from '@tokenflight/core'
import { describe, expect, it } from 'vitest'
import { type Fetch, installBearer } from '../src/index.ts'
import { twoTokens } from './kit.ts'

const origins = 'https://api.example.com'

/** Something with a fetch, which says what it saw. */
function host() {
  const seen: (string | null)[] = []
  const original: Fetch = async (_, init) => {
    seen.push(new Headers(init?.headers).get('authorization'))
    return new Response('ok')
  }
  return { seen, original, target: { fetch: original } }
}

describe('A12 installing on a fetch', () => {
  it('authorizes every call until it is uninstalled, and puts the old fetch back', async () => {
    const { seen, original, target } = host()
    const uninstall = installBearer(target, twoTokens(), { origins })
    await target.fetch(origins)
    uninstall()
    await target.fetch(origins)
    expect(seen).toEqual(['Bearer a', null])
    expect(target.fetch).toBe(original)
  })

  it('stays underneath a later patch when uninstalled, and passes everything through', async () => {
    const { seen, target } = host()
    const uninstall = installBearer(target, twoTokens(), { origins })
    const ours = target.fetch
    const patch: Fetch = (input, init) => ours(input, init)
    target.fetch = patch
    uninstall()
    await target.fetch(origins)
    expect(target.fetch).toBe(patch)
    expect(seen).toEqual([null])
  })

  it('passes a call through that somebody makes with the function they kept', async () => {
    const { seen, target } = host()
    const uninstall = installBearer(target, twoTokens(), { origins })
    const kept = target.fetch
    uninstall()
    await kept(origins)
    expect(seen).toEqual([null])
  })

  it('of the same tokens twice is refused, also under a later patch, and says what to do', () => {
    const { target } = host()
    const tokens = twoTokens()
    installBearer(target, tokens, { origins })
    const ours = target.fetch
    target.fetch = (input, init) => ours(input, init)
    let thrown: unknown
    try {
      installBearer(target, tokens, { origins: 'https://other.example' })
    } catch (error) {
      thrown = error
    }
    expect(isTokenError(thrown) && thrown.code).toBe('invalid_option')
    expect(String(thrown)).toContain('origins: [...]')
  })

  it('of other tokens works side by side, uninstalled in any order', async () => {
    const { seen, original, target } = host()
    const first = installBearer(target, twoTokens(), { origins })
    const second = installBearer(target, twoTokens(), { origins: 'https://other.example' })
    await target.fetch(origins)
    await target.fetch('https://other.example')
    first()
    await target.fetch(origins)
    await target.fetch('https://other.example')
    second()
    await target.fetch('https://other.example')
    expect(seen).toEqual(['Bearer a', 'Bearer a', null, 'Bearer a', null])
    expect(target.fetch).not.toBe(original)
  })

  it('may be done again after uninstalling; uninstalling twice does no harm', async () => {
    const { seen, original, target } = host()
    const tokens = twoTokens()
    const uninstall = installBearer(target, tokens, { origins })
    uninstall()
    const again = installBearer(target, tokens, { origins })
    uninstall()
    expect(() => installBearer(target, tokens, { origins })).toThrow(/installed here already/)
    await target.fetch(origins)
    again()
    expect(seen).toEqual(['Bearer a'])
    expect(target.fetch).toBe(original)
  })

  it('does not patch anything where the options are wrong', () => {
    const { original, target } = host()
    expect(() => installBearer(target, twoTokens(), { origins: [] })).toThrow(/origins/)
    expect(target.fetch).toBe(original)
    expect(() => installBearer(target, twoTokens(), JSON.parse('{}'))).toThrow(/origins/)
    expect(target.fetch).toBe(original)
  })

  it('works on globalThis', async () => {
    const before = globalThis.fetch
    const uninstall = installBearer(globalThis, twoTokens(), { origins })
    expect(globalThis.fetch).not.toBe(before)
    uninstall()
    expect(globalThis.fetch).toBe(before)
  })
})
